#include "dataplane/filters/ratelimit/client_key.h"

#include "common/strings.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace ropewalk::ratelimit {
namespace {

std::string normalised(int family, const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  if (inet_pton(family, text.c_str(), bytes.data()) != 1) return {};
  std::array<char, INET6_ADDRSTRLEN> out{};
  return inet_ntop(family, bytes.data(), out.data(), out.size()) ? std::string(out.data())
                                                                 : std::string();
}

}  // namespace

std::string first_address(std::string_view value) {
  std::string_view first = trim(value.substr(0, value.find(',')));
  if (first.starts_with('[')) {
    first = first.substr(1, first.find(']') - 1);
  } else if (std::ranges::count(first, ':') == 1) {
    first = first.substr(0, first.find(':'));
  }
  const std::string text(first);
  return normalised(text.contains(':') ? AF_INET6 : AF_INET, text);
}

std::string client_key(const ClientLimit& limit, const pipeline::Passage& passage) {
  if (limit.key.empty() && limit.strategy != Strategy::ip) return {};
  const auto field = [&] {
    // KrakenD does not count it among the fields of a request.
    if (iequals(limit.key, "Host")) return std::string_view{};
    const http::Field* found = pipeline::find_field(passage.head->fields, limit.key);
    return found ? found->value : std::string_view{};
  };
  switch (limit.strategy) {
    case Strategy::header:
      return std::string(field());
    case Strategy::param:
      for (const pipeline::Param& param : passage.params)
        if (param.name == limit.key) return std::string(param.value);
      return {};
    case Strategy::ip:
      break;
  }
  std::string named = limit.key.empty() ? std::string() : first_address(field());
  return named.empty() ? std::string(passage.client_address) : named;
}

}  // namespace ropewalk::ratelimit
