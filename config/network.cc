#include "config/network.h"

#include <arpa/inet.h>

#include <array>
#include <charconv>

namespace ropewalk::config {

bool is_network(const std::string& text) {
  const auto slash = text.find('/');
  const std::string address = text.substr(0, slash);
  std::array<unsigned char, 16> bytes{};
  const bool v4 = inet_pton(AF_INET, address.c_str(), bytes.data()) == 1;
  if (!v4 && inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) return false;
  if (slash == std::string::npos) return true;
  unsigned bits = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data() + slash + 1, end, bits);
  return result.ec == std::errc{} && result.ptr == end && bits <= (v4 ? 32U : 128U);
}

}  // namespace ropewalk::config
