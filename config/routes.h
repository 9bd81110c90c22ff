// Routes that KrakenD's router refuses beside each other: the same method and path twice, two names
// for the parameter in one position. One thread.
#pragma once

#include "common/error.h"

#include <map>
#include <string>
#include <string_view>

namespace ropewalk::config {

class RouteTable {
 public:
  // `path` as in the model. Error: what it collides with, and where that stands.
  Result<void> add(const std::string& method, std::string_view path, const std::string& where);

 private:
  struct Parameter {
    std::string name;
    std::string where;
  };
  std::map<std::string, std::string> routes_;    // "METHOD identity" -> where
  std::map<std::string, Parameter> parameters_;  // "METHOD text before it" -> the name there
};

}  // namespace ropewalk::config
