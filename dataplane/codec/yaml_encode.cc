#include "dataplane/codec/yaml.h"
#include "dataplane/codec/yaml_scalar.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace ropewalk::codec {
namespace {

using json::Value;

constexpr std::size_t kDeepestNode = 2000;  // bounds the stack

enum class Numbers : std::uint8_t { texts, floats, plain };

// Of a literal block; the last one is always bare.
enum class BlankLines : std::uint8_t { indented, bare };

struct Style {
  Numbers numbers = Numbers::texts;
  bool sorted = true;
};

bool contains(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

class YamlWriter {
 public:
  explicit YamlWriter(const YamlWriting& writing) : writing_(writing) {}

  void document(const Value& data) {
    if (!data.is_object() || data.members().empty())
      put("{}");
    else
      for_each_member(data, {}, 0, [&](const Value::Member& one) { top_member(one); });
    put("\n");
  }

  Result<std::string> finish() {
    if (full_)
      return fail(Kind::too_large, "the answer is too large or too deep for YAML: more than " +
                                       std::to_string(writing_.max_bytes) + " bytes or " +
                                       std::to_string(kDeepestNode) + " levels");
    return std::move(out_);
  }

 private:
  void put(std::string_view text) {
    full_ |= out_.size() + text.size() > writing_.max_bytes;
    if (!full_) out_ += text;
  }

  void put_line(std::size_t indent) {
    full_ |= out_.size() + indent + 1 > writing_.max_bytes;
    if (full_) return;
    out_ += '\n';
    out_.append(indent, ' ');
  }

  // The first member stands where the writer is, each other on a line of its own.
  template <class Write>
  void for_each_member(const Value& object, Style style, std::size_t indent, Write&& write) {
    std::vector<const Value::Member*> members;
    members.reserve(object.members().size());
    for (const Value::Member& one : object.members()) members.push_back(&one);
    if (style.sorted) std::ranges::sort(members, {}, &Value::Member::key);
    bool first = true;
    for (const Value::Member* one : members) {
      if (full_) return;
      if (!first) put_line(indent);
      first = false;
      write(*one);
    }
  }

  void top_member(const Value::Member& one) {
    if (contains(writing_.details, one.key) && one.value.is_object()) {
      put_key(one.key);
      put_line(2);
      put("httpresponseerror:");
      put_line(4);
      object(one.value, {Numbers::plain, false}, 4);
      return;
    }
    member(one, {contains(writing_.floats, one.key) ? Numbers::floats : Numbers::texts}, 0);
  }

  // "key:"; keys never break lines.
  void put_key(std::string_view key) {
    const bool quoted = yaml_needs_quotes(key) || key.find('\n') != std::string_view::npos;
    put(quoted ? yaml_quoted(key) : key);
    put(":");
  }

  void member(const Value::Member& one, Style style, std::size_t indent) {
    put_key(one.key);
    const Value& value = one.value;
    if (value.is_object() && !value.members().empty()) {
      put_line(indent + 2);
      object(value, style, indent + 2);
    } else if (value.is_list() && !value.elements().empty()) {
      put_line(indent);  // lists are not indented below their key
      list(value, style, indent);
    } else {
      put(" ");
      scalar(value, style, indent, BlankLines::indented);
    }
  }

  void object(const Value& value, Style style, std::size_t indent) {
    full_ |= ++depth_ > kDeepestNode;
    for_each_member(value, style, indent,
                    [&](const Value::Member& one) { member(one, style, indent); });
    --depth_;
  }

  void list(const Value& value, Style style, std::size_t indent) {
    full_ |= ++depth_ > kDeepestNode;
    bool first = true;
    for (const Value& one : value.elements()) {
      if (full_) break;
      if (!first) put_line(indent);
      first = false;
      put("- ");
      if (one.is_object() && !one.members().empty())
        object(one, style, indent + 2);
      else if (one.is_list() && !one.elements().empty())
        list(one, style, indent + 2);
      else
        scalar(one, style, indent, BlankLines::bare);
    }
    --depth_;
  }

  void scalar(const Value& value, Style style, std::size_t indent, BlankLines blank_lines) {
    switch (value.type()) {
      case Value::Type::null:
        return put("null");
      case Value::Type::boolean:
        return put(value.boolean() ? "true" : "false");
      case Value::Type::number:
        if (style.numbers == Numbers::texts) return text(value.number_text(), indent, blank_lines);
        return style.numbers == Numbers::plain ? put(value.number_text())
                                               : put(yaml_float(value.as_double()));
      case Value::Type::string:
        return text(value.string(), indent, blank_lines);
      case Value::Type::list:
        return put("[]");
      case Value::Type::object:
        return put("{}");
    }
  }

  void text(std::string_view text, std::size_t indent, BlankLines blank_lines) {
    if (yaml_needs_quotes(text)) return put(yaml_quoted(text));
    if (text.find('\n') == std::string_view::npos) return put(text);
    put(text.ends_with("\n\n") ? "|+" : text.ends_with('\n') ? "|" : "|-");
    if (text.ends_with('\n')) text.remove_suffix(1);
    for (;;) {
      const std::size_t end = text.find('\n');
      const std::string_view line = text.substr(0, end);
      if (full_) return;
      const bool last = end == std::string_view::npos;
      put_line(line.empty() && (last || blank_lines == BlankLines::bare) ? 0 : indent + 2);
      put(line);
      if (last) return;
      text.remove_prefix(end + 1);
    }
  }

  const YamlWriting& writing_;
  std::string out_;
  std::size_t depth_ = 0;
  bool full_ = false;
};

}  // namespace

Result<std::string> encode_yaml(const Value& data, const YamlWriting& writing) {
  YamlWriter writer(writing);
  writer.document(data);
  return writer.finish();
}

}  // namespace ropewalk::codec
