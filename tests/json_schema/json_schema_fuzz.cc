// The input is a schema, a zero byte, and a value: whatever they are, the schema is refused with a
// reason or the value gets a verdict within the limits.
#include "common/json_schema/json_schema.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace ropewalk;
  const std::string_view input(reinterpret_cast<const char*>(bytes), size);
  const std::size_t end = input.find('\0');
  if (end == std::string_view::npos) return 0;
  auto schema = json::parse(input.substr(0, end), 200);
  const auto value = json::parse(input.substr(end + 1), 2000);
  if (!schema || !value) return 0;
  const auto validator = json_schema::Validator::compile(
      std::move(*schema), "test:///schema",
      [](const std::string&) -> std::optional<json::Value> { return std::nullopt; });
  if (!validator) {
    if (validator.error().message.empty()) std::abort();
    return 0;
  }
  const auto result = (*validator)->validate(*value, {.steps = 20'000});
  if (!result && result.error().message.empty()) std::abort();
  return 0;
}
