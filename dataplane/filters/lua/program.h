// What a block of modifier/lua-* says, read from the text that config/extra/lua wrote, with its
// scripts rewritten for the interpreter. Immutable; every worker reads it.
#pragma once

#include "common/error.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::lua {

enum class Chunk : std::uint8_t { sources, pre, post };

struct Limits {
  std::size_t memory = std::size_t{32} << 20;  // bytes of one run
  std::uint64_t instructions = 10'000'000;
  std::uint64_t steps = 50'000'000;     // of library functions, about a byte looked at each
  std::int64_t cpu_ns = 1'000'000'000;  // of the worker's thread between two waits
};

struct Source {
  std::string name;
  std::string text;
};

struct Program {
  std::vector<Source> sources;
  std::string pre;
  std::string post;
  // Files that scripts name in dofile, loadfile and require.
  std::map<std::string, std::string, std::less<>> files;
  std::string host;  // "http://host:port" of a backend, "" where none is known
  bool open_libraries = false;
  bool skip_next = false;
  Limits limits;

  bool has(Chunk chunk) const;
  // All sources are one chunk, as in KrakenD.
  std::string text(Chunk chunk) const;
  bool mentions(std::string_view word) const;
  // Where the post script can come to.
  bool mentions_beside_pre(std::string_view word) const;

  // Errors (config).
  static Result<Program> parse(std::string_view text);
};

// What a script's failure means to the client.
struct Failure {
  std::string message;
  unsigned status = 0;       // 0: no status of its own
  std::string content_type;  // "" for none
};

// `raw` is the interpreter's text ("<string>:3: no tenant || 403"). custom_error joins its
// arguments by " || ". Others end in the place: "(pre-script:L3)"; the lines are counted through
// the sources first, as KrakenD does.
Failure judge(const std::string& raw, const Program& program, Chunk chunk);

}  // namespace ropewalk::lua
