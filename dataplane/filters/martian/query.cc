#include "dataplane/filters/martian/query.h"

#include "dataplane/http/target.h"

#include <algorithm>
#include <charconv>

namespace ropewalk::martian {
namespace {

std::size_t port_begin(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  const std::size_t bracket = host.rfind(']');
  if (colon == host.npos || (bracket != host.npos && colon < bracket)) return host.size();
  return colon;
}

}  // namespace

Query parse_query(std::string_view text) { return http::parse_query(text); }

std::string encode_query(Query query) {
  std::ranges::stable_sort(query, {}, &std::pair<std::string, std::string>::first);
  std::string out;
  for (const auto& [name, value] : query) {
    if (!out.empty()) out += '&';
    http::append_query_escaped(out, name);
    out += '=';
    http::append_query_escaped(out, value);
  }
  return out;
}

std::string without_port(std::string_view host) {
  return std::string(host.substr(0, port_begin(host)));
}

std::optional<int> port_of(std::string_view host) {
  const std::size_t begin = port_begin(host);
  if (begin == host.size()) return std::nullopt;
  int out = 0;
  const auto end = std::from_chars(host.data() + begin + 1, host.data() + host.size(), out);
  if (end.ec != std::errc() || end.ptr != host.data() + host.size()) return std::nullopt;
  return out;
}

}  // namespace ropewalk::martian
