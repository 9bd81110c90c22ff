#include "controller/kube/config.h"

#include "common/files.h"
#include "common/strings.h"
#include "controller/objects/base64.h"

#include <yaml-cpp/yaml.h>

#include <cstdlib>
#include <string_view>

namespace ropewalk::controller::kube {
namespace {

std::unexpected<Error> refuse(std::string message) {
  return fail(Kind::config, std::move(message), Origin::control);
}

// https://host[:port][/base], with IPv6 addresses in brackets.
Result<void> read_server(const std::string& url, const std::string& where, ClusterConfig& out) {
  const std::string expected =
      where + ": cluster.server: expected https://HOST[:PORT], found \"" + url + "\"";
  std::string_view rest = url;
  constexpr std::string_view kScheme = "https://";
  if (!rest.starts_with(kScheme)) return refuse(expected);
  rest.remove_prefix(kScheme.size());
  const std::size_t slash = rest.find('/');
  if (slash != rest.npos) {
    out.base_path = std::string(rest.substr(slash));
    while (out.base_path.ends_with('/')) out.base_path.pop_back();
    rest = rest.substr(0, slash);
  }
  std::string_view port;
  if (rest.starts_with('[')) {
    const std::size_t close = rest.find(']');
    if (close == rest.npos) return refuse(expected);
    out.host = std::string(rest.substr(1, close - 1));
    port = rest.substr(close + 1);
    if (!port.empty() && !port.starts_with(':')) return refuse(expected);
  } else {
    const std::size_t colon = rest.find(':');
    out.host = std::string(rest.substr(0, colon));
    if (colon != rest.npos) port = rest.substr(colon);
  }
  out.port = port.empty() ? "443" : std::string(port.substr(1));
  if (out.host.empty() || out.port.empty() ||
      out.port.find_first_not_of("0123456789") != std::string::npos) {
    return refuse(expected);
  }
  return {};
}

std::string scalar(const YAML::Node& node, const char* key) {
  const YAML::Node value = node[key];
  return value && value.IsScalar() ? value.Scalar() : std::string();
}

std::string resolved(const std::string& file, const std::string& kubeconfig) {
  if (file.empty() || file.starts_with('/')) return file;
  const std::size_t slash = kubeconfig.rfind('/');
  return slash == std::string::npos ? file : kubeconfig.substr(0, slash + 1) + file;
}

// `<key>-data` (base64) wins over `<key>` (a file name), as in kubectl.
Result<std::string> data_or_file(const YAML::Node& node, const std::string& key,
                                 const std::string& where, const std::string& kubeconfig) {
  if (const std::string data = scalar(node, (key + "-data").c_str()); !data.empty()) {
    auto decoded = decode_base64(data);
    if (!decoded) return refuse(where + ": " + key + "-data: expected base64");
    return *decoded;
  }
  const std::string file = resolved(scalar(node, key.c_str()), kubeconfig);
  if (file.empty()) return std::string();
  auto contents = read_file(file);
  if (!contents) return refuse(where + ": " + key + ": " + contents.error().message);
  return contents;
}

// The entry called `name` of a list of {name, <what>}.
YAML::Node entry(const YAML::Node& root, const char* list, const char* what,
                 const std::string& name) {
  for (const YAML::Node& item : root[list]) {
    if (scalar(item, "name") == name) return item[what];
  }
  return YAML::Node(YAML::NodeType::Undefined);
}

Result<void> read_user(const YAML::Node& user, const std::string& where,
                       const std::string& kubeconfig, ClusterConfig& out) {
  for (const char* plugin : {"exec", "auth-provider"}) {
    if (user[plugin]) {
      return refuse(where + ": user." + plugin +
                    ": credential plugins are not supported; use a token, tokenFile or a client "
                    "certificate");
    }
  }
  out.token = scalar(user, "token");
  out.token_file = resolved(scalar(user, "tokenFile"), kubeconfig);
  auto certificate = data_or_file(user, "client-certificate", where, kubeconfig);
  if (!certificate) return std::unexpected(certificate.error());
  auto key = data_or_file(user, "client-key", where, kubeconfig);
  if (!key) return std::unexpected(key.error());
  if (certificate->empty() != key->empty()) {
    return refuse(where + ": client-certificate and client-key belong together, one is missing");
  }
  out.client_certificate_pem = *certificate;
  out.client_key_pem = *key;
  return {};
}

Result<ClusterConfig> from_yaml(const YAML::Node& root, const std::string& path) {
  const std::string where = "kubeconfig " + path;
  if (!root.IsMap()) return refuse(where + ": expected a kubeconfig, found no map");
  const std::string current = scalar(root, "current-context");
  if (current.empty()) return refuse(where + ": current-context is not set");
  const YAML::Node context = entry(root, "contexts", "context", current);
  if (!context || !context.IsMap()) return refuse(where + ": no context \"" + current + "\"");
  const std::string cluster_name = scalar(context, "cluster");
  const YAML::Node cluster = entry(root, "clusters", "cluster", cluster_name);
  if (!cluster || !cluster.IsMap()) return refuse(where + ": no cluster \"" + cluster_name + "\"");
  ClusterConfig out;
  out.origin = where;
  if (auto done = read_server(scalar(cluster, "server"), where, out); !done) {
    return std::unexpected(done.error());
  }
  out.server_name = scalar(cluster, "tls-server-name");
  if (out.server_name.empty()) out.server_name = out.host;
  out.insecure_skip_verify = scalar(cluster, "insecure-skip-tls-verify") == "true";
  auto ca = data_or_file(cluster, "certificate-authority", where, path);
  if (!ca) return std::unexpected(ca.error());
  out.ca_pem = *ca;
  if (scalar(cluster, "certificate-authority-data").empty()) {
    out.ca_file = resolved(scalar(cluster, "certificate-authority"), path);
  }
  if (const std::string name = scalar(context, "namespace"); !name.empty()) out.namespace_ = name;
  const std::string user_name = scalar(context, "user");
  const YAML::Node user = entry(root, "users", "user", user_name);
  if (!user || !user.IsMap()) return refuse(where + ": no user \"" + user_name + "\"");
  if (auto done = read_user(user, where, path, out); !done) return std::unexpected(done.error());
  return out;
}

Result<ClusterConfig> load_kubeconfig(const std::string& path) {
  auto text = read_file(path);
  if (!text) return refuse("kubeconfig: " + text.error().message);
  try {
    return from_yaml(YAML::Load(*text), path);
  } catch (const YAML::Exception& error) {
    return refuse("kubeconfig " + path + ": line " + std::to_string(error.mark.line + 1) + ": " +
                  error.msg);
  }
}

Result<ClusterConfig> load_in_cluster(const std::string& host, const std::string& port,
                                      const std::string& folder) {
  ClusterConfig out;
  out.origin = "in-cluster credentials";
  out.host = host;
  out.port = port;
  out.server_name = host;
  out.token_file = folder + "/token";
  out.ca_file = folder + "/ca.crt";
  for (const auto& [file, target] :
       {std::pair{&out.token_file, &out.token}, {&out.ca_file, &out.ca_pem}}) {
    auto contents = read_file(*file);
    if (!contents) return refuse("in-cluster credentials: " + contents.error().message);
    *target = *contents;
  }
  out.token = std::string(trim(out.token, " \t\r\n"));
  if (auto name = read_file(folder + "/namespace")) {
    out.namespace_ = std::string(trim(*name, " \t\r\n"));
  }
  return out;
}

}  // namespace

Environment process_environment() {
  return [](const char* name) -> std::optional<std::string> {
    const char* value = std::getenv(name);
    if (!value) return {};
    return value;
  };
}

Result<ClusterConfig> load_cluster_config(const std::string& kubeconfig,
                                          const Environment& environment,
                                          const std::string& service_account_folder) {
  if (!kubeconfig.empty()) return load_kubeconfig(kubeconfig);
  const auto host = environment("KUBERNETES_SERVICE_HOST");
  if (host && !host->empty()) {
    return load_in_cluster(*host, environment("KUBERNETES_SERVICE_PORT").value_or("443"),
                           service_account_folder);
  }
  if (const auto named = environment("KUBECONFIG"); named && !named->empty()) {
    return load_kubeconfig(*named);
  }
  if (const auto home = environment("HOME"); home && !home->empty()) {
    const std::string path = *home + "/.kube/config";
    if (read_file(path)) return load_kubeconfig(path);
  }
  return refuse(
      "no Kubernetes API server: neither in-cluster credentials (KUBERNETES_SERVICE_HOST is not "
      "set) nor a kubeconfig (--kubeconfig, KUBECONFIG or ~/.kube/config); without a cluster use "
      "--source dir=PATH");
}

}  // namespace ropewalk::controller::kube
