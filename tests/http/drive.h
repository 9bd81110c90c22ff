// Plays a connection to the readers, whole or in pieces, and writes down what they made of it.
#pragma once

#include "dataplane/http/reader.h"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::http {

struct Transcript {
  std::vector<std::string> messages;  // complete ones: start line, fields, body
  std::size_t body_bytes = 0;         // of them
  unsigned refused = 0;               // status
  std::string text;                   // of the refusal
  bool partial = false;               // ended inside a message

  bool operator==(const Transcript&) const = default;
};

// Says how many bytes arrive next (at least 1).
using Pieces = std::function<std::size_t()>;

struct Arrival {
  Pieces pieces;
  bool moving = false;  // the buffer has another address after every piece
};
Arrival whole();
Arrival every(std::size_t bytes, bool moving);
Arrival random_pieces(unsigned seed);

Transcript drive_requests(std::string_view input, const Arrival& arrival,
                          const ReaderLimits& limits = {});

// One answer; `eof`: the peer closes behind the input.
Transcript drive_response(std::string_view input, const Arrival& arrival, Method method, bool eof,
                          const ReaderLimits& limits = {});

// "\r", "\n", "\t", "\\", "\"" and "\xNN" in a table of cases.
std::string unescape(std::string_view text);

// The lines of a table beside the tests, split at " | " into `columns`.
std::vector<std::vector<std::string>> read_table(const std::string& path, std::size_t columns);

}  // namespace ropewalk::http
