#include "config/host.h"

#include <charconv>
#include <optional>

namespace ropewalk::config {
namespace {

using Host = v1::HostSet::Host;

bool digit(char c) { return c >= '0' && c <= '9'; }

bool name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || digit(c) || c == '.' || c == '_' ||
         c == '-';
}

struct Found {
  std::size_t begin = 0;
  bool tls = false;
  std::string_view name;
  std::string_view port;  // "" for none
  std::size_t end = 0;
};

// name[:port][/] at `at`.
std::optional<Found> match_authority(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && name_character(text[end])) ++end;
  if (end == at) return std::nullopt;
  Found found{.begin = at, .name = text.substr(at, end - at), .end = end};
  if (end < text.size() && text[end] == ':') {
    std::size_t stop = end + 1;
    while (stop < text.size() && stop < end + 7 && digit(text[stop])) ++stop;
    if (stop - end > 2) {
      found.port = text.substr(end + 1, stop - end - 1);
      found.end = stop;
    }
  }
  if (found.end < text.size() && text[found.end] == '/') ++found.end;
  return found;
}

std::optional<Found> match(std::string_view text, std::size_t at) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!text.substr(at).starts_with(scheme)) continue;
    if (auto found = match_authority(text, at + scheme.size())) {
      found->begin = at;
      found->tls = scheme == "https://";
      return found;
    }
  }
  return match_authority(text, at);
}

Result<void> set_port(Host& host, std::string_view text) {
  host.set_port(host.tls() ? 443 : 80);
  if (text.empty()) return {};
  std::uint32_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0 || port > 65535)
    return fail(Kind::connect, "the port must be from 1 to 65535, got " + std::string(text));
  // Go sends the port as it was written, a default one included.
  if (port == host.port()) {
    const bool v6 = host.address().find(':') != std::string::npos;
    host.set_authority((v6 ? "[" + host.address() + "]" : host.address()) + ":" +
                       std::to_string(port));
  }
  host.set_port(port);
  return {};
}

int hex(char c) {
  if (digit(c)) return c - '0';
  const char low = static_cast<char>(c | 0x20);
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size() || hex(text[i + 1]) < 0 || hex(text[i + 2]) < 0) return std::nullopt;
    out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
    i += 2;
  }
  return out;
}

Result<void> set_user_info(Host& host, std::string_view text) {
  const auto colon = text.find(':');
  const auto user = percent_decoded(text.substr(0, colon));
  const auto password = percent_decoded(colon == std::string_view::npos ? std::string_view()
                                                                        : text.substr(colon + 1));
  if (!user || !password) return fail(Kind::config, "the user information has a broken escape");
  host.set_user_info(*user + ":" + *password);
  return {};
}

// For messages: what stands before the last '@' may hold a password.
std::string masked(std::string_view text) {
  const auto at = text.rfind('@');
  if (at == std::string_view::npos) return "\"" + std::string(text) + "\"";
  const auto scheme = text.find("://");
  const std::string_view front = scheme < at ? text.substr(0, scheme + 3) : std::string_view();
  return "\"" + std::string(front) + "***" + std::string(text.substr(at)) + "\"";
}

bool clean(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f) return false;
  return true;
}

Result<Found> search(std::string_view text) {
  std::optional<Found> only;
  for (std::size_t at = 0; at < text.size();) {
    const auto found = match(text, at);
    if (!found) {
      ++at;
      continue;
    }
    if (only)
      return fail(Kind::config, "expected [http(s)://]name[:port], got " + masked(text) +
                                    " (disable_host_sanitize allows a path and user information)");
    only = found;
    at = found->end;
  }
  if (!only) return fail(Kind::config, "expected [http(s)://]name[:port], got " + masked(text));
  return *only;
}

Result<Host> host_of(const Found& found) {
  Host host;
  host.set_tls(found.tls);
  host.set_address(std::string(found.name));
  if (auto done = set_port(host, found.port); !done) return std::unexpected(done.error());
  return host;
}

}  // namespace

Result<Host> sanitise_host(std::string_view text) {
  const auto found = search(text);
  if (!found) return std::unexpected(found.error());
  return host_of(*found);
}

std::string sanitised_remark(std::string_view text) {
  const auto found = search(text);
  if (!found) return {};
  const auto host = host_of(*found);
  if (!host) return {};
  const std::string dropped =
      std::string(text.substr(0, found->begin)) + std::string(text.substr(found->end));
  if (dropped.find_first_not_of(" \t\r\n/") == std::string::npos) return {};
  return "read as " + host_text(*host) +
         (dropped.find('$') == std::string::npos
              ? ""
              : ": variables are not expanded here, templates are (FC_ENABLE)");
}

Result<Host> parse_host(std::string_view text) {
  Host host;
  const auto scheme = text.find("://");
  if (scheme == std::string_view::npos)
    return fail(Kind::config,
                "a host needs http:// or https:// where disable_host_sanitize is set");
  const std::string_view name = text.substr(0, scheme);
  if (name != "http" && name != "https")
    return fail(Kind::config,
                "the scheme must be http or https, got \"" + std::string(name) + "\"");
  host.set_tls(name == "https");
  text.remove_prefix(scheme + 3);
  std::string_view authority = text.substr(0, text.find_first_of("/?#"));
  std::string_view prefix = text.substr(authority.size());
  prefix = prefix.substr(0, prefix.find('#'));
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    if (auto done = set_user_info(host, authority.substr(0, at)); !done)
      return std::unexpected(done.error());
    authority.remove_prefix(at + 1);
  }
  std::string_view port;
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    if (end == std::string_view::npos) return fail(Kind::config, "the IPv6 address lacks its ']'");
    host.set_address(std::string(authority.substr(1, end - 1)));
    const std::string_view rest = authority.substr(end + 1);
    if (!rest.empty() && rest[0] != ':')
      return fail(Kind::config, "expected ':' and a port after the IPv6 address");
    port = rest.empty() ? rest : rest.substr(1);
  } else {
    const auto colon = authority.find(':');
    host.set_address(std::string(authority.substr(0, colon)));
    if (colon != std::string_view::npos) port = authority.substr(colon + 1);
  }
  if (host.address().empty() || !clean(host.address()))
    return fail(Kind::config, "expected a host name or address");
  if (auto done = set_port(host, port); !done) return std::unexpected(done.error());
  if (!clean(prefix)) return fail(Kind::config, "the path of a host cannot hold blanks");
  // Go's client puts a slash before a query that follows the authority.
  host.set_base_path((prefix.starts_with('?') ? "/" : "") + std::string(prefix));
  return host;
}

std::string host_text(const Host& host) {
  const bool v6 = host.address().find(':') != std::string::npos;
  return std::string(host.tls() ? "https://" : "http://") +
         (v6 ? "[" + host.address() + "]" : host.address()) + ":" + std::to_string(host.port()) +
         host.base_path();
}

}  // namespace ropewalk::config
