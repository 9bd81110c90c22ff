// The process log: one line per record on standard error, text or JSON. Any thread.
// (Requests have the access log of dataplane/telemetry.)
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace ropewalk::log {

enum class Level { debug, info, warning, error };
enum class Format { text, json };

struct Field {
  std::string_view key;
  std::string value;
};
using Fields = std::initializer_list<Field>;

// Call once before the first thread starts; without it: text, info.
void init(Format format, Level level);
bool enabled(Level level);
std::optional<Level> parse_level(std::string_view name);    // debug, info, warning, error
std::optional<Format> parse_format(std::string_view name);  // text, json

// `message` is constant text; what varies goes into `fields`. Control characters in values are
// escaped.
void write(Level level, std::string_view message, Fields fields = {});

inline void debug(std::string_view message, Fields fields = {}) {
  write(Level::debug, message, fields);
}
inline void info(std::string_view message, Fields fields = {}) {
  write(Level::info, message, fields);
}
inline void warning(std::string_view message, Fields fields = {}) {
  write(Level::warning, message, fields);
}
inline void error(std::string_view message, Fields fields = {}) {
  write(Level::error, message, fields);
}

// "2026-01-31T12:00:00.123Z".
std::string timestamp(std::int64_t ms_since_1970);
// Appends ` key=value` as text lines have it; quoted like a JSON string where it is not plain.
void append_text_field(std::string& out, std::string_view key, std::string_view value);
// Appends `value` as a JSON string with quotes; invalid UTF-8 becomes U+FFFD.
void append_json_string(std::string& out, std::string_view value);

}  // namespace ropewalk::log
