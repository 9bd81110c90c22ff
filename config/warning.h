// What a configuration holds that has no effect.
#pragma once

#include <cstddef>
#include <string>

namespace ropewalk::config {

struct Warning {
  std::string path;      // "endpoints[3].backend[0].url_patern"
  std::string message;   // "unknown key (did you mean url_pattern?)"
  std::size_t line = 0;  // in the file; 0 where the path names no value of it
  std::size_t column = 0;
};

}  // namespace ropewalk::config
