#include "config/extra/plugins.h"

#include "config/network.h"
#include "config/strict.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace ropewalk::config {
namespace {

using nlohmann::json;

constexpr const char* kIpFilter = "ip-filter";

void check_networks(StrictReader& block, std::string_view key,
                    const std::vector<std::string>& entries) {
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (!is_network(entries[i]))
      block.diagnostics().refuse(child(block.path_of(key), i),
                                 "expected an address or a network such as 10.0.0.0/8, got \"" +
                                     entries[i].substr(0, 80) + "\"");
}

json read_ip_filter(const json& value, const std::string& path, Diagnostics& diagnostics) {
  StrictReader block({&value, path}, diagnostics);
  json out = json::object();
  for (const char* key : {"CIDR", "trusted_proxies"})
    if (auto networks = block.texts(key); !networks.empty()) {
      check_networks(block, key, networks);
      out[key] = std::move(networks);
    }
  if (!out.contains("CIDR"))
    diagnostics.refuse(block.path_of("CIDR"), "expected a list of networks, got none");
  if (auto names = block.texts("client_ip_headers"); !names.empty())
    out["client_ip_headers"] = std::move(names);
  if (block.flag("allow")) out["allow"] = true;
  block.finish();
  return out;
}

}  // namespace

std::string read_plugins(const ExtraValue& extra, Diagnostics& diagnostics) {
  StrictReader block(extra, diagnostics);
  json out = json::object();
  const std::vector<std::string> names = block.texts("name");
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] != kIpFilter) {
      diagnostics.refuse(child(block.path_of("name"), i),
                         "no plugin of this name is built in (ip-filter is), and those written in "
                         "Go cannot be loaded, got \"" +
                             names[i].substr(0, 80) + "\"");
      return {};
    }
    const json* value = block.find(kIpFilter);
    if (value)
      out[kIpFilter] = read_ip_filter(*value, block.path_of(kIpFilter), diagnostics);
    else
      diagnostics.refuse(block.path_of(kIpFilter), "expected an object with CIDR, got none");
  }
  // Settings without the name load nothing, there and here.
  for (auto it = extra.value->begin(); extra.value->is_object() && it != extra.value->end(); ++it)
    if (it.key() != "name" && !comment(it.key()) && !it->is_null() &&
        std::ranges::find(names, it.key()) == names.end())
      diagnostics.refuse(block.path_of(it.key()),
                         "has no effect: `name` does not list this plugin");
  return out.empty() ? std::string() : out.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace ropewalk::config
