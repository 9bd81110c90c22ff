#include "dataplane/codec/negotiate.h"

#include "common/strings.h"

#include <utility>

namespace ropewalk::codec {
namespace {

constexpr std::pair<std::string_view, Negotiated> kOffers[] = {
    {"application/json", Negotiated::json},
    {"text/plain", Negotiated::yaml},
    {"application/xml", Negotiated::xml},
    {"application/x-yaml", Negotiated::yaml},
};

}  // namespace

Negotiated negotiate(std::string_view accept) {
  for (std::string_view entry : split(accept, ',')) {
    if (const std::size_t end = entry.find(';'); end != 0) entry = entry.substr(0, end);
    entry = trim(entry, " \t");
    if (entry.empty()) continue;
    const std::string_view known = entry.substr(0, entry.find('*'));
    for (const auto& [type, encoding] : kOffers) {
      if (!type.starts_with(known)) continue;
      // A star matches what is left, but something must be.
      if (known.size() == entry.size() || known.size() < type.size()) return encoding;
    }
  }
  return Negotiated::json;
}

}  // namespace ropewalk::codec
