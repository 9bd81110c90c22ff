// KrakenD's url_pattern, compiled: the path and query of a backend request out of the endpoint's
// parameters. Immutable after compile; any thread may append.
//
// Values are data (design 7.2): each placeholder is substituted once, in one pass, and encoded for
// its place. The path follows Go's rule: if everything in it may stand in a path, it is sent as
// written (escapes in the pattern survive), otherwise the whole path is encoded anew.
#pragma once

#include "common/error.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::http {

class UrlPattern {
 public:
  // `parameters`: the names whose values append() gets, in that order: those of the endpoint's path
  // (router::parameter_names), then others that the caller resolves ("JWT.sub"). "{id}" and "{Id}"
  // are one name, the later one counts. The name "*" stands for the tail of a wildcard route and
  // fills a pattern that ends in "/*". A placeholder that no parameter fills is sent literally as
  // {{.Name}}, as KrakenD does.
  // Errors (config): control characters, a broken escape in the path.
  static Result<UrlPattern> compile(std::string_view pattern,
                                    std::span<const std::string> parameters);

  // Appends path and query. `values` are decoded (path_parameter), that of "*" is what path_tail
  // returned. On error nothing is appended: a control character in a value, or "." or ".." in the
  // path (the error of this backend's part, 500 in KrakenD). `values` must have one entry for each
  // name; one without data leaves its placeholder in the text.
  Result<void> append(std::string& out, std::span<const std::string_view> values) const;

  // Whether the value of the parameter at this index goes into the path, as a part of a segment.
  bool puts_into_path(std::size_t parameter) const;

  // Whether a query begins in the pattern: forwarded parameters follow after '&' unless the text
  // appended so far ends in '?'.
  bool has_query() const { return has_query_; }
  // Names of the placeholders that no parameter fills, as written in the pattern.
  const std::vector<std::string>& unresolved() const { return unresolved_; }

 private:
  enum class Place : std::uint8_t { path, query, tail };
  struct Piece {
    std::string kept;     // literal text before the value, for a path that goes as written
    std::string encoded;  // the same encoded anew
    std::uint32_t value = kNoValue;
    std::string placeholder;  // {{.Name}}: goes out where there is no value
    Place place = Place::path;
  };
  static constexpr std::uint32_t kNoValue = UINT32_MAX;

  Result<void> add_path(std::string_view text, std::span<const std::string> parameters);
  Result<void> add_query(std::string_view text, std::span<const std::string> parameters);
  Result<void> add_path_literal(std::string_view text);
  void add_value(std::uint32_t value, Place place, std::string_view name);
  Piece& open_piece(Place place);

  std::vector<Piece> pieces_;
  bool encode_path_ = false;  // the pattern's own text needs it
  bool has_query_ = false;
  std::vector<std::string> unresolved_;
};

}  // namespace ropewalk::http
