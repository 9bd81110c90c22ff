// Fields of outgoing heads. One whose name or value could break the framing is left out: it cannot
// come from a parsed message, only from configuration or a mistake of ours.
#pragma once

#include "dataplane/http/writer.h"

#include <string>
#include <string_view>

namespace ropewalk::proxy {

inline void put(std::string& out, std::string_view name, std::string_view value) {
  (void)http::append_field(out, name, value);
}

// With the name as Go writes it (Content-Type, X-Tenant-Id), which KrakenD's users see.
inline void put_canonical(std::string& out, std::string_view name, std::string_view value) {
  const std::size_t at = out.size();
  if (!http::append_field(out, name, value)) return;
  bool first = true;
  for (std::size_t i = at; i < at + name.size(); ++i) {
    char& c = out[i];
    if (first && c >= 'a' && c <= 'z')
      c = static_cast<char>(c - 32);
    else if (!first && c >= 'A' && c <= 'Z')
      c = static_cast<char>(c + 32);
    first = c == '-';
  }
}

}  // namespace ropewalk::proxy
