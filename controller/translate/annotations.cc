#include "controller/translate/annotations.h"

#include "common/strings.h"
#include "controller/translate/limits.h"

#include <algorithm>
#include <iterator>
#include <vector>

namespace ropewalk::controller {
namespace {

using enum AnnotationLevel;

constexpr AnnotationRow kTable[] = {
    {"expose", service, "boolean", "false", "true",
     "Makes the gateway read the other keys of this Service.", true},
    {"gateway", service, "name", "default", "internal",
     "The gateway that serves it (`--gateway-name`); Services of other gateways are left alone.",
     true},
    {"port", service, "port name or number", "the only port, or the only one marked http or https",
     "http", "The Service port to call.", false},
    {"scheme", service, "http or https",
     "`appProtocol`, else https for a port named `https*` or numbered 443, else http", "https",
     "How to call it.", false},
    {"tls-server-name", service, "host name", "`<service>.<namespace>.svc`", "products.example.com",
     "SNI and the name that the certificate must carry.", false},
    {"allow-insecure-connections", service, "boolean", "false", "true",
     "Do not verify the certificate. For development; `policy.allowInsecureBackends` can forbid "
     "it.",
     false},
    {"ca-secret", service, "Secret of the same namespace", "the system CAs", "products-ca",
     "CAs (key `ca.crt`) that vouch for the certificate, in place of the system CAs.", false},
    {"ca-configmap", service, "ConfigMap of the same namespace", "the system CAs", "products-ca",
     "As `ca-secret`, from a ConfigMap (key `ca.crt`).", false},
    {"client-cert-secret", service, "Secret of the same namespace", "none", "gateway-client",
     "The certificate (kubernetes.io/tls) that the gateway shows.", false},
    {"host-header", service, "`preserve` or host[:port]", "`<service>.<namespace>.svc`", "preserve",
     "The Host field sent; `preserve` passes on what the client sent.", false},

    {"name", endpoint, "name", "the Service's name", "catalog",
     "What other Services write into `join`.", false},
    {"hostnames", endpoint, "list of host names", "any host", "shop.example.com,*.shop.example.com",
     "The hosts of the route: exact, or `*.` for one label.", true},
    {"endpoint", endpoint, "path", "none", "/v1/products/{id}",
     "Creates a route: the path that clients call.", true},
    {"method", endpoint, "GET, POST, PUT, PATCH or DELETE", "GET", "POST",
     "The method that clients use.", true},
    {"timeout", endpoint, "duration", "the gateway's, 2s", "800ms",
     "After this time the client gets what has arrived.", false},
    {"output-encoding", endpoint,
     "json, json-collection, string, xml, yaml, negotiate, fast-json or no-op", "json",
     "json-collection", "What the client gets.", false},
    {"input-headers", endpoint, "list", "none", "Authorization,Accept-Language",
     "Request headers that are passed on; `*` passes all.", false},
    {"input-query-strings", endpoint, "list", "none", "page,limit",
     "Query parameters that are passed on; `*` passes all.", false},
    {"pass-through", endpoint, "boolean", "false", "true",
     "Every method, all headers and parameters, the answer unchanged; `endpoint` may end in `/*`.",
     true},
    {"tls-secret", endpoint, "Secret of the same namespace", "the gateway's default", "shop-tls",
     "The certificate (kubernetes.io/tls) that serves `hostnames`; the namespace of the oldest "
     "Service on a host, or on a wildcard that covers it, decides.",
     false},
    {"extra-config", endpoint, "JSON object", "none",
     R"({"qos/ratelimit/router": {"max_rate": 100}})",
     "KrakenD's `extra_config` of the endpoint; nothing in it may name a file or a script.", false},
    {"allow-joins-from", endpoint, "list of namespaces", "the own namespace only",
     "sales,marketing", "Other namespaces whose Services may `join`.", false},

    {"join", part, "[namespace/]name", "none", "products",
     "Adds this Service as a part of the endpoint of that name.", false},
    {"order", part, "integer", "0", "10",
     "Place among the parts: the owner first, then by `order`; a later part wins a key.", false},
    {"url-pattern", part, "path", "the endpoint's path", "/products/{id}",
     "The path to call, with the endpoint's parameters.", false},
    {"backend-method", part, "method", "the endpoint's method", "GET", "The method to call with.",
     false},
    {"encoding", part, "json, safejson, string, xml, rss, fast-json or no-op", "json", "safejson",
     "How to read the answer.", false},
    {"group", part, "key", "none", "offers", "Puts the answer under this key.", false},
    {"target", part, "dotted path", "none", "data.items", "Takes this object of the answer only.",
     false},
    {"allow", part, "list of dotted paths", "everything", "id,name", "Keeps these only.", false},
    {"deny", part, "list of dotted paths", "nothing", "internal,price.cost", "Drops these.", false},
    {"mapping", part, "mapping", "none", "product_id=id,title=name", "Renames keys.", false},
    {"is-collection", part, "boolean", "false", "true",
     "The answer is an array; it goes under `collection`.", false},
    {"backend-extra-config", part, "JSON object", "none",
     R"({"backend/http": {"return_error_details": "offers"}})",
     "KrakenD's `extra_config` of the backend; nothing in it may name a file or a script, or the "
     "scheme, host or port to call.",
     false},

    {"endpoints", entries, "YAML or JSON list", "none",
     "[{name: list, endpoint: /v1/products}, {join: home, backend: [{url_pattern: /top}]}]",
     "Several entries in KrakenD's spelling, each with `name`, or with `join` and `backend`. "
     "Beside KrakenD's keys: `hostnames`, `tls_secret`, `allow_joins_from`, `pass_through`, "
     "`order`. No `host`, and no endpoint or part key beside it.",
     true},
};

std::string_view title(AnnotationLevel level) {
  switch (level) {
    case service:
      return "The Service, for all its entries";
    case endpoint:
      return "The endpoint (its owner only)";
    case part:
      return "A part (one backend of an endpoint)";
    case entries:
      return "Several entries";
  }
  return {};
}

// A pipe would end the table's cell.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

std::span<const AnnotationRow> annotation_table() { return kTable; }

const AnnotationRow* find_annotation(std::string_view key) {
  const auto* const found = std::ranges::find(kTable, key, &AnnotationRow::key);
  return found == std::end(kTable) ? nullptr : found;
}

const AnnotationRow* nearest_annotation(std::string_view key) {
  std::vector<std::string_view> keys;
  for (const AnnotationRow& row : kTable) keys.push_back(row.key);
  std::string spelled(key);
  std::ranges::replace(spelled, '_', '-');
  if (const AnnotationRow* const same = find_annotation(spelled)) return same;
  const std::string_view found = nearest(spelled, keys);
  return found.empty() ? nullptr : find_annotation(found);
}

std::string annotations_markdown() {
  std::string out =
      "# Annotations of a Service\n\n"
      "Generated by `ropewalk-controller annotations`; a test compares.\n\n"
      "Every key begins with `ropewalk.dev/`, every value is a quoted string; an empty one counts "
      "as absent. Exactly one of `endpoint`, `join` and `endpoints` makes an entry.\n"
      "Lists are separated by commas, a mapping is `from=to,from=to`; a value that begins with `[` "
      "or `{` is read as JSON. A duration needs a unit (`800ms`, `1m30s`).\n\n"
      "A bad value or an unknown key holds the entry: what is served stays, a new route answers "
      "503, and the conditions of the Service say why. A new part is not asked for, and with an "
      "unreadable `expose` there is no new route.\n\n"
      "One Service may have " +
      std::to_string(kMaxEntries) + " entries with " + std::to_string(kMaxParts) +
      " backends in all of them, " + std::to_string(kMaxHostnames) +
      " host names in an entry and " + std::to_string(kMaxClaims) + " in all, and name " +
      std::to_string(kMaxReferences) +
      " Secrets and ConfigMaps; a certificate with chain and key may take " +
      std::to_string(kMaxPairBytes >> 10) + " KiB, the path of an endpoint " +
      std::to_string(kMaxPathBytes) + " bytes with " + std::to_string(kMaxPathParameters) +
      " parameters.\n";
  AnnotationLevel level{};
  bool first = true;
  for (const AnnotationRow& row : kTable) {
    if (first || row.level != level) {
      level = row.level;
      first = false;
      out += "\n## ";
      out += title(level);
      out += "\n\n| Key | Type | Default | Example | What it does |\n|---|---|---|---|---|\n";
    }
    out += "| `" + std::string(row.key) + "` | " + cell(row.type) + " | " + cell(row.fallback) +
           " | `" + cell(row.example) + "` | " + cell(row.help) + " |\n";
  }
  return out;
}

}  // namespace ropewalk::controller
