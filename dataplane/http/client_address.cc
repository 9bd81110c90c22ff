#include "dataplane/http/client_address.h"

#include "common/strings.h"
#include "dataplane/http/chars.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>
#include <optional>

namespace ropewalk::http {
namespace {

constexpr std::string_view kDefaultNetworks[] = {
    "127.0.0.0/8",   "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16",
    "100.64.0.0/10", "::1/128",    "fc00::/7",      "fe80::/10"};

struct Address {
  std::array<std::uint8_t, 16> bytes{};  // IPv4 in the first four
  bool v4 = false;
};

// Strict: no zone, no leading zeros in IPv4. An IPv4-mapped address counts as IPv4, as in Go.
std::optional<Address> parse_address(std::string_view text) {
  char buffer[INET6_ADDRSTRLEN];
  if (text.empty() || text.size() >= sizeof buffer) return std::nullopt;
  std::memcpy(buffer, text.data(), text.size());
  buffer[text.size()] = '\0';
  if (std::strlen(buffer) != text.size()) return std::nullopt;
  Address address;
  if (inet_pton(AF_INET, buffer, address.bytes.data()) == 1) {
    address.v4 = true;
    return address;
  }
  if (inet_pton(AF_INET6, buffer, address.bytes.data()) != 1) return std::nullopt;
  constexpr std::uint8_t kMappedPrefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::memcmp(address.bytes.data(), kMappedPrefix, sizeof kMappedPrefix) == 0) {
    std::copy(address.bytes.begin() + 12, address.bytes.end(), address.bytes.begin());
    address.v4 = true;
  }
  return address;
}

// Without the prefix of an IPv4 address in an IPv6 one.
std::string to_text(std::string_view peer) {
  if (!peer.contains(':')) return std::string(peer);
  const std::optional<Address> address = parse_address(peer);
  char buffer[INET6_ADDRSTRLEN];
  if (!address ||
      !inet_ntop(address->v4 ? AF_INET : AF_INET6, address->bytes.data(), buffer, sizeof buffer))
    return std::string(peer);
  return buffer;
}

bool same_prefix(const std::uint8_t* a, const std::uint8_t* b, unsigned bits) {
  const unsigned bytes = bits / 8;
  if (std::memcmp(a, b, bytes) != 0) return false;
  const unsigned rest = bits % 8;
  return rest == 0 || (a[bytes] ^ b[bytes]) >> (8 - rest) == 0;
}

std::string joined(const Fields& fields, std::string_view name) {
  std::string value;
  bool first = true;
  for (const Field& field : fields) {
    if (!iequals(field.name, name)) continue;
    if (!first) value += ',';
    value += field.value;
    first = false;
  }
  return value;
}

// The right-most address that is not trusted, else the left-most; "" when something is no address.
std::string_view last_untrusted(std::string_view list, const TrustedProxies& trusted) {
  while (true) {
    const std::size_t comma = list.rfind(',');
    const bool leftmost = comma == std::string_view::npos;
    const std::string_view item = trim(leftmost ? list : list.substr(comma + 1));
    if (!parse_address(item)) return {};
    if (leftmost || !trusted.trusts(item)) return item;
    list = list.substr(0, comma);
  }
}

}  // namespace

TrustedProxies::TrustedProxies() {
  for (std::string_view entry : kDefaultNetworks) networks_.push_back(*parse_network(entry));
}

Result<TrustedProxies::Network> TrustedProxies::parse_network(std::string_view entry) {
  const std::size_t slash = entry.find('/');
  const std::optional<Address> address = parse_address(entry.substr(0, slash));
  if (!address)
    return fail(Kind::config, "'" + std::string(entry) + "' is no IP address or network");
  Network network{address->bytes, address->v4 ? 32u : 128u, address->v4};
  if (slash != std::string_view::npos) {
    const std::string_view bits = entry.substr(slash + 1);
    unsigned value = 0;
    for (char c : bits) value = is_digit(c) && value < 1000 ? value * 10 + unsigned(c - '0') : 1000;
    if (bits.empty() || value > network.bits)
      return fail(Kind::config, "'" + std::string(entry) + "' has no valid prefix length");
    network.bits = value;
  }
  return network;
}

Result<TrustedProxies> TrustedProxies::parse(std::span<const std::string> entries) {
  TrustedProxies result;
  if (entries.empty()) return result;
  result.networks_.clear();
  for (const std::string& entry : entries) {
    Result<Network> network = parse_network(entry);
    if (!network) return std::unexpected(network.error());
    result.networks_.push_back(*network);
  }
  return result;
}

bool TrustedProxies::trusts(std::string_view text) const {
  const std::optional<Address> address = parse_address(text);
  if (!address) return false;
  return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
    return network.v4 == address->v4 &&
           same_prefix(network.address.data(), address->bytes.data(), network.bits);
  });
}

std::string client_address(std::string_view peer, const Fields& fields,
                           const ClientAddressSettings& settings) {
  if (settings.app_engine)
    for (const Field& field : fields)
      if (iequals(field.name, "X-Appengine-Remote-Addr") && !field.value.empty())
        return std::string(field.value);
  if (settings.forwarded_by_client_ip)
    for (const std::string& name : settings.headers) {
      const std::string list = joined(fields, name);
      if (list.empty()) continue;
      if (!settings.trusted.trusts(peer)) break;
      if (const std::string_view found = last_untrusted(list, settings.trusted); !found.empty())
        return std::string(found);
    }
  return to_text(peer);
}

}  // namespace ropewalk::http
