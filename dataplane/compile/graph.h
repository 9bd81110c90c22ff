// What the workers serve from: compiled once, off the workers, then immutable and shared
// (design 4.7).
//
//   Snapshot = Graph (routes and plans) + HostTable (addresses) + ServerTls (certificates)
// A change of addresses alone makes a new HostTable beside the same Graph.
#pragma once

#include "common/json/value.h"
#include "config/resilience.h"
#include "dataplane/http/client_address.h"
#include "dataplane/http/url_pattern.h"
#include "dataplane/json/flatmap.h"
#include "dataplane/json/projection.h"
#include "dataplane/net/client_tls.h"
#include "dataplane/net/server_tls.h"
#include "dataplane/pipeline/chain.h"
#include "dataplane/pipeline/gate.h"
#include "dataplane/router/router.h"
#include "ropewalk/config/v1/config.pb.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ropewalk::compile {

using std::chrono::nanoseconds;

// Names of HTTP fields or query parameters that are let through.
struct AllowList {
  bool all = false;
  std::vector<std::string> names;               // fields: lower case; query: as written
  bool has(std::string_view name) const;        // exact
  bool has_field(std::string_view name) const;  // any letter case
};

// Data of the configuration that is added to the merged answer (proxy.static).
struct FixedAnswer {
  enum class When : std::uint8_t { always, success, errored, complete, incomplete };
  When when = When::always;
  json::Value data;  // an object
};

struct Host;

struct BackendPlan {
  std::string display_name;
  std::uint32_t host_set = 0;  // index into HostTable
  std::string method;          // "": the client's
  http::UrlPattern url;
  // The url_pattern is one value of an earlier answer ("/{resp0_next}"), which is a whole
  // reference.
  std::optional<std::size_t> whole_reference;  // index of the parameter
  std::string pattern_text;                    // as KrakenD prints it in errors: {{.Id}} for {id}
  config::v1::Encoding encoding = config::v1::ENCODING_JSON;
  json::Projection projection{json::Rules{}};
  std::optional<json::Projection> list_projection;  // safejson: the same rules for a list
  bool wraps_tree = false;  // xml with is_collection: the tree stands under `collection`
  std::vector<json::FlatmapOperation> flatmap;  // not empty: between target and group
  std::string flatmap_group;                    // the group where there is a flatmap
  std::optional<AllowList> input_headers;       // narrowing
  std::optional<AllowList> input_query_strings;
  std::string host_header;  // "" the host's own, "preserve", or a value
  std::shared_ptr<const net::ClientTls> tls;
  std::shared_ptr<const Host> proxy;  // on the way to every host; null: what the environment says
  std::string error_details;          // backend/http.return_error_details
  bool error_code = false;            // backend/http.return_error_code
  bool no_redirect = false;
  bool send_body_on_redirect = false;
  bool leaves_host_set = false;     // redirects and filters may lead to any host
  pipeline::Filters filters;        // stage backend, then stage client
  std::size_t backend_filters = 0;  // how many are of stage backend
  pipeline::AnswerUse answer_use = pipeline::AnswerUse::nothing;  // the most that one of them wants
  std::optional<config::Resilience> resilience;
  std::string empty_body;        // what an answer without a body counts as; "": an error
  nanoseconds shadow_timeout{};  // of a shadow: 0 is the endpoint's timeout
  // Whether an answer with this status counts.
  bool accepts(unsigned status) const {
    return resilience ? resilience->accepts(status) : status == 200 || status == 201;
  }
};

// A placeholder of some url_pattern that is no parameter of the path.
struct DerivedParam {
  enum class From : std::uint8_t { claim, header, response };
  From from = From::claim;
  std::string name;      // "sub", "X-Tenant", "user.id"
  std::size_t part = 0;  // response: the position of the answer, from 0
};

struct EndpointPlan {
  std::string label;  // "GET /v1/products": logs and metrics
  std::string method;
  std::string path;                      // "/v1/users/{id}"
  std::vector<std::string> parameters;   // names in path order, then those of `derived`
  std::vector<std::string> param_names;  // the same as KrakenD keeps them: "Id", "Resp0_id"
  std::vector<bool> in_backend_path;     // which of them some backend has in its path
  std::vector<DerivedParam> derived;
  nanoseconds timeout{};
  std::uint64_t max_request_body = 8ull << 20;   // of a body that is gathered
  std::uint64_t max_streamed_body = UINT64_MAX;  // of one that passes through
  std::string cache_control;                     // value of Cache-Control, "" for none
  config::v1::Encoding output = config::v1::ENCODING_JSON;
  AllowList input_headers;
  AllowList input_query_strings;
  std::vector<BackendPlan> backends;            // those whose answers count
  std::vector<BackendPlan> shadows;             // those that only get a copy of the request
  std::vector<json::FlatmapOperation> flatmap;  // on the merged answer
  std::optional<FixedAnswer> fixed;
  bool sequential = false;
  std::uint32_t concurrent_calls = 1;
  std::vector<std::string> propagated_params;
  std::vector<std::shared_ptr<const pipeline::Gate>> gates;
  pipeline::Filters filters;       // stage proxy
  bool streams = false;            // no-op: the answer's body passes through
  bool streams_body = false;       // no-op: the request's body passes through
  bool sends_body_to_all = false;  // some backend method is neither GET nor HEAD
  std::string problem;             // not empty: 503
};

struct Settings {
  nanoseconds read_timeout{}, write_timeout{}, idle_timeout{}, read_header_timeout{};
  nanoseconds stalled_write_timeout{};  // for a client that takes none of its answer
  nanoseconds connect_timeout{}, response_header_timeout{}, backend_idle_timeout{};
  nanoseconds fallback_delay{300'000'000};  // until the other family is tried too; negative: never
  std::chrono::seconds tcp_keep_alive{15};  // without a byte, then the first probe; 0: none
  std::uint32_t max_idle = 0;               // of all workers together; 0: no bound
  std::uint32_t max_idle_per_host = 250;    // of each worker
  bool backend_keep_alive = true;
  bool compression = true;
  std::size_t max_head_bytes = 64 * 1024;
  std::size_t max_header_fields = 256;
  std::uint64_t max_request_body = 8ull << 20;
  std::uint64_t max_response_body = 32ull << 20;
  std::uint64_t max_decompressed = 64ull << 20;
  std::uint32_t max_decompression_ratio = 100;
  std::size_t max_json_depth = 10000;
  config::v1::BackendTls client_tls;  // for hosts that a redirect or a filter names
  bool client_tls_set = false;
  bool gateway_status_codes = false;
  bool return_error_msg = false;
  std::string health_path;  // "" when disabled
  bool debug_endpoint = false;
  bool echo_endpoint = false;
  bool redirect_trailing_slash = true;
  bool redirect_fixed_path = true;
  bool handle_method_not_allowed = true;
  bool path_decoding = true;
  bool remove_extra_slash = false;
  bool auto_options = false;
  std::string error_body_404, error_body_405;  // JSON text, "" for the plain text
  bool access_log = true;
  std::vector<std::string> logger_skip_paths;
  http::ClientAddressSettings client_address;
};

// How the gateway names itself (design 6).
struct Identity {
  std::string version_header;       // value of X-Krakend
  std::string user_agent;           // to backends; also the value of X-Forwarded-Via
  std::string narrowed_user_agent;  // when a backend's input_headers drops the User-Agent
  bool compat = false;              // reads as KrakenD: no X-Request-Id on answers
  static Identity of(const std::string& compat_version);  // "" for our own name and version
};

struct Graph {
  Identity identity;
  Settings settings;
  router::Router router;
  std::vector<std::shared_ptr<const pipeline::Gate>> gates;  // of the service
  std::vector<EndpointPlan> endpoints;                       // index = route id
  std::optional<std::uint32_t> catch_all;   // the endpoint of requests without a route
  std::vector<std::string> host_set_names;  // index = BackendPlan::host_set
  // Query parameters and fields that carry a credential for some endpoint: hidden in every log
  // line, as the path may be mistyped.
  std::vector<std::string> secret_parameters;
  std::vector<std::string> secret_fields;
  std::string version;  // first 12 digits of the hash over all resource hashes
};

struct Host {
  bool tls = false;
  std::string address;  // literal or name
  bool literal = false;
  std::uint16_t port = 0;
  std::string authority;  // for the Host field
  std::string base_path;
  std::string authorization;  // "Basic ..." from user info
  std::string url;            // "http://address:port", for messages
};
using HostList = std::vector<Host>;

struct HostTable {
  std::vector<std::shared_ptr<const HostList>> sets;  // index = BackendPlan::host_set
};

struct Snapshot {
  std::shared_ptr<const Graph> graph;
  std::shared_ptr<const HostTable> hosts;
  std::shared_ptr<const net::ServerTls> tls;  // null: no certificate
  std::string tls_inputs;                     // settings and hashes of what `tls` was made of
};

}  // namespace ropewalk::compile
