// What one evaluation may cost. What exceeds it fails that evaluation, whatever the expression
// makes of errors. One thread.
#pragma once

#include <cstddef>

namespace ropewalk::cel {

struct Limits {
  std::size_t steps = 2'000'000;  // nodes evaluated, elements and bytes looked at (by 64)
  std::size_t memory = std::size_t{32} << 20;  // bytes of texts and lists made
};

class Meter {
 public:
  explicit Meter(const Limits& limits) : steps_(limits.steps), memory_(limits.memory) {}

  // False when the evaluation has to stop.
  bool spend(std::size_t steps = 1) { return take(steps_, steps); }
  bool scan(std::size_t bytes) { return take(steps_, bytes / 64 + 1); }
  bool allocate(std::size_t bytes) { return take(memory_, bytes); }
  bool exhausted() const { return exhausted_; }

  // How deep nested values are compared.
  static constexpr int kMaxDepth = 500;
  bool descend() {
    if (++depth_ > kMaxDepth) exhausted_ = true;
    return !exhausted_;
  }
  void ascend() { --depth_; }

 private:
  bool take(std::size_t& left, std::size_t amount) {
    if (exhausted_ || amount > left) {
      exhausted_ = true;
      return false;
    }
    left -= amount;
    return true;
  }

  std::size_t steps_;
  std::size_t memory_;
  int depth_ = 0;
  bool exhausted_ = false;
};

}  // namespace ropewalk::cel
