#include "dataplane/http/writer.h"

#include "dataplane/http/chars.h"

#include <cassert>
#include <charconv>
#include <chrono>
#include <cstring>

namespace ropewalk::http {
namespace {

void append_status(std::string& out, unsigned status) {
  assert(status >= 100 && status <= 999);
  out += "HTTP/1.1 ";
  append_decimal(out, status);
  out += ' ';
}

bool valid_value(std::string_view value) {
  const char* end = value.data() + value.size();
  return find_control(value.data(), end) == end;
}

bool valid_target(std::string_view target) {
  for (char c : target)
    if (c == ' ' || is_control(c)) return false;
  return !target.empty();
}

void two_digits(char* out, unsigned value) {
  out[0] = static_cast<char>('0' + value / 10 % 10);
  out[1] = static_cast<char>('0' + value % 10);
}

}  // namespace

std::string_view reason_phrase(unsigned status) {
  switch (status) {
    case 100:
      return "Continue";
    case 101:
      return "Switching Protocols";
    case 103:
      return "Early Hints";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 203:
      return "Non-Authoritative Information";
    case 204:
      return "No Content";
    case 205:
      return "Reset Content";
    case 206:
      return "Partial Content";
    case 207:
      return "Multi-Status";
    case 300:
      return "Multiple Choices";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 402:
      return "Payment Required";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 407:
      return "Proxy Authentication Required";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 423:
      return "Locked";
    case 424:
      return "Failed Dependency";
    case 425:
      return "Too Early";
    case 426:
      return "Upgrade Required";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 451:
      return "Unavailable For Legal Reasons";
    case 499:
      return "Client Closed Request";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    case 507:
      return "Insufficient Storage";
    case 511:
      return "Network Authentication Required";
    default:
      return "";
  }
}

void append_status_line(std::string& out, unsigned status) {
  append_status(out, status);
  out += reason_phrase(status);
  out += "\r\n";
}

void append_status_line(std::string& out, unsigned status, std::string_view reason) {
  if (!valid_value(reason)) return append_status_line(out, status);
  append_status(out, status);
  out += reason;
  out += "\r\n";
}

bool append_request_line(std::string& out, std::string_view method, std::string_view target) {
  if (!is_token(method) || !valid_target(target)) return false;
  out += method;
  out += ' ';
  out += target;
  out += " HTTP/1.1\r\n";
  return true;
}

bool append_field(std::string& out, std::string_view name, std::string_view value) {
  if (!is_token(name) || !valid_value(value)) return false;
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
  return true;
}

void append_field(std::string& out, std::string_view name, std::uint64_t value) {
  assert(is_token(name));
  out += name;
  out += ": ";
  append_decimal(out, value);
  out += "\r\n";
}

void append_decimal(std::string& out, std::uint64_t value) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, end);
}

void append_chunk_size(std::string& out, std::uint64_t size) {
  assert(size > 0);
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, size, 16).ptr;
  out.append(digits, end);
  out += "\r\n";
}

void append_chunk(std::string& out, std::string_view piece, bool last) {
  if (!piece.empty()) {
    append_chunk_size(out, piece.size());
    out += piece;
    out += kChunkEnd;
  }
  if (last) out += kLastChunk;
}

std::array<char, 29> http_date(std::int64_t unix_seconds) {
  constexpr char kDays[] = "SunMonTueWedThuFriSat";
  constexpr char kMonths[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const std::chrono::sys_seconds time{std::chrono::seconds(unix_seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  const int year = int(date.year());

  std::array<char, 29> text;
  std::memcpy(text.data(), "Thu, 01 Jan 1970 00:00:00 GMT", text.size());
  std::memcpy(&text[0], kDays + 3 * std::chrono::weekday(day).c_encoding(), 3);
  two_digits(&text[5], unsigned(date.day()));
  std::memcpy(&text[8], kMonths + 3 * (unsigned(date.month()) - 1), 3);
  two_digits(&text[12], static_cast<unsigned>(year / 100));
  two_digits(&text[14], static_cast<unsigned>(year % 100));
  two_digits(&text[17], static_cast<unsigned>(clock.hours().count()));
  two_digits(&text[20], static_cast<unsigned>(clock.minutes().count()));
  two_digits(&text[23], static_cast<unsigned>(clock.seconds().count()));
  return text;
}

}  // namespace ropewalk::http
