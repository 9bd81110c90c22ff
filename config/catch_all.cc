#include "config/catch_all.h"

#include "config/path.h"

#include <algorithm>

namespace ropewalk::config {
namespace {

void warn_unless_all(Reader& reader, std::string_view key) {
  const std::vector<std::string> names = reader.texts(key);
  if (names.empty() || names == std::vector<std::string>{"*"}) return;
  reader.diagnostics().warn(reader.path_of(key),
                            "ignored: " + std::string(kCatchAllPath) + " passes everything on");
}

}  // namespace

bool is_catch_all(std::string_view endpoint) {
  endpoint.remove_prefix(std::min(endpoint.find_first_not_of('/'), endpoint.size()));
  return endpoint == kCatchAllPath.substr(1);
}

void read_catch_all(Reader& reader, HostRule rule, v1::Endpoint& out) {
  Diagnostics& diagnostics = reader.diagnostics();
  if (rule == HostRule::refuse)
    diagnostics.refuse(reader.path_of("endpoint"),
                       std::string(kCatchAllPath) + " is for the gateway's own file alone");
  const std::string encoding = reader.text("output_encoding");
  if (!encoding.empty() && encoding != "no-op")
    diagnostics.warn(reader.path_of("output_encoding"),
                     "ignored: " + std::string(kCatchAllPath) + " is always no-op");
  reader.ignore("method", "ignored: " + std::string(kCatchAllPath) + " takes every method");
  warn_unless_all(reader, "input_headers");
  warn_unless_all(reader, "input_query_strings");
  out.set_path(std::string(kCatchAllPath));
  out.set_method("*");
  out.set_output_encoding(v1::ENCODING_NO_OP);
  out.add_input_headers("*");
  out.add_input_query_strings("*");
}

std::string prefix_pattern(std::string_view url_pattern) {
  std::string_view path = url_pattern.substr(0, url_pattern.find('?'));
  const std::string_view query = url_pattern.substr(path.size());
  if (path.ends_with("/*")) path.remove_suffix(1);
  if (path.ends_with('/')) path.remove_suffix(1);
  return std::string(path) + "/*" + std::string(query);
}

}  // namespace ropewalk::config
