#include "dataplane/router/path.h"

#include "common/strings.h"
#include "dataplane/http/escape.h"
#include "dataplane/router/router.h"

namespace ropewalk::router {
namespace {

bool name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

// The end of "{name}" at the beginning of `text`, or 0.
std::size_t braces_end(std::string_view text) {
  if (!text.starts_with('{')) return 0;
  std::size_t end = 1;
  while (end < text.size() && name_char(text[end])) ++end;
  return end > 1 && end < text.size() && text[end] == '}' ? end + 1 : 0;
}

void add_static(std::vector<Token>& tokens, std::string_view text) {
  if (text.empty()) return;
  if (tokens.empty() || tokens.back().parameter) tokens.emplace_back();
  tokens.back().text += text;
}

std::unexpected<Error> refuse(std::string_view path, const std::string& why) {
  return fail(Kind::config, "path '" + std::string(path) + "': " + why);
}

struct Segment {
  std::string text;  // raw
  bool current = false;
  bool parent = false;
};

Segment make_segment(std::string_view raw, std::string_view decoded) {
  return {std::string(raw), decoded == ".", decoded == ".."};
}

std::string resolve(const std::vector<Segment>& segments) {
  std::vector<const std::string*> kept;
  bool trailing = false;
  for (const Segment& segment : segments) {
    trailing = segment.text.empty() || segment.current;
    if (segment.parent) {
      if (!kept.empty()) kept.pop_back();
    } else if (!trailing) {
      kept.push_back(&segment.text);
    }
  }
  std::string out;
  for (const std::string* text : kept) out += '/' + *text;
  if (out.empty() || trailing) out += '/';
  return out;
}

}  // namespace

Result<Pattern> parse_pattern(std::string_view path, bool wildcard) {
  if (!path.starts_with('/')) return refuse(path, "must begin with '/'");
  Pattern pattern;
  pattern.wildcard = wildcard;
  std::string_view rest = path;
  if (wildcard) {
    if (!rest.ends_with("/*")) return refuse(path, "a wildcard route ends in '/*'");
    rest.remove_suffix(1);
  }
  if (rest.find('*') != std::string_view::npos)
    return refuse(path, "'*' is only allowed as the last segment");
  while (!rest.empty()) {
    rest.remove_prefix(1);
    add_static(pattern.tokens, "/");
    const std::size_t slash = rest.find('/');
    const std::string_view segment = rest.substr(0, slash);
    rest.remove_prefix(segment.size());
    const std::size_t braces = braces_end(segment);
    const std::size_t colon = segment.find(':');
    if (braces == 0 && colon == std::string_view::npos) {
      add_static(pattern.tokens, segment);
      continue;
    }
    std::string name;
    if (braces > 0) {
      name.append(segment.substr(1, braces - 2)).append(segment.substr(braces));
    } else {
      add_static(pattern.tokens, segment.substr(0, colon));
      name = segment.substr(colon + 1);
    }
    if (name.empty()) return refuse(path, "a parameter needs a name");
    if (name.find(':') != std::string::npos)
      return refuse(path, "only one parameter is allowed in a segment");
    pattern.tokens.push_back({true, std::move(name)});
    ++pattern.parameters;
  }
  if (wildcard) ++pattern.parameters;
  if (pattern.parameters > kMaxParameters)
    return refuse(path, "more than " + std::to_string(kMaxParameters) + " parameters");
  return pattern;
}

DecodedPath::DecodedPath(std::string_view raw) : raw_(raw) {
  text_.reserve(raw.size());
  origin_.reserve(raw.size() + 1);
  for (std::size_t i = 0; i < raw.size(); ++i) {
    origin_.push_back(static_cast<std::uint32_t>(i));
    if (raw[i] == '%' && http::is_escape(raw, i)) {
      text_ += static_cast<char>(http::hex_value(raw[i + 1]) << 4 | http::hex_value(raw[i + 2]));
      i += 2;
    } else {
      text_ += raw[i];
    }
  }
  origin_.push_back(static_cast<std::uint32_t>(raw.size()));
}

std::string clean_decoded(std::string_view path) {
  std::vector<Segment> segments;
  if (path.starts_with('/')) path.remove_prefix(1);
  for (std::string_view text : split(path, '/')) segments.push_back(make_segment(text, text));
  return resolve(segments);
}

std::string clean_path(std::string_view path) {
  const DecodedPath decoded(path);
  std::string_view text = decoded.text();
  if (text.starts_with('/')) text.remove_prefix(1);
  std::vector<Segment> segments;
  for (std::string_view segment : split(text, '/'))
    segments.push_back(make_segment(decoded.raw(segment), segment));
  return resolve(segments);
}

std::string toggle_trailing_slash(std::string_view path) {
  if (path.size() > 1 && path.ends_with('/')) return std::string(path.substr(0, path.size() - 1));
  return std::string(path) + '/';
}

std::vector<std::string> parameter_names(std::string_view path, bool wildcard) {
  std::vector<std::string> names;
  const Result<Pattern> pattern = parse_pattern(path, wildcard);
  if (!pattern) return names;
  for (const Token& token : pattern->tokens)
    if (token.parameter) names.push_back(token.text);
  if (wildcard) names.emplace_back("*");
  return names;
}

}  // namespace ropewalk::router
