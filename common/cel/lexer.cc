#include "common/cel/lexer.h"

#include "common/utf8.h"

#include <algorithm>
#include <array>
#include <optional>

namespace ropewalk::cel {
namespace {

bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool digit(char c) { return c >= '0' && c <= '9'; }
bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

int hex(char c) {
  if (digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Result<std::vector<Token>> run() {
    std::vector<Token> out;
    do {
      skip();
      auto token = next();
      if (!token) return std::unexpected(token.error());
      out.push_back(std::move(*token));
    } while (out.back().word != Word::end);
    return out;
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool ahead(std::string_view what) const { return text_.substr(at_).starts_with(what); }

  void skip() {
    while (at_ < text_.size()) {
      if (blank(text_[at_])) {
        ++at_;
      } else if (ahead("//")) {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else {
        return;
      }
    }
  }

  Token token(Word word, std::size_t from, std::string text) const {
    return {word, static_cast<std::uint32_t>(from), std::move(text)};
  }

  Result<Token> next() {
    const std::size_t from = at_;
    if (at_ >= text_.size()) return token(Word::end, from, "");
    const char c = peek();
    if (auto prefix = literal_prefix()) return quoted(*prefix);
    if (letter(c)) {
      while (letter(peek()) || digit(peek())) ++at_;
      return token(Word::name, from, std::string(text_.substr(from, at_ - from)));
    }
    if (digit(c) || (c == '.' && digit(peek(1)))) return number();
    if (c == '`') return quoted_name();
    constexpr std::array<std::string_view, 22> kSigns{"==", "!=", "<=", ">=", "&&", "||", "<", ">",
                                                      "[",  "]",  "{",  "}",  "(",  ")",  ".", ",",
                                                      "-",  "!",  "?",  ":",  "+",  "*"};
    const auto sign = std::ranges::find_if(kSigns, [&](auto known) { return ahead(known); });
    if (sign != kSigns.end()) {
      at_ += sign->size();
      return token(Word::sign, from, std::string(*sign));
    }
    if (c == '/' || c == '%') {
      ++at_;
      return token(Word::sign, from, std::string(1, c));
    }
    return refuse(text_, from, "unexpected character " + shown());
  }

  std::string shown() const {
    std::size_t end = at_ + 1;
    while (end < text_.size() && (static_cast<unsigned char>(text_[end]) & 0xC0) == 0x80) ++end;
    return "'" + std::string(text_.substr(at_, end - at_)) + "'";
  }

  // How long the letters before a quote are: r b br, in any letter case.
  std::optional<std::size_t> literal_prefix() const {
    std::size_t n = 0;
    if (peek(n) == 'b' || peek(n) == 'B') ++n;
    if (peek(n) == 'r' || peek(n) == 'R') ++n;
    if (peek(n) == '"' || peek(n) == '\'') return n;
    return std::nullopt;
  }

  Result<Token> quoted(std::size_t prefix) {
    const std::size_t from = at_;
    bool raw = false;
    bool is_bytes = false;
    for (; prefix > 0; --prefix, ++at_) {
      raw = raw || peek() == 'r' || peek() == 'R';
      is_bytes = is_bytes || peek() == 'b' || peek() == 'B';
    }
    const char quote = peek();
    const std::string triple(3, quote);
    const bool is_triple = ahead(triple);
    const std::string close = is_triple ? triple : std::string(1, quote);
    at_ += close.size();
    std::string out;
    while (!ahead(close)) {
      if (at_ >= text_.size()) return refuse(text_, from, "a text without an end");
      const char c = peek();
      if (!is_triple && (c == '\n' || c == '\r'))
        return refuse(text_, from, "a text without an end in its line");
      if (c == '\\' && !raw) {
        const std::size_t place = at_;
        if (!escape(out, is_bytes)) return refuse(text_, place, "unknown escape");
      } else {
        out.push_back(c);
        ++at_;
      }
    }
    at_ += close.size();
    return token(is_bytes ? Word::bytes : Word::text, from, std::move(out));
  }

  // What follows a backslash. Numbers are characters in texts and bytes in bytes.
  bool escape(std::string& out, bool is_bytes) {
    ++at_;
    const char c = peek();
    ++at_;
    constexpr std::string_view kLetters = "abfnrtv\"'\\?`";
    constexpr std::string_view kMeaning = "\a\b\f\n\r\t\v\"'\\?`";
    if (const auto known = kLetters.find(c); c != '\0' && known != std::string_view::npos) {
      out.push_back(kMeaning[known]);
      return true;
    }
    std::optional<std::uint32_t> value;
    if (c == 'x' || c == 'X') value = digits(2, 16);
    if ((c == 'u' || c == 'U') && !is_bytes) value = digits(c == 'u' ? 4 : 8, 16);
    if (c >= '0' && c <= '3') {
      --at_;
      value = digits(3, 8);
    }
    if (!value) return false;
    if (is_bytes) {
      out.push_back(static_cast<char>(*value));
      return true;
    }
    if (*value > 0x10FFFF || (*value >= 0xD800 && *value <= 0xDFFF)) return false;
    append_utf8(out, *value);
    return true;
  }

  std::optional<std::uint32_t> digits(int count, int base) {
    std::uint32_t value = 0;
    for (int i = 0; i < count; ++i, ++at_) {
      const int next = hex(peek());
      if (next < 0 || next >= base || at_ >= text_.size()) return std::nullopt;
      value = value * static_cast<std::uint32_t>(base) + static_cast<std::uint32_t>(next);
    }
    return value;
  }

  Result<Token> number() {
    const std::size_t from = at_;
    Word word = Word::integer;
    if (peek() == '0' && peek(1) == 'x' && hex(peek(2)) >= 0) {
      at_ += 2;
      while (hex(peek()) >= 0) ++at_;
    } else {
      while (digit(peek())) ++at_;
      if (peek() == '.' && digit(peek(1))) {
        word = Word::number;
        ++at_;
        while (digit(peek())) ++at_;
      }
      if (peek() == 'e' || peek() == 'E') {
        const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 2 : 1;
        if (digit(peek(sign))) {
          word = Word::number;
          at_ += sign;
          while (digit(peek())) ++at_;
        }
      }
    }
    std::string text(text_.substr(from, at_ - from));
    if (word == Word::integer && (peek() == 'u' || peek() == 'U')) {
      word = Word::uinteger;
      ++at_;
    }
    if (letter(peek())) return refuse(text_, at_, "unexpected character " + shown());
    return token(word, from, std::move(text));
  }

  Result<Token> quoted_name() {
    const std::size_t from = at_++;
    const std::size_t begin = at_;
    while (letter(peek()) || digit(peek()) || peek() == '.' || peek() == '-' || peek() == '/' ||
           peek() == ' ')
      ++at_;
    if (peek() != '`' || at_ == begin) return refuse(text_, from, "a `name` without an end");
    std::string name(text_.substr(begin, at_ - begin));
    ++at_;
    return token(Word::quoted_name, from, std::move(name));
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Result<std::vector<Token>> lex(std::string_view text) { return Lexer(text).run(); }

std::unexpected<Error> refuse(std::string_view text, std::size_t at, const std::string& what) {
  const std::string_view before = text.substr(0, std::min(at, text.size()));
  const auto columns = std::ranges::count_if(
      before, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
  return fail(ropewalk::Kind::config, "column " + std::to_string(columns + 1) + ": " + what);
}

}  // namespace ropewalk::cel
