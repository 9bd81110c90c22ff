// Beast's parser as a second opinion: what our readers accept it must accept with the same result.
// Only tests, fuzz targets and the benchmark use it (docs/adr/0001-http-reader.md).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ropewalk::http {

struct BeastMessage {
  bool complete = false;
  std::string error;  // "" while it may still be completed
  std::string method;
  std::string target;
  unsigned status = 0;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
};

// The first message of `input`.
BeastMessage beast_request(std::string_view input);
// `eof`: the connection ends behind the input.
BeastMessage beast_response(std::string_view input, bool head_request, bool eof);

// Slices of names and values only, as our reader keeps them: the number of fields of a head.
std::size_t beast_request_head(std::string_view head);
std::size_t beast_response_head(std::string_view head);

}  // namespace ropewalk::http
