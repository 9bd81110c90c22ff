#include "config/extra/payload.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace ropewalk::config {

std::uint64_t read_max_payload(Reader& reader) {
  const nlohmann::json* value = reader.find("max_payload");
  if (!value) return 0;
  if (value->is_number_unsigned()) return value->get<std::uint64_t>();
  // Templates write a million as 1e+06.
  constexpr double kMost = 1e15;
  if (value->is_number_float()) {
    const auto bytes = value->get<double>();
    if (bytes >= 0 && bytes <= kMost && bytes == std::floor(bytes))
      return static_cast<std::uint64_t>(bytes);
  }
  reader.diagnostics().refuse(reader.path_of("max_payload"),
                              "expected a number of bytes (0: no limit), got " + shown(*value));
  return 0;
}

std::string payload_text(std::uint64_t max_payload) {
  return max_payload == 0 ? std::string() : "{\"max_payload\":" + std::to_string(max_payload) + "}";
}

Result<std::uint64_t> parse_payload(std::string_view text) {
  const auto document = nlohmann::json::parse(text, nullptr, false);
  if (!document.is_object() || document.size() != 1 || !document.contains("max_payload") ||
      !document["max_payload"].is_number_unsigned())
    return fail(Kind::config, "router: expected max_payload alone");
  return document["max_payload"].get<std::uint64_t>();
}

}  // namespace ropewalk::config
