// What one execution of a template may still make: bytes of texts, entries of lists and the
// comparisons of values that lists share, which none of them shows. One thread.
#pragma once

#include <cstddef>

namespace ropewalk::config::templates {

class Budget {
 public:
  // Of looking at one value again, so that time is bounded as well.
  static constexpr std::size_t kPrinted = 16;
  static constexpr std::size_t kCompared = 4;

  explicit Budget(std::size_t most) : left_(most) {}

  // False when less is left; from then on nothing is.
  bool spend(std::size_t bytes) {
    if (!affords(bytes)) return false;
    left_ -= bytes;
    return true;
  }
  // Whether so much could be spent: what cannot is not made, and the execution ends.
  bool affords(std::size_t bytes) {
    overdrawn_ = overdrawn_ || bytes > left_;
    return !overdrawn_;
  }
  bool overdrawn() const { return overdrawn_; }

 private:
  std::size_t left_;
  bool overdrawn_ = false;
};

}  // namespace ropewalk::config::templates
