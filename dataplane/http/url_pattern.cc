#include "dataplane/http/url_pattern.h"

#include "dataplane/http/escape.h"
#include "dataplane/http/target.h"

#include <algorithm>
#include <optional>

namespace ropewalk::http {
namespace {

constexpr CharClass kPlaceholderChar = char_class("_-.:/");
// Harmless in a query besides letters, digits and -_.~ (recorded case param-in-query).
constexpr CharClass kQueryValueChar = char_class("-_.~:@,()*!");

// The text of the placeholder that begins at text[at], without braces, or "".
std::string_view placeholder_at(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  while (end < text.size() && in_class(kPlaceholderChar, text[end])) ++end;
  if (end == at + 1 || end == text.size() || text[end] != '}') return {};
  return text.substr(at + 1, end - at - 1);
}

std::string title(std::string_view name) {
  std::string result(name);
  if (result.front() >= 'a' && result.front() <= 'z')
    result.front() = static_cast<char>(result.front() - 'a' + 'A');
  return result;
}

std::optional<std::uint32_t> find_parameter(std::string_view name,
                                            std::span<const std::string> parameters) {
  const std::string wanted = title(name);
  for (std::size_t i = parameters.size(); i-- > 0;)
    if (!parameters[i].empty() && title(parameters[i]) == wanted)
      return static_cast<std::uint32_t>(i);
  return std::nullopt;
}

struct Split {
  std::string_view literal;      // before the placeholder
  std::string_view placeholder;  // "" at the end of the text
  std::string_view rest;
};

Split next_placeholder(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '{') continue;
    const std::string_view name = placeholder_at(text, i);
    if (!name.empty()) return {text.substr(0, i), name, text.substr(i + name.size() + 2)};
  }
  return {text, {}, {}};
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), is_control);
}

}  // namespace

UrlPattern::Piece& UrlPattern::open_piece(Place place) {
  if (pieces_.empty() || pieces_.back().value != kNoValue || pieces_.back().place != place) {
    pieces_.emplace_back();
    pieces_.back().place = place;
  }
  return pieces_.back();
}

void UrlPattern::add_value(std::uint32_t value, Place place, std::string_view name) {
  Piece& piece = open_piece(place == Place::tail ? Place::path : place);
  piece.value = value;
  piece.placeholder = "{{." + title(name) + "}}";
  piece.place = place;
}

Result<void> UrlPattern::add_path_literal(std::string_view text) {
  Result<std::string> decoded = decode_path(text);
  if (!decoded)
    return fail(Kind::config, "url_pattern: " + decoded.error().message + " in the path");
  if (needs_path_encoding(text)) encode_path_ = true;
  Piece& piece = open_piece(Place::path);
  piece.kept.append(text);
  piece.encoded.append(escape_path(*decoded));
  return {};
}

Result<void> UrlPattern::add_path(std::string_view text, std::span<const std::string> parameters) {
  const auto whole = std::ranges::find(parameters, "*");
  const bool tail = text.ends_with("/*") && whole != parameters.end();
  if (tail) text.remove_suffix(1);
  while (!text.empty()) {
    const Split split = next_placeholder(text);
    if (Result<void> added = add_path_literal(split.literal); !added) return added;
    text = split.rest;
    if (split.placeholder.empty()) break;
    if (const auto value = find_parameter(split.placeholder, parameters)) {
      add_value(*value, Place::path, split.placeholder);
    } else {
      unresolved_.emplace_back(split.placeholder);
      if (Result<void> added = add_path_literal("{{." + title(split.placeholder) + "}}"); !added)
        return added;
    }
  }
  if (tail) add_value(static_cast<std::uint32_t>(whole - parameters.begin()), Place::tail, "*");
  return {};
}

Result<void> UrlPattern::add_query(std::string_view text, std::span<const std::string> parameters) {
  has_query_ = true;
  open_piece(Place::query).kept += '?';
  while (!text.empty()) {
    const Split split = next_placeholder(text);
    for (char c : split.literal)
      if (c == ' ')
        open_piece(Place::query).kept += "%20";
      else
        open_piece(Place::query).kept += c;
    text = split.rest;
    if (split.placeholder.empty()) break;
    if (const auto value = find_parameter(split.placeholder, parameters)) {
      add_value(*value, Place::query, split.placeholder);
    } else {
      unresolved_.emplace_back(split.placeholder);
      open_piece(Place::query).kept += "{{." + title(split.placeholder) + "}}";
    }
  }
  return {};
}

Result<UrlPattern> UrlPattern::compile(std::string_view pattern,
                                       std::span<const std::string> parameters) {
  if (has_control(pattern)) return fail(Kind::config, "url_pattern: control character");
  pattern = pattern.substr(0, pattern.find('#'));
  const std::size_t query = pattern.find('?');
  UrlPattern result;
  if (Result<void> added = result.add_path(pattern.substr(0, query), parameters); !added)
    return std::unexpected(added.error());
  if (query != std::string_view::npos)
    if (Result<void> added = result.add_query(pattern.substr(query + 1), parameters); !added)
      return std::unexpected(added.error());
  return result;
}

bool UrlPattern::puts_into_path(std::size_t parameter) const {
  return std::ranges::any_of(pieces_, [&](const Piece& piece) {
    return piece.value == parameter && piece.place == Place::path;
  });
}

Result<void> UrlPattern::append(std::string& out, std::span<const std::string_view> values) const {
  PathStyle style = encode_path_ ? PathStyle::encoded : PathStyle::kept;
  for (const Piece& piece : pieces_) {
    if (piece.value == kNoValue) continue;
    const std::string_view value =
        values[piece.value].data() ? values[piece.value] : std::string_view(piece.placeholder);
    if (has_control(value))
      return fail(Kind::internal, "invalid control character in URL", Origin::client);
    if (piece.place == Place::path && is_dot_segment(value))
      return fail(Kind::internal, "dot segment in URL", Origin::client);
    if (piece.place == Place::path && needs_path_encoding(value)) style = PathStyle::encoded;
  }
  for (const Piece& piece : pieces_) {
    out += style == PathStyle::kept || piece.place == Place::query ? piece.kept : piece.encoded;
    if (piece.value == kNoValue) continue;
    const std::string_view value = values[piece.value];
    if (!value.data()) {
      if (piece.place == Place::query)
        out += piece.placeholder;
      else
        append_segment(out, piece.placeholder, style);
    } else if (piece.place == Place::path) {
      append_segment(out, value, style);
    } else if (piece.place == Place::tail) {
      out += value;
    } else {
      for (char c : value) {
        if (in_class(kQueryValueChar, c))
          out += c;
        else
          append_escape(out, c);
      }
    }
  }
  return {};
}

}  // namespace ropewalk::http
