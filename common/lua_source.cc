#include "common/lua_source.h"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace ropewalk {
namespace {

enum class Token { end, name, number, text, concat, other, bad };

bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool digit(char c) { return c >= '0' && c <= '9'; }

// Tokens of valid Lua 5.1; of invalid text it finds some tokens and always an end.
class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}

  Token next() {
    skip_blanks();
    begin_ = at_;
    if (at_ >= source_.size()) return Token::end;
    const char c = source_[at_];
    if (static_cast<unsigned char>(c) >= 0x80) return Token::bad;
    if (letter(c)) return name();
    if (digit(c) || (c == '.' && digit(peek(1)))) return number();
    if (c == '"' || c == '\'') return quoted(c);
    if (c == '[')
      if (const auto level = long_bracket()) return long_text(*level);
    if (source_.substr(at_).starts_with("...")) return take(3, Token::other);
    if (source_.substr(at_).starts_with("..")) return take(2, Token::concat);
    return take(1, Token::other);
  }
  std::string_view text() const { return source_.substr(begin_, at_ - begin_); }
  // Of a text token: what is between the quotes, nothing when it holds escapes.
  std::optional<std::string_view> literal() const {
    const std::string_view inner = source_.substr(inner_, inner_end_ - inner_);
    if (inner.find('\\') != inner.npos) return std::nullopt;
    return inner;
  }
  std::size_t end() const { return at_; }
  std::size_t line() const {
    return 1 + static_cast<std::size_t>(
                   std::ranges::count(source_.substr(0, std::min(begin_, source_.size())), '\n'));
  }

 private:
  char peek(std::size_t ahead) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
  }
  Token take(std::size_t count, Token token) {
    at_ = std::min(at_ + count, source_.size());
    return token;
  }
  Token name() {
    while (letter(peek(0)) || digit(peek(0))) ++at_;
    return static_cast<unsigned char>(peek(0)) >= 0x80 ? Token::bad : Token::name;
  }
  Token number() {
    const bool hex = peek(0) == '0' && (peek(1) == 'x' || peek(1) == 'X');
    char last = '\0';
    while (digit(peek(0)) || letter(peek(0)) || peek(0) == '.' ||
           (!hex && (last == 'e' || last == 'E') && (peek(0) == '+' || peek(0) == '-')))
      last = source_[at_++];
    const char tail = static_cast<char>(last | 0x20);
    return tail == 'l' || tail == 'i' || tail == 'u' ? Token::bad : Token::number;
  }
  Token quoted(char quote) {
    inner_ = ++at_;
    while (at_ < source_.size() && source_[at_] != quote)
      at_ = std::min(at_ + (source_[at_] == '\\' ? 2 : 1), source_.size());
    inner_end_ = at_;
    return take(1, Token::text);
  }
  // At "[": how many "=" stand between the brackets of an opening long bracket.
  std::optional<std::size_t> long_bracket() const {
    std::size_t level = 0;
    while (peek(1 + level) == '=') ++level;
    if (peek(1 + level) == '[') return level;
    return std::nullopt;
  }
  Token long_text(std::size_t level) {
    inner_ = std::min(at_ + level + 2, source_.size());
    const std::string closing = "]" + std::string(level, '=') + "]";
    const std::size_t found = source_.find(closing, inner_);
    inner_end_ = std::min(found, source_.size());
    at_ = found == source_.npos ? source_.size() : found + closing.size();
    return Token::text;
  }
  void skip_blanks() {
    for (;;) {
      while (at_ < source_.size() &&
             (source_[at_] == ' ' || (source_[at_] >= '\t' && source_[at_] <= '\r')))
        ++at_;
      if (peek(0) != '-' || peek(1) != '-') return;
      at_ += 2;
      const auto level = peek(0) == '[' ? long_bracket() : std::nullopt;
      if (level)
        long_text(*level);
      else
        at_ = std::min(source_.find('\n', at_), source_.size());
    }
  }

  std::string_view source_;
  std::size_t at_ = 0;
  std::size_t begin_ = 0;
  std::size_t inner_ = 0;
  std::size_t inner_end_ = 0;
};

}  // namespace

Result<std::string> adapt_lua(std::string_view source) {
  if (source.starts_with('\x1b'))
    return fail(Kind::config, "line 1: compiled Lua code is not taken, only source text");
  std::string out = "local ";
  out += kLuaConcat;
  out += "=...; return function(...) ";
  // As the interpreter does: a first line that begins with # is a comment.
  std::size_t copied = 0;
  if (source.starts_with('#')) copied = std::min(source.find('\n'), source.size());
  Lexer lexer(source.substr(copied));
  const std::string_view code = source.substr(copied);
  copied = 0;
  for (Token token = lexer.next(); token != Token::end; token = lexer.next()) {
    if (token == Token::bad)
      return fail(Kind::config, "line " + std::to_string(lexer.line()) +
                                    ": malformed name or number near '" +
                                    std::string(lexer.text().substr(0, 20)) + "'");
    if (token != Token::concat) continue;
    out.append(code.substr(copied, lexer.end() - copied));
    out += kLuaConcat;
    out += " ..";
    copied = lexer.end();
  }
  out.append(code.substr(copied));
  out += "\nend";
  return out;
}

std::vector<std::string> lua_files(std::string_view source) {
  std::vector<std::string> out;
  Lexer lexer(source);
  enum class Call { none, file, module } call = Call::none;
  for (Token token = lexer.next(); token != Token::end; token = lexer.next()) {
    if (token == Token::bad) return out;
    if (token == Token::name) {
      const std::string_view name = lexer.text();
      call = name == "dofile" || name == "loadfile" ? Call::file
             : name == "require"                    ? Call::module
                                                    : Call::none;
      continue;
    }
    if (call == Call::none || lexer.text() == "(" || lexer.text() == ",") continue;
    if (token == Token::text && lexer.literal()) {
      std::string file(*lexer.literal());
      if (call == Call::module) {
        std::ranges::replace(file, '.', '/');
        file += ".lua";
      }
      if (!file.empty() && std::ranges::find(out, file) == out.end())
        out.push_back(std::move(file));
    }
    call = Call::none;
  }
  return out;
}

}  // namespace ropewalk
