#include "config/template/lexer.h"

#include "common/utf8.h"

#include <algorithm>
#include <charconv>

namespace ropewalk::config::templates {
namespace {

using Form = Token::Form;

constexpr std::string_view kActionBlanks = " \t\r\n";

bool action_blank(char c) { return kActionBlanks.find(c) != std::string_view::npos; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
// Letters beyond ASCII count as Go's do, near enough.
bool letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::expected<std::vector<Token>, Fault> run() {
    while (at_ < text_.size()) {
      const auto open = text_.find("{{", at_);
      std::size_t end = std::min(open, text_.size());
      const bool trims = open != std::string_view::npos && trimming(open + 2);
      if (trims)
        while (end > at_ && action_blank(text_[end - 1])) --end;
      if (end > at_) add(Form::text, std::string(text_.substr(at_, end - at_)), at_);
      if (open == std::string_view::npos) break;
      at_ = open + 2 + (trims ? 2 : 0);
      if (!(text_.substr(at_).starts_with("/*") ? comment(open) : action(open)))
        return std::unexpected(fault_);
    }
    add(Form::end, "", text_.size());
    return std::move(tokens_);
  }

 private:
  bool trimming(std::size_t at) const {
    return at + 1 < text_.size() && text_[at] == '-' && action_blank(text_[at + 1]);
  }

  void add(Form form, std::string text, std::size_t at) {
    tokens_.push_back({form, std::move(text), at});
  }

  bool broken(std::size_t at, std::string message) {
    fault_ = {at, std::move(message)};
    return false;
  }

  void trim_after() {
    while (at_ < text_.size() && action_blank(text_[at_])) ++at_;
  }

  bool comment(std::size_t open) {
    const auto end = text_.find("*/", at_ + 2);
    if (end == std::string_view::npos) return broken(open, "unclosed comment");
    at_ = end + 2;
    const bool trims = at_ + 1 < text_.size() && action_blank(text_[at_]) && text_[at_ + 1] == '-';
    if (trims) at_ += 2;
    if (!text_.substr(at_).starts_with("}}")) return broken(open, "comment ends before closing }}");
    at_ += 2;
    if (trims) trim_after();
    return true;
  }

  // Up to and with the closing braces.
  bool action(std::size_t open) {
    add(Form::open, "{{", open);
    int depth = 0;
    for (;;) {
      if (at_ >= text_.size()) return broken(open, "unclosed action");
      if (closes()) {
        if (depth > 0) return broken(at_, "unclosed left parenthesis");
        return true;
      }
      const char c = text_[at_];
      if (c == '(') ++depth;
      if (c == ')' && --depth < 0) return broken(at_, "unexpected right parenthesis");
      if (!token()) return false;
    }
  }

  bool closes() {
    const std::string_view rest = text_.substr(at_);
    const bool trims =
        rest.size() >= 4 && action_blank(rest[0]) && rest.substr(1).starts_with("-}}");
    if (!trims && !rest.starts_with("}}")) return false;
    add(Form::close, "}}", at_);
    at_ += trims ? 4 : 2;
    if (trims) trim_after();
    return true;
  }

  bool token() {
    const std::size_t begin = at_;
    const char c = text_[at_];
    const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    if (action_blank(c)) {
      while (at_ < text_.size() && action_blank(text_[at_]) &&
             !text_.substr(at_ + 1).starts_with("-}}"))
        ++at_;
      // A blank that belongs to " -}}" ends the run, but some blank must be taken.
      if (at_ == begin) return true;
      add(Form::space, " ", begin);
      return true;
    }
    if (c == '"') return in_quotes();
    if (c == '`') return raw();
    if (c == '\'') return character();
    if (is_digit(c) || ((c == '+' || c == '-' || c == '.') && is_digit(next)) ||
        ((c == '+' || c == '-') && next == '.'))
      return number();
    if (c == '.') return dot();
    if (c == '$' || letter(c)) return word();
    ++at_;
    switch (c) {
      case '(':
        add(Form::left, "(", begin);
        return true;
      case ')':
        add(Form::right, ")", begin);
        return true;
      case '|':
        add(Form::pipe, "|", begin);
        return true;
      case ',':
        add(Form::comma, ",", begin);
        return true;
      case '=':
        add(Form::assign, "=", begin);
        return true;
      case ':':
        if (next != '=') return broken(begin, "expected :=");
        ++at_;
        add(Form::declare, ":=", begin);
        return true;
      default:
        return broken(begin, std::string("unexpected \"") + c + "\" in a template action");
    }
  }

  std::string_view identifier() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && (letter(text_[at_]) || is_digit(text_[at_]))) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  bool ends_word() const {
    if (at_ >= text_.size()) return true;
    const char c = text_[at_];
    return action_blank(c) || std::string_view(".,|:)(=").find(c) != std::string_view::npos ||
           text_.substr(at_).starts_with("}}");
  }

  bool dot() {
    const std::size_t begin = at_++;
    const std::string_view name = identifier();
    if (!ends_word()) return broken(at_, "unexpected character after a field");
    add(name.empty() ? Form::dot : Form::field, std::string(name), begin);
    return true;
  }

  bool word() {
    const std::size_t begin = at_;
    const bool variable = text_[at_] == '$';
    if (variable) ++at_;
    identifier();
    if (!ends_word()) return broken(at_, "unexpected character in a name");
    add(variable ? Form::variable : Form::word, std::string(text_.substr(begin, at_ - begin)),
        begin);
    return true;
  }

  bool number() {
    const std::size_t begin = at_++;
    while (at_ < text_.size() &&
           (letter(text_[at_]) || is_digit(text_[at_]) || text_[at_] == '.' ||
            ((text_[at_] == '+' || text_[at_] == '-') && (text_[at_ - 1] | 0x20) == 'e')))
      ++at_;
    add(Form::number, std::string(text_.substr(begin, at_ - begin)), begin);
    return true;
  }

  bool raw() {
    const std::size_t begin = at_++;
    const auto end = text_.find('`', at_);
    if (end == std::string_view::npos) return broken(begin, "unterminated raw text");
    add(Form::quoted, std::string(text_.substr(at_, end - at_)), begin);
    at_ = end + 1;
    return true;
  }

  bool in_quotes() {
    const std::size_t begin = at_++;
    std::string out;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '\n') break;
      if (text_[at_] != '\\')
        out += text_[at_++];
      else if (!escape(out, '"'))
        return false;
    }
    if (at_ >= text_.size() || text_[at_] != '"') return broken(begin, "unterminated text");
    ++at_;
    add(Form::quoted, std::move(out), begin);
    return true;
  }

  bool character() {
    const std::size_t begin = at_++;
    std::string out;
    while (at_ < text_.size() && text_[at_] != '\'' && text_[at_] != '\n') {
      if (text_[at_] != '\\')
        out += text_[at_++];
      else if (!escape(out, '\''))
        return false;
    }
    if (at_ >= text_.size() || text_[at_] != '\'' || out.empty())
      return broken(begin, "broken character constant");
    ++at_;
    add(Form::character, std::move(out), begin);
    return true;
  }

  bool code(std::string& out, int base, std::size_t digits, bool byte) {
    std::uint32_t value = 0;
    const std::string_view piece = text_.substr(at_, digits);
    const auto [end, error] =
        std::from_chars(piece.data(), piece.data() + piece.size(), value, base);
    const bool whole = error == std::errc{} && end == piece.data() + digits;
    if (!whole || value > (byte ? 0xffU : 0x10ffffU) ||
        (!byte && value >= 0xd800 && value < 0xe000))
      return broken(at_, "broken escape in a text");
    if (byte)
      out += static_cast<char>(value);
    else
      append_utf8(out, value);
    at_ += digits;
    return true;
  }

  bool escape(std::string& out, char quote) {
    ++at_;
    const char c = at_ < text_.size() ? text_[at_] : '\0';
    constexpr std::string_view kNames = "abfnrtv\\";
    constexpr std::string_view kMeant = "\a\b\f\n\r\t\v\\";
    if (const auto found = kNames.find(c); c != '\0' && found != std::string_view::npos) {
      out += kMeant[found];
      ++at_;
      return true;
    }
    if (c == quote) {
      out += c;
      ++at_;
      return true;
    }
    if (c >= '0' && c <= '7') return code(out, 8, 3, true);
    ++at_;
    if (c == 'x') return code(out, 16, 2, true);
    if (c == 'u') return code(out, 16, 4, false);
    if (c == 'U') return code(out, 16, 8, false);
    return broken(at_ - 1, "unknown escape in a text");
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Token> tokens_;
  Fault fault_;
};

}  // namespace

std::expected<std::vector<Token>, Fault> tokens_of(std::string_view text) {
  return Lexer(text).run();
}

}  // namespace ropewalk::config::templates
