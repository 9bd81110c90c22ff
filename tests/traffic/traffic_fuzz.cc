// Fields that strangers write and that the cache and the limits read: Cache-Control, Vary, dates,
// addresses, and the texts of the model.
#include "dataplane/filters/http_cache/entry.h"
#include "dataplane/filters/ratelimit/client_key.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace ropewalk;

namespace {

void check(bool held) {
  if (!held) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t half = text.find('\n');
  const std::string_view first = text.substr(0, half);
  const std::string_view second =
      half == std::string_view::npos ? std::string_view{} : text.substr(half + 1);

  const std::string address = ratelimit::first_address(first);
  check(address.empty() || ratelimit::first_address(address) == address);
  (void)ratelimit::parse_settings(text);

  http::Fields request;
  request.add("Cache-Control", second, http::FieldId::cache_control);
  request.add("Accept-Encoding", first, http::FieldId::accept_encoding);
  pipeline::Response response;
  response.status = 200;
  response.headers.add("Cache-Control", first, http::FieldId::cache_control);
  response.headers.add("Vary", second, http::FieldId::other);
  response.headers.add("Date", first, http::FieldId::date);
  response.headers.add("Expires", second, http::FieldId::other);
  const auto entry = http_cache::make_entry(request, response);
  check(!entry->any_request || entry->matches(request));
  const http_cache::Directives asked(second);
  const auto now = static_cast<http_cache::Nanoseconds>(size) << 40U;
  (void)http_cache::judge(entry->lifetime, asked, now);
  (void)http_cache::covers_error(entry->lifetime, asked, now);
  (void)http_cache::storable(request, asked, response.status, http_cache::Directives(first));
  const auto newer = http_cache::refreshed(*entry, request, response.headers);
  check(newer->fields.size() == entry->fields.size());
  return 0;
}
