// A request and an answer as filters see and change them (KrakenD's proxy.Request and
// proxy.Response). Names and values are views; what a filter makes itself is kept in the arena of
// the message. Lives on one worker, as long as one client request.
#pragma once

#include "common/json/value.h"
#include "dataplane/http/message.h"

#include <cstddef>
#include <forward_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ropewalk::pipeline {

// Texts that stay in place until clear().
class Arena {
 public:
  std::string_view keep(std::string text) { return texts_.emplace_front(std::move(text)); }
  void clear() { texts_.clear(); }

 private:
  std::forward_list<std::string> texts_;
};

// As Go writes a field name: content-type -> Content-Type.
std::string canonical(std::string_view name);

// Every field of that name (any letter case) gives way to one, or is removed, or one more is added.
void set_field(http::Fields& fields, Arena& arena, std::string_view name, std::string_view value);
void add_field(http::Fields& fields, Arena& arena, std::string_view name, std::string_view value);
void erase_field(http::Fields& fields, std::string_view name);
// The first field of that name, nullptr without one.
const http::Field* find_field(const http::Fields& fields, std::string_view name);

struct Param {
  std::string_view
      name;  // as KrakenD keeps it, first letter upper case: "Id", "JWT.sub", "Resp0_id"
  std::string_view value;  // decoded
};

struct Request {
  std::string_view method;
  std::string_view path;  // of the client; below the backend's filters: its url_pattern filled in
  std::vector<Param> params;
  http::Fields headers;  // those let through (input_headers) and those the gateway writes
  std::vector<std::pair<std::string, std::string>> query;  // decoded, in the order received
  std::string_view body;
  bool has_body = false;
  std::string_view destination;  // "https://host:port" when a filter sends it elsewhere, else ""
  std::string_view host;  // of the client, where the backend is sent that in place of its own
  Arena arena;

  void set_method(std::string text) { method = arena.keep(std::move(text)); }
  void set_path(std::string text) { path = arena.keep(std::move(text)); }
  void set_body(std::string text) {
    body = arena.keep(std::move(text));
    has_body = true;
  }
  const Param* find_param(std::string_view name) const;
  void set_param(std::string_view name, std::string_view value);
};

struct Response {
  unsigned status = 0;    // of the backend; at the endpoint 0 unless a filter sets it
  http::Fields headers;   // of the backend without those of its connection; at the endpoint none
  bool complete = false;  // X-Krakend-Completed
  json::Value data;       // an object; null for no-op and in the client phase
  std::string body;       // no-op and client phase: the bytes, unpacked
  bool raw = false;       // no-op: `body` counts, not `data`
  bool cut = false;       // client phase: `body` is a whole value, but not all that was announced
  Arena arena;
};

}  // namespace ropewalk::pipeline
