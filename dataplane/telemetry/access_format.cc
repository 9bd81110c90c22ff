#include "dataplane/telemetry/access_log.h"

#include <charconv>

namespace ropewalk::telemetry {
namespace {

void append_number(std::string& out, std::uint64_t value) {
  char digits[20];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

void append_three_digits(std::string& out, unsigned value) {
  for (const unsigned digit : {value / 100, value / 10 % 10, value % 10})
    out += static_cast<char>('0' + digit);
}

// Microseconds as milliseconds with three decimals.
void append_ms(std::string& out, std::uint64_t microseconds) {
  append_number(out, microseconds / 1000);
  out += '.';
  append_three_digits(out, static_cast<unsigned>(microseconds % 1000));
}

// Most requests share their second with the one before.
void append_time(std::string& out, std::int64_t ms) {
  thread_local std::int64_t cached_second = -1;
  thread_local std::string text;
  if (ms / 1000 != cached_second) {
    text = log::timestamp(ms / 1000 * 1000);
    cached_second = ms / 1000;
  }
  out.append(text, 0, text.size() - 4);
  append_three_digits(out, static_cast<unsigned>(ms % 1000));
  out += 'Z';
}

void json_text(std::string& out, std::string_view key, std::string_view value) {
  out += ",\"";
  out += key;
  out += "\":";
  log::append_json_string(out, value);
}

void format_json(std::string& out, const AccessRecord& record) {
  out += "{\"time\":\"";
  append_time(out, record.time_ms);
  out += '"';
  json_text(out, "request_id", record.request_id);
  json_text(out, "client", record.client);
  json_text(out, "method", record.method);
  json_text(out, "host", record.host);
  json_text(out, "target", record.target);
  json_text(out, "endpoint", record.endpoint);
  out += ",\"status\":";
  append_number(out, record.status);
  out += ",\"bytes\":";
  append_number(out, record.bytes);
  out += ",\"ms\":";
  append_ms(out, record.duration_us);
  out += record.completed ? ",\"completed\":true" : ",\"completed\":false";
  out += ",\"parts\":[";
  for (const PartRecord& part : record.parts) {
    if (&part != record.parts.data()) out += ',';
    out += "{\"backend\":";
    log::append_json_string(out, part.backend);
    json_text(out, "address", part.address);
    out += ",\"status\":";
    append_number(out, part.status);
    out += ",\"ms\":";
    append_ms(out, part.duration_us);
    if (!part.error.empty()) json_text(out, "error", part.error);
    out += '}';
  }
  out += "]}\n";
}

void format_text(std::string& out, const AccessRecord& record) {
  append_time(out, record.time_ms);
  out += " access";
  log::append_text_field(out, "method", record.method);
  log::append_text_field(out, "target", record.target);
  out += " status=";
  append_number(out, record.status);
  out += " ms=";
  append_ms(out, record.duration_us);
  out += " bytes=";
  append_number(out, record.bytes);
  out += record.completed ? " completed=true" : " completed=false";
  log::append_text_field(out, "endpoint", record.endpoint);
  log::append_text_field(out, "request_id", record.request_id);
  log::append_text_field(out, "client", record.client);
  log::append_text_field(out, "host", record.host);
  for (const PartRecord& part : record.parts) {
    log::append_text_field(out, "part", part.backend);
    log::append_text_field(out, "part_address", part.address);
    out += " part_status=";
    append_number(out, part.status);
    out += " part_ms=";
    append_ms(out, part.duration_us);
    if (!part.error.empty()) log::append_text_field(out, "part_error", part.error);
  }
  out += '\n';
}

}  // namespace

void format_access_record(std::string& out, const AccessRecord& record, log::Format format) {
  if (format == log::Format::json)
    format_json(out, record);
  else
    format_text(out, record);
}

}  // namespace ropewalk::telemetry
