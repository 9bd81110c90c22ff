#include "config/extra/limits.h"

#include "common/strings.h"
#include "config/duration.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

namespace ropewalk::config {
namespace {

using nlohmann::json;

constexpr std::uint64_t kMost32 = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t kMost64 = std::uint64_t{1} << 50U;

std::optional<std::uint64_t> size_of(const json& value) {
  if (value.is_number_unsigned()) return value.get<std::uint64_t>();
  if (!value.is_string()) return std::nullopt;
  const std::string_view text = value.get_ref<const std::string&>();
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number > kMost64) return std::nullopt;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (unit.empty() || unit == "B") return number;
  if (unit == "KiB") return number << 10U;
  if (unit == "MiB") return number << 20U;
  if (unit == "GiB") return number << 30U;
  return std::nullopt;
}

class Limits {
 public:
  Limits(const ExtraValue& extra, Diagnostics& diagnostics)
      : object_(*extra.value), path_(extra.path), diagnostics_(diagnostics) {}

  void read(v1::Limits& out) {
    out.set_max_header_fields(static_cast<std::uint32_t>(count("max_header_fields", kMost32)));
    out.set_header_timeout_ns(duration("header_timeout"));
    out.set_max_request_body(size("max_request_body"));
    out.set_max_response_body(size("max_response_body"));
    out.set_max_decompressed(size("max_decompressed"));
    out.set_max_decompression_ratio(
        static_cast<std::uint32_t>(count("max_decompression_ratio", kMost32)));
    out.set_max_json_depth(static_cast<std::uint32_t>(count("max_json_depth", kMost32)));
    out.set_stalled_write_timeout_ns(duration("stalled_write_timeout"));
    refuse_unknown();
  }

 private:
  const json* find(std::string_view key) {
    known_.push_back(key);
    const auto it = object_.find(std::string(key));
    const json* found = it == object_.end() || it->is_null() ? nullptr : &*it;
    diagnostics_.known(path_, key, found != nullptr);
    return found;
  }

  void refuse(std::string_view key, std::string_view expected, const json& value) {
    diagnostics_.refuse(child(path_, key),
                        "expected " + std::string(expected) + ", got " + shown(value));
  }

  std::uint64_t count(std::string_view key, std::uint64_t highest) {
    const json* value = find(key);
    if (!value) return 0;
    if (value->is_number_unsigned() && value->get<std::uint64_t>() > 0 &&
        value->get<std::uint64_t>() <= highest)
      return value->get<std::uint64_t>();
    refuse(key, "a number above 0", *value);
    return 0;
  }

  std::uint64_t size(std::string_view key) {
    const json* value = find(key);
    if (!value) return 0;
    const auto bytes = size_of(*value);
    if (bytes && *bytes > 0 && *bytes <= kMost64) return *bytes;
    refuse(key, "bytes above 0, such as 65536 or \"8MiB\"", *value);
    return 0;
  }

  std::int64_t duration(std::string_view key) {
    const json* value = find(key);
    if (!value) return 0;
    const auto time =
        value->is_string() ? parse_duration(value->get_ref<const std::string&>()) : std::nullopt;
    if (time && *time > 0) return *time;
    refuse(key, "a duration such as 10s", *value);
    return 0;
  }

  void refuse_unknown() {
    for (auto it = object_.begin(); it != object_.end(); ++it) {
      if (comment(it.key()) || std::ranges::find(known_, it.key()) != known_.end()) continue;
      const std::string_view near = nearest(it.key(), known_);
      diagnostics_.refuse(child(path_, it.key()),
                          near.empty()
                              ? "no limit has this name"
                              : "no limit has this name (did you mean " + std::string(near) + "?)");
    }
  }

  const json& object_;
  const std::string& path_;
  Diagnostics& diagnostics_;
  std::vector<std::string_view> known_;
};

}  // namespace

void read_limits(const ExtraValue& extra, v1::Limits& out, Diagnostics& diagnostics) {
  if (extra.value->is_object())
    Limits(extra, diagnostics).read(out);
  else
    diagnostics.refuse(extra.path, "expected an object, got " + shown(*extra.value));
}

bool read_gateway_status_codes(const ExtraValue& extra, Diagnostics& diagnostics) {
  if (extra.value->is_boolean()) return extra.value->get<bool>();
  if (!extra.value->is_object() || !extra.value->empty())
    diagnostics.refuse(extra.path, "expected true, false or {}, got " + shown(*extra.value));
  return true;
}

}  // namespace ropewalk::config
