// Stage 1 of simdjson alone: where the tokens of a JSON text begin. Owns the index; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace ropewalk::json {

class Structure {
 public:
  Structure();
  ~Structure();
  Structure(const Structure&) = delete;
  Structure& operator=(const Structure&) = delete;

  // Offsets of every bracket, colon and comma outside strings, of every opening quote, and of the
  // first byte of everything else that is no space. On success all strings are closed and hold
  // neither control characters nor invalid UTF-8; nothing else is checked. Empty: refused. Valid
  // until the next call.
  std::span<const std::uint32_t> index(std::string_view text);

  // Gives the memory back that a text of unusual size took.
  void shrink();

 private:
  struct Stage1;
  std::unique_ptr<Stage1> stage1_;
};

}  // namespace ropewalk::json
