#include "common/json/value.h"

#include "common/keyed_table.h"
#include "common/utf8.h"

namespace ropewalk::json {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
// Objects with more members than this find equal keys through a table.
constexpr std::size_t kManyMembers = 16;

class Parser {
 public:
  Parser(std::string_view text, std::size_t max_depth) : text_(text), depth_left_(max_depth) {}

  Result<Value> document() {
    Value out;
    blanks();
    if (!value(out)) return fail(Kind::decode, message_ + " at byte " + std::to_string(at_));
    blanks();
    if (at_ != text_.size())
      return fail(Kind::decode, "something follows the value at byte " + std::to_string(at_));
    return out;
  }

 private:
  bool error(std::string_view message) {
    if (message_.empty()) message_ = message;
    return false;
  }

  void blanks() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t'))
      ++at_;
  }

  bool take(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool word(std::string_view expected) {
    if (!text_.substr(at_).starts_with(expected)) return error("expected a value");
    at_ += expected.size();
    return true;
  }

  bool value(Value& out) {
    if (at_ == text_.size()) return error("unexpected end");
    switch (text_[at_]) {
      case '{':
        return object(out);
      case '[':
        return list(out);
      case '"': {
        std::string text;
        if (!string(text)) return false;
        out = std::move(text);
        return true;
      }
      case 't':
        out = true;
        return word("true");
      case 'f':
        out = false;
        return word("false");
      case 'n':
        out = nullptr;
        return word("null");
      default:
        return number(out);
    }
  }

  bool digits() {
    const std::size_t from = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    return at_ != from;
  }

  bool number(Value& out) {
    const std::size_t from = at_;
    take('-');
    if (!take('0') && !digits()) return error("expected a value");
    if (take('.') && !digits()) return error("expected a digit");
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      if (!digits()) return error("expected a digit");
    }
    out = Value::number(std::string(text_.substr(from, at_ - from)));
    return true;
  }

  bool hex4(std::uint32_t& out) {
    if (text_.size() - at_ < 4) return error("expected four hexadecimal digits");
    out = 0;
    for (int i = 0; i < 4; ++i) {
      const char c = text_[at_++];
      out <<= 4;
      if (c >= '0' && c <= '9')
        out |= static_cast<std::uint32_t>(c - '0');
      else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
        out |= static_cast<std::uint32_t>((c | 0x20) - 'a' + 10);
      else
        return error("expected four hexadecimal digits");
    }
    return true;
  }

  bool unicode_escape(std::string& out) {
    std::uint32_t c = 0;
    if (!hex4(c)) return false;
    if (c >= 0xD800 && c < 0xDC00 && text_.substr(at_).starts_with("\\u")) {
      const std::size_t back = at_;
      at_ += 2;
      std::uint32_t low = 0;
      if (!hex4(low)) return false;
      if (low >= 0xDC00 && low < 0xE000) {
        append_utf8(out, 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00));
        return true;
      }
      at_ = back;
    }
    if (c >= 0xD800 && c < 0xE000)
      out += kReplacement;
    else
      append_utf8(out, c);
    return true;
  }

  bool escape(std::string& out) {
    if (at_ == text_.size()) return error("unexpected end");
    switch (text_[at_++]) {
      case '"':
        out += '"';
        return true;
      case '\\':
        out += '\\';
        return true;
      case '/':
        out += '/';
        return true;
      case 'b':
        out += '\b';
        return true;
      case 'f':
        out += '\f';
        return true;
      case 'n':
        out += '\n';
        return true;
      case 'r':
        out += '\r';
        return true;
      case 't':
        out += '\t';
        return true;
      case 'u':
        return unicode_escape(out);
      default:
        return error("unknown escape");
    }
  }

  bool string(std::string& out) {
    ++at_;
    for (;;) {
      const std::size_t from = at_;
      while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\' &&
             static_cast<unsigned char>(text_[at_]) >= 0x20 &&
             static_cast<unsigned char>(text_[at_]) < 0x80)
        ++at_;
      out.append(text_, from, at_ - from);
      if (at_ == text_.size()) return error("unexpected end of a string");
      const auto c = static_cast<unsigned char>(text_[at_]);
      if (c == '"') {
        ++at_;
        return true;
      }
      if (c == '\\') {
        ++at_;
        if (!escape(out)) return false;
      } else if (c < 0x20) {
        return error("control character in a string");
      } else if (const std::size_t length = utf8_length(text_.substr(at_))) {
        out.append(text_, at_, length);
        at_ += length;
      } else {
        out += kReplacement;
        ++at_;
      }
    }
  }

  bool list(Value& out) {
    if (depth_left_ == 0) return error("nested too deeply");
    --depth_left_;
    ++at_;
    Value::List elements;
    blanks();
    if (!take(']')) {
      do {
        blanks();
        if (!value(elements.emplace_back())) return false;
        blanks();
      } while (take(','));
      if (!take(']')) return error("expected , or ]");
    }
    ++depth_left_;
    out = std::move(elements);
    return true;
  }

  bool object(Value& out) {
    if (depth_left_ == 0) return error("nested too deeply");
    --depth_left_;
    ++at_;
    Value::Object members;
    KeyedMap<std::size_t> table;
    blanks();
    if (!take('}')) {
      do {
        blanks();
        if (at_ == text_.size() || text_[at_] != '"') return error("expected a key");
        std::string key;
        if (!string(key)) return false;
        blanks();
        if (!take(':')) return error("expected :");
        blanks();
        if (!value(slot(members, table, std::move(key)))) return false;
        blanks();
      } while (take(','));
      if (!take('}')) return error("expected , or }");
    }
    ++depth_left_;
    out = std::move(members);
    return true;
  }

  // Where the value of `key` belongs: its earlier place, or a new one.
  static Value& slot(Value::Object& members, KeyedMap<std::size_t>& table, std::string key) {
    if (members.size() < kManyMembers) {
      for (Value::Member& member : members)
        if (member.key == key) return member.value;
    } else {
      if (table.empty())
        for (std::size_t i = 0; i < members.size(); ++i) table.emplace(members[i].key, i);
      const auto [found, added] = table.try_emplace(key, members.size());
      if (!added) return members[found->second].value;
    }
    return members.emplace_back(std::move(key), Value()).value;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t depth_left_;
  std::string message_;
};

}  // namespace

Result<Value> parse(std::string_view text, std::size_t max_depth) {
  return Parser(text, max_depth).document();
}

}  // namespace ropewalk::json
