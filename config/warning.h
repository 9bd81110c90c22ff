// What a configuration holds that has no effect.
#pragma once

#include <string>

namespace ropewalk::config {

struct Warning {
  std::string path;     // "endpoints[3].backend[0].url_patern"
  std::string message;  // "unknown key (did you mean url_pattern?)"
};

}  // namespace ropewalk::config
