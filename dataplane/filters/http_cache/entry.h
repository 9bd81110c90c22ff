// A stored answer, and which answers are stored. Pure.
#pragma once

#include "dataplane/filters/http_cache/directives.h"
#include "dataplane/pipeline/message.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ropewalk::http_cache {

// Immutable once made: any thread reads it.
struct Entry {
  unsigned status = 0;
  std::string text;  // what the fields view
  http::Fields fields;
  std::string body;
  Lifetime lifetime;
  bool any_request = true;                                  // false: Vary: *
  std::vector<std::pair<std::string, std::string>> varied;  // fields of the request it answers
  std::string_view etag;
  std::string_view last_modified;

  // What it was made of, the fields of the request included.
  std::size_t bytes() const;
  // Whether it answers a request with these fields (RFC 9111 4.1).
  bool matches(const http::Fields& request) const;
  // The fields of a request that it varies by; equal for requests that get the same answer.
  std::string variant_of(const http::Fields& request) const;
};

std::shared_ptr<const Entry> make_entry(const http::Fields& request,
                                        const pipeline::Response& response);
// With the fields of a 304 in place of its own (RFC 9111 3.2).
std::shared_ptr<const Entry> refreshed(const Entry& old, const http::Fields& request,
                                       const http::Fields& news);
void copy_to(const Entry& entry, pipeline::Response& response);

// "5:hello": other parts one after another never make the same text.
void add_part(std::string& out, std::string_view part);

// The first value, "" without one.
std::string_view value_of(const http::Fields& fields, std::string_view name);

// Where a memory for many clients may keep the answer: not private, not no-store, nothing that a
// request with Authorization got unless the answer says so, nothing partial, no 304 by itself.
bool storable(const http::Fields& request, const Directives& asked, unsigned status,
              const Directives& answer);

}  // namespace ropewalk::http_cache
