#include "common/utf8.h"
#include "dataplane/codec/xml.h"
#include "dataplane/codec/xml_characters.h"

#include <algorithm>
#include <set>
#include <vector>

namespace ropewalk::codec {
namespace {

using json::Value;

constexpr std::string_view kDocument = "doc";
constexpr std::string_view kText = "#text";
constexpr std::size_t kDeepestElement = 2000;  // bounds the stack

bool scalar(const Value& value) { return !value.is_list() && !value.is_object(); }

bool attribute(const Value::Member& member) {
  return member.key.size() > 1 && member.key.starts_with('-') && scalar(member.value);
}

bool content(const Value::Member& member) { return member.key == kText && scalar(member.value); }

// A name as readers that know namespaces take it: no second colon.
std::string name_of(std::string_view key) {
  std::string out;
  while (!key.empty()) {
    const Character next = decode_utf8(key);
    const std::size_t length = std::max<std::size_t>(next.length, 1);
    const bool second_colon = next.code == ':' && out.contains(':');
    const bool allowed = next.length != 0 && !second_colon &&
                         (out.empty() ? xml_name_start(next.code) : xml_name_character(next.code));
    if (allowed)
      out += key.substr(0, length);
    else
      out += '_';
    key.remove_prefix(length);
  }
  return out.empty() ? "_" : out;
}

// What is written in place of a character; "" for itself.
std::string_view escaped(char32_t character) {
  switch (character) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&apos;";
    default:
      return xml_character(character) ? "" : "\xEF\xBF\xBD";
  }
}

class XmlWriter {
 public:
  explicit XmlWriter(const XmlWriting& writing) : writing_(writing) {}

  void document(const Value& data) {
    if (!data.is_object() || data.members().empty()) {
      out_ = "<doc/>";
      return;
    }
    const Value::Object& members = data.members();
    const Value::Member& only = members.front();
    const bool list = only.value.is_list() && !only.value.elements().empty();
    top_ = &data;
    if (members.size() > 1 || list || attribute(only) || content(only))
      element(std::string(kDocument), data);
    else
      member(only);
  }

  Result<std::string> finish() {
    if (full_)
      return fail(Kind::too_large, "the answer is too large or too deep for XML: more than " +
                                       std::to_string(writing_.max_bytes) + " bytes or " +
                                       std::to_string(kDeepestElement) + " levels");
    return std::move(out_);
  }

 private:
  void put(std::string_view text) {
    full_ |= out_.size() + text.size() > writing_.max_bytes;
    if (!full_) out_ += text;
  }

  void put_escaped(std::string_view text) {
    std::size_t plain = 0;  // bytes that stay as they are
    while (plain < text.size()) {
      const std::string_view rest = text.substr(plain);
      const auto [character, length] = decode_utf8(rest);
      const std::string_view escape = escaped(character);
      if (escape.empty()) {
        plain += length;
        continue;
      }
      put(text.substr(0, plain));
      put(escape);
      text = rest.substr(std::max<std::size_t>(length, 1));
      plain = 0;
    }
    put(text);
  }

  void put_scalar(const Value& value) {
    if (value.is_string()) put_escaped(value.string());
    if (value.is_number()) put(value.number_text());
    if (value.is_boolean()) put(value.boolean() ? "true" : "false");
  }

  // A list repeats the element, nested lists too.
  void member(const Value::Member& member) {
    const bool in_order = top_member(member) && std::ranges::find(writing_.in_order, member.key) !=
                                                    writing_.in_order.end();
    if (in_order) unsorted_ = &member.value;
    repeat(name_of(member.key), member.value);
  }

  bool top_member(const Value::Member& member) const {
    const Value::Object& top = top_->members();
    return &member >= top.data() && &member < top.data() + top.size();
  }

  void repeat(const std::string& name, const Value& value) {
    full_ |= ++depth_ > kDeepestElement;
    if (!value.is_list() || value.elements().empty()) {
      if (!full_) element(name, value);
    } else {
      for (const Value& one : value.elements())
        if (!full_) repeat(name, one);
    }
    --depth_;
  }

  void element(const std::string& name, const Value& value) {
    put("<");
    put(name);
    bool open = false;
    if (value.is_object())
      open = object(value);
    else if (!value.is_list() && !value.is_null() && !(value.is_string() && value.string().empty()))
      open = (put(">"), put_scalar(value), true);
    if (!open) return put("/>");
    put("</");
    put(name);
    put(">");
  }

  // Whether the element has a content, however empty.
  bool object(const Value& value) {
    std::vector<const Value::Member*> members;
    members.reserve(value.members().size());
    for (const Value::Member& one : value.members()) members.push_back(&one);
    if (&value != unsorted_) std::ranges::sort(members, {}, &Value::Member::key);
    attributes(members);
    std::erase_if(members, [](const Value::Member* one) { return attribute(*one); });
    if (members.empty()) return false;
    put(">");
    for (const Value::Member* one : members)
      if (content(*one)) put_scalar(one->value);
    for (const Value::Member* one : members)
      if (!content(*one) && !full_) member(*one);
    return true;
  }

  void attributes(const std::vector<const Value::Member*>& members) {
    std::set<std::string> written;  // two keys may come down to one name
    for (const Value::Member* one : members) {
      if (!attribute(*one) || one->value.is_null()) continue;
      std::string name = name_of(std::string_view(one->key).substr(1));
      if (written.contains(name)) continue;
      put(" ");
      put(name);
      put("=\"");
      put_scalar(one->value);
      put("\"");
      written.insert(std::move(name));
    }
  }

  const XmlWriting& writing_;
  const Value* top_ = nullptr;
  const Value* unsorted_ = nullptr;
  std::string out_;
  std::size_t depth_ = 0;
  bool full_ = false;
};

}  // namespace

Result<std::string> encode_xml(const Value& data, const XmlWriting& writing) {
  XmlWriter writer(writing);
  writer.document(data);
  return writer.finish();
}

}  // namespace ropewalk::codec
