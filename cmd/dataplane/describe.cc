#include "cmd/dataplane/describe.h"

#include "common/strings.h"
#include "config/host.h"

#include <algorithm>
#include <map>

namespace ropewalk::dataplane {
namespace {

namespace v1 = config::v1;

std::string seconds(std::int64_t nanoseconds) {
  if (nanoseconds % 1'000'000'000 == 0) return std::to_string(nanoseconds / 1'000'000'000) + "s";
  if (nanoseconds % 1'000'000 == 0) return std::to_string(nanoseconds / 1'000'000) + "ms";
  return std::to_string(nanoseconds) + "ns";
}

template <class List>
std::string listed(const List& list) {
  std::string out;
  for (const auto& entry : list) out += (out.empty() ? "" : ", ") + entry;
  return out;
}

// ENCODING_NO_OP -> "no-op", as files write it.
std::string encoding(v1::Encoding value) {
  std::string name = v1::Encoding_Name(value);
  if (name.starts_with("ENCODING_")) name.erase(0, 9);
  name = to_lower(name);
  std::ranges::replace(name, '_', '-');
  return name;
}

class Description {
 public:
  explicit Description(const config::Loaded& loaded) {
    for (const v1::Resource& resource : loaded.resources) by_name_[resource.name()] = &resource;
  }

  std::string run(const config::Loaded& loaded) {
    std::size_t endpoints = 0;
    for (const v1::Resource& resource : loaded.resources) {
      if (resource.has_service()) service(resource.service());
      if (resource.has_endpoint()) ++endpoints;
    }
    line(0, "Endpoints", std::to_string(endpoints));
    for (const v1::Resource& resource : loaded.resources)
      if (resource.has_endpoint()) endpoint(resource.endpoint());
    return std::move(out_);
  }

 private:
  void line(int depth, const std::string& name, const std::string& value) {
    if (value.empty()) return;
    out_ += std::string(static_cast<std::size_t>(depth) * 2, ' ') + name + ": " + value + "\n";
  }

  template <class Extra>
  void components(int depth, const Extra& extra) {
    std::map<std::string, std::size_t> names;
    for (const auto& [name, text] : extra) names[name] = text.size();
    for (const auto& [name, size] : names) line(depth, "Component", name);
  }

  void service(const v1::Service& service) {
    out_ += "Global settings\n";
    line(1, "Name", service.name());
    line(1, "Listen",
         service.listen_ip() + ":" + std::to_string(service.port() == 0 ? 8080 : service.port()));
    line(1, "TLS", service.has_tls() ? "on" : "off");
    line(1, "Default timeout", seconds(service.timeout_ns()));
    line(1, "Debug endpoint", service.debug_endpoint() ? "on" : "");
    line(1, "Echo endpoint", service.echo_endpoint() ? "on" : "");
    components(1, service.extra_config());
  }

  void endpoint(const v1::Endpoint& endpoint) {
    line(1, "- Endpoint", endpoint.method() + " " + endpoint.path());
    line(2, "Timeout", seconds(endpoint.timeout_ns()));
    line(2, "Cache TTL", endpoint.cache_ttl_ns() == 0 ? "" : seconds(endpoint.cache_ttl_ns()));
    line(2, "Output encoding", encoding(endpoint.output_encoding()));
    line(2, "Input headers", listed(endpoint.input_headers()));
    line(2, "Input query strings", listed(endpoint.input_query_strings()));
    if (endpoint.concurrent_calls() > 1)
      line(2, "Concurrent calls", std::to_string(endpoint.concurrent_calls()));
    components(2, endpoint.extra_config());
    line(2, "Backends", std::to_string(endpoint.backends_size()));
    for (const std::string& name : endpoint.backends())
      if (const auto found = by_name_.find(name); found != by_name_.end())
        backend(found->second->backend());
  }

  void backend(const v1::Backend& backend) {
    line(3, "- URL", backend.method() + " " + backend.url_pattern());
    line(4, "Hosts", hosts(backend.host_set()));
    line(4, "Encoding", encoding(backend.encoding()));
    line(4, "Target", backend.target());
    line(4, "Group", backend.group());
    line(4, "Allow", listed(backend.allow()));
    line(4, "Deny", listed(backend.deny()));
    std::string mapping;
    for (const auto& entry : backend.mapping())
      mapping += (mapping.empty() ? "" : ", ") + entry.from() + " -> " + entry.to();
    line(4, "Mapping", mapping);
    line(4, "Collection", backend.is_collection() ? "yes" : "");
    components(4, backend.extra_config());
  }

  std::string hosts(const std::string& set) const {
    const auto found = by_name_.find(set);
    if (found == by_name_.end()) return {};
    std::string out;
    for (const auto& host : found->second->host_set().hosts())
      out += (out.empty() ? "" : ", ") + config::host_text(host);
    return out.empty() ? "none" : out;
  }

  std::map<std::string, const v1::Resource*> by_name_;
  std::string out_;
};

}  // namespace

std::string describe(const config::Loaded& loaded) { return Description(loaded).run(loaded); }

}  // namespace ropewalk::dataplane
