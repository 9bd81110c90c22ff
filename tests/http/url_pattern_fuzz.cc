// Whatever the values: the backend gets the pattern's segments, one value in each, and nothing that
// breaks a request line. Input: the pattern, then values, by lines; parameters are a, b, c.
#include "common/strings.h"
#include "dataplane/http/chars.h"
#include "dataplane/http/target.h"
#include "dataplane/http/url_pattern.h"

#include <algorithm>
#include <cstdlib>

using namespace ropewalk;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto lines = split(input, '\n');
  const std::vector<std::string> names = {"a", "b", "c"};
  const Result<http::UrlPattern> pattern = http::UrlPattern::compile(lines[0], names);
  if (!pattern) return 0;
  std::vector<std::string_view> values(3);
  for (std::size_t i = 0; i < 3 && i + 1 < lines.size(); ++i) values[i] = lines[i + 1];
  std::string out;
  if (!pattern->append(out, values)) {
    if (!out.empty()) std::abort();
    return 0;
  }
  std::string plain;
  const std::vector<std::string_view> letters = {"x", "x", "x"};
  if (!pattern->append(plain, letters)) std::abort();

  const auto count = [](std::string_view text, char c) {
    return std::count(text.begin(), text.end(), c);
  };
  const std::string_view path = std::string_view(out).substr(0, out.find('?'));
  const std::string_view plain_path = std::string_view(plain).substr(0, plain.find('?'));
  // An escaped slash of the pattern becomes a slash where the path is encoded anew, as in Go.
  const bool escaped_slash = to_lower(lines[0]).find("%2f") != std::string::npos;
  if (!escaped_slash && count(path, '/') != count(plain_path, '/')) std::abort();
  const std::string_view query = std::string_view(out).substr(path.size());
  const std::string_view plain_query = std::string_view(plain).substr(plain_path.size());
  for (char separator : {'?', '&', '=', ';', '#', '+'})
    if (count(query, separator) != count(plain_query, separator)) std::abort();
  for (char c : path)
    if (static_cast<unsigned char>(c) >= 0x80 || c == ' ' || c == '#') std::abort();
  for (char c : out)
    if (http::is_control(c) || c == ' ') std::abort();
  if (!http::decode_path(path)) std::abort();
  return 0;
}
