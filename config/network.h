// Addresses and networks of a configuration. Pure.
#pragma once

#include <string>

namespace ropewalk::config {

// An IPv4 or IPv6 address, or a network in CIDR notation.
bool is_network(const std::string& text);

}  // namespace ropewalk::config
