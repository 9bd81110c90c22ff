// What is worth saying of a configuration that is acceptable.
#pragma once

#include <cstdint>
#include <string>

namespace ropewalk::config {

enum class Severity : std::uint8_t {
  no_effect,  // ignored, unknown, or not what it is meant for: fails `check --lint`
  advice,     // it does what it says, and that may surprise
};

struct Warning {
  std::string path;     // "endpoints[3].backend[0].url_patern"
  std::string message;  // "unknown key (did you mean url_pattern?)"
  Severity severity = Severity::no_effect;
};

}  // namespace ropewalk::config
