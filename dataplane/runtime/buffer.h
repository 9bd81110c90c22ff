// A growable block of bytes with a read and a write end, followed by readable padding (simdjson
// reads past the end).
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace ropewalk::runtime {

class Buffer {
 public:
  static constexpr std::size_t kPadding = 64;

  explicit Buffer(std::size_t capacity = 0) {
    if (capacity) allocate(capacity);
  }
  Buffer(Buffer&& other) noexcept { swap(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    swap(other);
    return *this;
  }
  void swap(Buffer& other) noexcept {
    std::swap(memory_, other.memory_);
    std::swap(capacity_, other.capacity_);
    std::swap(begin_, other.begin_);
    std::swap(end_, other.end_);
  }

  std::string_view unread() const { return {memory_.get() + begin_, end_ - begin_}; }
  std::size_t capacity() const { return capacity_; }
  bool empty() const { return begin_ == end_; }
  void consume(std::size_t n) {
    begin_ += n;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  // As consume, but the bytes stay where they are: views into them remain valid until the next
  // `reserve` or `clear`.
  void pass(std::size_t n) { begin_ += n; }
  void clear() { begin_ = end_ = 0; }

  // As clear; memory for more than `most` bytes is freed.
  void release(std::size_t most) {
    clear();
    if (capacity_ > most) Buffer().swap(*this);
  }

  // Makes room for at least `n` more bytes; unread bytes keep their order, not their place.
  void reserve(std::size_t n) {
    if (capacity_ - end_ >= n) return;
    const std::size_t held = end_ - begin_;
    if (capacity_ >= held + n && memory_) {
      std::memmove(memory_.get(), memory_.get() + begin_, held);
    } else {
      Buffer grown(std::max(held + n, capacity_ * 2));
      if (held) std::memcpy(grown.memory_.get(), memory_.get() + begin_, held);
      memory_ = std::move(grown.memory_);
      capacity_ = grown.capacity_;
    }
    begin_ = 0;
    end_ = held;
  }
  char* tail() { return memory_.get() + end_; }
  std::size_t room() const { return capacity_ - end_; }
  void commit(std::size_t n) { end_ += n; }
  void append(std::string_view text) {
    reserve(text.size());
    if (!text.empty()) std::memcpy(tail(), text.data(), text.size());
    commit(text.size());
  }

 private:
  void allocate(std::size_t capacity) {
    memory_ = std::make_unique_for_overwrite<char[]>(capacity + kPadding);
    std::memset(memory_.get() + capacity, 0, kPadding);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> memory_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace ropewalk::runtime
