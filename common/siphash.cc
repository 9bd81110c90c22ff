#include "common/siphash.h"

#include <random>

namespace ropewalk {

SipKey random_sip_key() {
  std::random_device source;
  const auto word = [&] {
    return static_cast<std::uint64_t>(source()) << 32U | static_cast<std::uint64_t>(source());
  };
  return {word(), word()};
}

}  // namespace ropewalk
