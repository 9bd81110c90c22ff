#include "dataplane/filters/lua/program.h"

#include "common/json/value.h"
#include "common/strings.h"

#include <algorithm>
#include <charconv>

namespace ropewalk::lua {
namespace {

constexpr std::string_view kSeparator = " || ";

Error unusable(std::string_view what) {
  return Error{.kind = Kind::config, .message = "lua: cannot use " + std::string(what)};
}

std::vector<std::string> pieces(std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t at = 0;;) {
    const std::size_t next = text.find(kSeparator, at);
    out.emplace_back(text.substr(at, next - at));
    if (next == text.npos) return out;
    at = next + kSeparator.size();
  }
}

std::string base_name(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == path.npos ? path : path.substr(slash + 1);
}

std::size_t lines_of(std::string_view text) {
  return 1 + static_cast<std::size_t>(std::ranges::count(trim(text, "\n"), '\n'));
}

std::string place(const Program& program, Chunk chunk, std::size_t line) {
  std::vector<std::pair<std::string, std::size_t>> parts;
  for (const Source& source : program.sources)
    parts.emplace_back(base_name(source.name), lines_of(source.text));
  if (chunk == Chunk::pre) parts.emplace_back("pre-script", lines_of(program.pre));
  if (chunk == Chunk::post) parts.emplace_back("post-script", lines_of(program.post));
  std::size_t count = 0;
  for (const auto& [name, lines] : parts) {
    count += lines;
    if (count < line) continue;
    return " (" + name + ":L" + std::to_string(lines - (count - line)) + ")";
  }
  return {};
}

template <class Number>
bool read(std::string_view text, Number& out) {
  const auto end = std::from_chars(text.data(), text.data() + text.size(), out);
  return end.ec == std::errc() && end.ptr == text.data() + text.size();
}

}  // namespace

bool Program::has(Chunk chunk) const {
  switch (chunk) {
    case Chunk::sources:
      return !sources.empty();
    case Chunk::pre:
      return !pre.empty();
    case Chunk::post:
      return !post.empty();
  }
  return false;
}

std::string Program::text(Chunk chunk) const {
  if (chunk == Chunk::pre) return pre;
  if (chunk == Chunk::post) return post;
  std::string out;
  for (const Source& source : sources) {
    if (&source != &sources.front()) out += '\n';
    out += source.text;
  }
  return out;
}

bool Program::mentions(std::string_view word) const {
  return pre.find(word) != pre.npos || mentions_beside_pre(word);
}

bool Program::mentions_beside_pre(std::string_view word) const {
  const auto in = [&](const std::string& text) { return text.find(word) != text.npos; };
  return in(post) ||
         std::ranges::any_of(sources, [&](const Source& source) { return in(source.text); }) ||
         std::ranges::any_of(files, [&](const auto& file) { return in(file.second); });
}

Result<Program> Program::parse(std::string_view text) {
  auto document = json::parse(text);
  if (!document || !document->is_object()) return std::unexpected(unusable("this block"));
  Program out;
  const auto list = [&](const json::Value& value, auto&& take) -> bool {
    if (!value.is_list()) return false;
    for (const json::Value& entry : value.elements()) {
      const json::Value* name = entry.find("name");
      const json::Value* body = entry.find("text");
      if (!name || !body || !name->is_string() || !body->is_string()) return false;
      take(name->string(), body->string());
    }
    return true;
  };
  for (const json::Value::Member& member : document->members()) {
    const json::Value& value = member.value;
    bool good = false;
    if (member.key == "pre" || member.key == "post" || member.key == "host") {
      good = value.is_string();
      std::string& script = member.key == "pre"    ? out.pre
                            : member.key == "post" ? out.post
                                                   : out.host;
      if (good) script = value.string();
    } else if (member.key == "allow_open_libs" || member.key == "skip_next") {
      good = value.is_boolean();
      if (good) (member.key == "skip_next" ? out.skip_next : out.open_libraries) = value.boolean();
    } else if (member.key == "sources") {
      good = list(value, [&](const std::string& name, const std::string& body) {
        out.sources.push_back({name, body});
      });
    } else if (member.key == "files") {
      good = list(
          value, [&](const std::string& name, const std::string& body) { out.files[name] = body; });
    }
    if (!good) return std::unexpected(unusable(member.key));
  }
  return out;
}

Failure judge(const std::string& raw, const Program& program, Chunk chunk) {
  // NAME:LINE: text. Without it the error is no text, or was raised without a place.
  Failure out{.message = raw};
  const std::size_t first = raw.find(':');
  const std::size_t second = first == raw.npos ? raw.npos : raw.find(':', first + 1);
  std::size_t line = 0;
  if (second == raw.npos ||
      !read(std::string_view(raw).substr(first + 1, second - first - 1), line))
    return out;
  const std::vector<std::string> parts =
      pieces(trim(std::string_view(raw).substr(second + 1), " "));
  out.message = parts[0];
  if (parts.size() == 1) {
    out.message += place(program, chunk, line);
    return out;
  }
  int code = 0;
  if (!read(parts[1], code)) code = 500;
  if (code == -1) return out;
  // A refusal never ends as a success that HTTP does not know.
  out.status = code >= 200 && code <= 599 ? static_cast<unsigned>(code) : 500;
  if (parts.size() > 2) out.content_type = parts[2];
  return out;
}

}  // namespace ropewalk::lua
