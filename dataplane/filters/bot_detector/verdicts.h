// Remembers what the latest agents were, so that their patterns are not tried again. Bounded, the
// one used longest ago gives way; shared by the workers, with a short lock.
#pragma once

#include "common/keyed_table.h"

#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace ropewalk::filters {

class Verdicts {
 public:
  explicit Verdicts(std::size_t most) : most_(most) {}

  std::optional<bool> find(std::string_view agent);
  // Agents longer than 512 bytes are not kept.
  void keep(std::string_view agent, bool bot);
  std::size_t size();

 private:
  struct Entry {
    std::string agent;
    bool bot;
  };
  std::mutex mutex_;
  const std::size_t most_;
  std::list<Entry> entries_;                                      // the latest first
  KeyedMap<std::list<Entry>::iterator, std::string_view> index_;  // views into entries_
};

}  // namespace ropewalk::filters
