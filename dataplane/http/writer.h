// Pieces of an outgoing HTTP/1.1 message, appended to the caller's buffer. Pure.
//
// The last guard against injected lines: text that would break the framing of a head is never
// written, in release builds neither. Functions that take foreign text return false then, and leave
// the buffer as it was.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace ropewalk::http {

// Whatever was asked, an answer of that status ends with its head (RFC 9110 6.4.1).
constexpr bool bodyless(unsigned status) { return status < 200 || status == 204 || status == 304; }

std::string_view reason_phrase(unsigned status);  // "" for an unknown status

// "HTTP/1.1 200 OK\r\n"; `status` from 100 to 999.
void append_status_line(std::string& out, unsigned status);
// With a reason of somebody else; one with control characters is replaced by our own.
void append_status_line(std::string& out, unsigned status, std::string_view reason);

// "GET /x HTTP/1.1\r\n". False: method no token, target empty or with blanks or controls.
[[nodiscard]] bool append_request_line(std::string& out, std::string_view method,
                                       std::string_view target);

// "Name: value\r\n". False: name no token, or a control other than HTAB in the value.
[[nodiscard]] bool append_field(std::string& out, std::string_view name, std::string_view value);
// "Name: 123\r\n"; `name` is ours.
void append_field(std::string& out, std::string_view name, std::uint64_t value);

void append_decimal(std::string& out, std::uint64_t value);

// "1f\r\n" before `size` bytes of data; the data, then kChunkEnd; after the last chunk kLastChunk.
// `size` must not be 0, which would end the body.
void append_chunk_size(std::string& out, std::uint64_t size);
inline constexpr std::string_view kChunkEnd = "\r\n";
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";
// A piece of a body in chunks, which may be empty; `last` ends the body.
void append_chunk(std::string& out, std::string_view piece, bool last);

// IMF-fixdate (RFC 9110 5.6.7) of seconds since 1970. The caller keeps it for a second.
std::array<char, 29> http_date(std::int64_t unix_seconds);

}  // namespace ropewalk::http
