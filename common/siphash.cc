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

const SipKey& process_sip_key() {
  static const SipKey kKey = random_sip_key();
  return kKey;
}

}  // namespace ropewalk
