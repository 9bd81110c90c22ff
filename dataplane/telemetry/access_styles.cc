// The formats of the access log that a configuration can choose (telemetry/logging).
#include "dataplane/telemetry/access_log.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace ropewalk::telemetry {
namespace {

using Style = AccessFormat::Style;

// Nobody writes a line of his own into the log: quotes, backslashes, controls and what is beyond
// ASCII are escaped as Apache does.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte >= 0x7f) {
      std::array<char, 8> hex{};
      std::snprintf(hex.data(), hex.size(), "\\x%02x", byte);
      out += hex.data();
    } else {
      out += c;
    }
  }
  return out;
}

std::string dash(std::string_view text) { return text.empty() ? "-" : escaped(text); }

// As Go writes a duration: 850µs, 1.5ms, 2.25s.
std::string go_duration(std::uint64_t us) {
  const bool seconds = us >= 1'000'000;
  if (us < 1000) return std::to_string(us) + "\xc2\xb5s";
  const std::uint64_t unit = seconds ? 1'000'000 : 1000;
  std::string out = std::to_string(us / unit);
  std::string rest = std::to_string(unit + us % unit).substr(1);
  while (!rest.empty() && rest.back() == '0') rest.pop_back();
  if (!rest.empty()) out += "." + rest;
  return out + (seconds ? "s" : "ms");
}

std::string padded_left(std::string text, std::size_t width) {
  // A two-byte micro sign is one character.
  const std::size_t shown = text.size() - (text.contains("\xc2\xb5") ? 1 : 0);
  return shown >= width ? text : std::string(width - shown, ' ') + text;
}

std::string_view protocol(const AccessRecord& record) {
  return record.version == 10 ? "HTTP/1.0" : "HTTP/1.1";
}

void gin(std::string& out, const AccessRecord& record) {
  std::string method = escaped(record.method);
  method.resize(std::max<std::size_t>(method.size(), 8), ' ');
  out += "[GIN] " + log::format_time("2006/01/02 - 15:04:05", record.time_ms) + " | " +
         padded_left(std::to_string(record.status), 3) + " | " +
         padded_left(go_duration(record.duration_us), 13) + " | " +
         padded_left(std::string(record.client), 15) + " | " + method + " \"" +
         escaped(record.target) + "\"";
}

void common(std::string& out, const AccessRecord& record) {
  out += dash(record.client) + " - - [" +
         log::format_time("02/Jan/2006:15:04:05 -0700", record.time_ms) + "] \"" +
         escaped(record.method) + " " + escaped(record.target) + " ";
  out += protocol(record);
  out += "\" " + std::to_string(record.status) + " " +
         (record.bytes == 0 ? "-" : std::to_string(record.bytes));
}

std::string latency_ms(const AccessRecord& record) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%llu.%03llu",
                static_cast<unsigned long long>(record.duration_us / 1000),
                static_cast<unsigned long long>(record.duration_us % 1000));
  return text.data();
}

std::string variable(const log::Piece& piece, const AccessRecord& record,
                     const std::string& prefix) {
  const std::string& name = piece.name;
  const auto mark = record.target.find('?');
  if (name == "prefix") return prefix;
  if (name == "time")
    return log::format_time(piece.text.empty() ? "2006/01/02 - 15:04:05" : piece.text,
                            record.time_ms);
  if (name == "statusCode") return std::to_string(record.status);
  if (name == "latencyMs") return latency_ms(record);
  if (name == "latency") return go_duration(record.duration_us);
  if (name == "clientIP") return dash(record.client);
  if (name == "method") return dash(record.method);
  if (name == "path") return dash(record.target.substr(0, mark));
  if (name == "query")
    return mark == std::string_view::npos ? "-" : dash(record.target.substr(mark + 1));
  if (name == "host") return dash(record.host);
  if (name == "endpoint") return dash(record.endpoint);
  if (name == "size") return std::to_string(record.bytes);
  if (name == "userAgent") return dash(record.user_agent);
  if (name == "referer") return dash(record.referer);
  if (name == "requestId") return dash(record.request_id);
  if (name == "protocol") return std::string(protocol(record));
  return "-";
}

}  // namespace

void format_access_record(std::string& out, const AccessRecord& record,
                          const AccessFormat& format) {
  switch (format.style) {
    case Style::text:
      return format_access_record(out, record, log::Format::text);
    case Style::json:
      return format_access_record(out, record, log::Format::json);
    case Style::gin:
      gin(out, record);
      break;
    case Style::common:
      common(out, record);
      break;
    case Style::combined:
      common(out, record);
      out += " \"" + dash(record.referer) + "\" \"" + dash(record.user_agent) + "\"";
      break;
    case Style::pattern:
      for (const log::Piece& piece : format.pattern)
        out += piece.name.empty() ? piece.text : variable(piece, record, format.prefix);
      break;
  }
  if (!out.ends_with('\n')) out += '\n';
}

}  // namespace ropewalk::telemetry
