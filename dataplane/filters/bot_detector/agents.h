// Which User-Agents are bots. Immutable; any thread.
#pragma once

#include "common/error.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::filters {

class Agents {
 public:
  struct Rules {
    std::vector<std::string> allow;  // whole agents
    std::vector<std::string> deny;
    std::vector<std::string> patterns;  // found anywhere, RE2
    bool empty_is_bot = false;
  };
  // Error (config): names the pattern that does not compile.
  static Result<std::shared_ptr<const Agents>> make(Rules rules);
  virtual ~Agents() = default;
  // allow, then deny, then patterns.
  virtual bool is_bot(std::string_view agent) const = 0;
};

}  // namespace ropewalk::filters
