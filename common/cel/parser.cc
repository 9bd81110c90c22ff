#include "common/cel/parser.h"

#include "common/cel/lexer.h"
#include "common/cel/number.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace ropewalk::cel {
namespace {

using Tree = std::unique_ptr<Expr>;

constexpr std::array<std::string_view, 18> kReserved{
    "as",  "break", "const",   "continue",  "else",   "for", "function", "if",    "import",
    "let", "loop",  "package", "namespace", "return", "var", "void",     "while", "in"};

bool reserved(std::string_view name) {
  return std::ranges::find(kReserved, name) != kReserved.end();
}
bool constant(std::string_view name) { return name == "true" || name == "false" || name == "null"; }

Tree make(Node node, std::uint32_t at) {
  auto out = std::make_unique<Expr>();
  out->node = node;
  out->at = at;
  return out;
}

// What an expression says, or a shape of trees, is refused by a throw inside this file only.
struct Refused {
  std::uint32_t at;
  std::string what;
};

class Parser {
 public:
  Parser(std::vector<Token> tokens, const Syntax& syntax)
      : tokens_(std::move(tokens)), syntax_(syntax) {}

  Tree run() {
    Tree out = expression();
    if (current().word != Word::end) unexpected_word();
    return out;
  }

 private:
  const Token& current() const { return tokens_[next_]; }
  bool at_sign(std::string_view text) const {
    return current().word == Word::sign && current().text == text;
  }
  bool at_name(std::string_view text) const {
    return current().word == Word::name && current().text == text;
  }
  bool take(std::string_view text) {
    if (!at_sign(text)) return false;
    ++next_;
    return true;
  }
  void need(std::string_view text) {
    if (!take(text)) unexpected_word(" (expected '" + std::string(text) + "')");
  }
  [[noreturn]] void unexpected_word(const std::string& hint = {}) const {
    const Token& token = current();
    throw Refused{
        token.at,
        (token.word == Word::end ? "unexpected end" : "unexpected '" + token.text + "'") + hint};
  }

  // Depth of the tree: what walks it later recurses as deep.
  Tree with(Tree parent, Tree child) const {
    parent->depth = std::max(parent->depth, child->depth + 1);
    if (parent->depth > kMaxTreeDepth) throw Refused{parent->at, "nested too deep"};
    parent->operands.push_back(std::move(child));
    return parent;
  }
  Tree call(std::string name, std::uint32_t at, Tree a, Tree b = nullptr) const {
    Tree out = make(Node::call, at);
    out->text = std::move(name);
    out = with(std::move(out), std::move(a));
    return b ? with(std::move(out), std::move(b)) : std::move(out);
  }

  Tree expression() {
    if (++nesting_ > kMaxTreeDepth) throw Refused{current().at, "nested too deep"};
    Tree out = any_of();
    const std::uint32_t at = current().at;
    if (take("?")) {
      Tree choice = with(make(Node::conditional, at), std::move(out));
      choice = with(std::move(choice), any_of());
      need(":");
      out = with(std::move(choice), expression());
    }
    --nesting_;
    return out;
  }

  // a || b || c is one node, however long.
  Tree chain(Node node, std::string_view sign, Tree (Parser::*operand)()) {
    Tree first = (this->*operand)();
    if (!at_sign(sign)) return first;
    Tree out = with(make(node, current().at), std::move(first));
    while (take(sign)) out = with(std::move(out), (this->*operand)());
    return out;
  }
  Tree any_of() { return chain(Node::any_of, "||", &Parser::all_of); }
  Tree all_of() { return chain(Node::all_of, "&&", &Parser::relation); }

  std::optional<std::string> infix(std::initializer_list<std::string_view> signs) const {
    if (current().word != Word::sign) return std::nullopt;
    for (const std::string_view sign : signs)
      if (current().text == sign) return "_" + std::string(sign) + "_";
    return std::nullopt;
  }

  Tree relation() {
    Tree left = sum();
    while (true) {
      auto name = infix({"<", "<=", ">=", ">", "==", "!="});
      if (!name && at_name("in")) name = "@in";
      if (!name) return left;
      const std::uint32_t at = current().at;
      ++next_;
      left = call(std::move(*name), at, std::move(left), sum());
    }
  }
  Tree sum() {
    Tree left = product();
    while (auto name = infix({"+", "-"})) {
      const std::uint32_t at = current().at;
      ++next_;
      left = call(std::move(*name), at, std::move(left), product());
    }
    return left;
  }
  Tree product() {
    Tree left = unary();
    while (auto name = infix({"*", "/", "%"})) {
      const std::uint32_t at = current().at;
      ++next_;
      left = call(std::move(*name), at, std::move(left), unary());
    }
    return left;
  }

  Tree unary() {
    const std::uint32_t at = current().at;
    if (at_sign("!")) {
      bool odd = false;
      while (take("!")) odd = !odd;
      Tree operand = member();
      return odd ? call("!_", at, std::move(operand)) : std::move(operand);
    }
    if (at_sign("-")) {
      bool odd = false;
      while (take("-")) odd = !odd;
      // A minus belongs to the number behind it, or -9223372036854775808 could not be written.
      if (odd && (current().word == Word::integer || current().word == Word::number)) {
        negative_ = true;
        return member();
      }
      Tree operand = member();
      return odd ? call("-_", at, std::move(operand)) : std::move(operand);
    }
    return member();
  }

  Tree member() {
    Tree out = primary();
    while (true) {
      const std::uint32_t at = current().at;
      if (take(".")) {
        out = field(std::move(out), at);
      } else if (take("[")) {
        Tree index = expression();
        need("]");
        out = call("_[_]", at, std::move(out), std::move(index));
      } else if (at_sign("{")) {
        throw Refused{at, "messages do not exist here"};
      } else {
        return out;
      }
    }
  }

  Tree field(Tree operand, std::uint32_t at) {
    const Token token = current();
    if ((token.word != Word::name && token.word != Word::quoted_name) ||
        (token.word == Word::name && (constant(token.text) || token.text == "in")))
      unexpected_word(" (expected a name)");
    ++next_;
    if (token.word == Word::name && at_sign("(")) {
      const std::uint32_t open = current().at;
      ++next_;
      return method(std::move(operand), token.text, open);
    }
    Tree out = make(Node::select, at);
    out->text = token.text;
    return with(std::move(out), std::move(operand));
  }

  std::vector<Tree> arguments() {
    std::vector<Tree> out;
    if (take(")")) return out;
    do {
      out.push_back(expression());
    } while (take(","));
    need(")");
    return out;
  }

  Tree method(Tree target, const std::string& name, std::uint32_t at) {
    std::vector<Tree> given = arguments();
    if (Tree macro = expand(target, name, at, given)) return macro;
    Tree out = make(Node::call, at);
    out->text = name;
    out->receiver = true;
    out = with(std::move(out), std::move(target));
    for (Tree& argument : given) out = with(std::move(out), std::move(argument));
    return out;
  }

  // How many variables and operands behind them a macro takes; nothing when it is none.
  struct Form {
    Macro macro;
    std::size_t variables;
  };
  std::optional<Form> form(std::string_view name, std::size_t count) const {
    if (count == 2) {
      if (name == "all") return Form{Macro::all, 1};
      if (name == "exists") return Form{Macro::exists, 1};
      if (name == "exists_one" || name == "existsOne") return Form{Macro::exists_one, 1};
      if (name == "filter") return Form{Macro::filter, 1};
    }
    if (name == "map" && (count == 2 || count == 3)) return Form{Macro::map, 1};
    if (!syntax_.two_variables) return std::nullopt;
    if (count == 3) {
      if (name == "all") return Form{Macro::all, 2};
      if (name == "exists") return Form{Macro::exists, 2};
      if (name == "existsOne") return Form{Macro::exists_one, 2};
    }
    if (count != 3 && count != 4) return std::nullopt;
    if (name == "transformList") return Form{Macro::map, 2};
    if (name == "transformMap") return Form{Macro::transform_map, 2};
    return std::nullopt;
  }

  Tree expand(Tree& target, const std::string& name, std::uint32_t at, std::vector<Tree>& given) {
    const auto known = form(name, given.size());
    if (!known) return nullptr;
    Tree out = make(Node::macro, at);
    out->macro = known->macro;
    for (std::size_t i = 0; i < known->variables; ++i) {
      const Expr& variable = *given[i];
      if (variable.node != Node::name || variable.absolute)
        throw Refused{variable.at, "expected the name of a variable"};
      out->variables.push_back(variable.text);
    }
    if (out->variables.size() == 2 && out->variables[0] == out->variables[1])
      throw Refused{at, "two variables of one name"};
    out = with(std::move(out), std::move(target));
    for (std::size_t i = known->variables; i < given.size(); ++i)
      out = with(std::move(out), std::move(given[i]));
    return out;
  }

  Tree primary() {
    const Token token = current();
    switch (token.word) {
      case Word::integer:
      case Word::uinteger:
      case Word::number:
      case Word::text:
      case Word::bytes:
        ++next_;
        return literal(token);
      case Word::name:
        return name(false);
      case Word::sign:
        break;
      default:
        unexpected_word();
    }
    ++next_;
    if (token.text == ".") return name(true);
    if (token.text == "(") {
      Tree out = expression();
      need(")");
      return out;
    }
    if (token.text == "[") return list(token.at);
    if (token.text == "{") return map(token.at);
    --next_;
    unexpected_word();
  }

  Tree name(bool absolute) {
    const Token token = current();
    if (token.word != Word::name) unexpected_word(" (expected a name)");
    if (!absolute && constant(token.text)) {
      ++next_;
      Tree out = make(Node::literal, token.at);
      if (token.text != "null") out->literal = Value::boolean(token.text == "true");
      return out;
    }
    if (constant(token.text) || reserved(token.text))
      throw Refused{token.at, "'" + token.text + "' is a reserved word"};
    ++next_;
    if (at_sign("(")) {
      const std::uint32_t open = current().at;
      ++next_;
      return function(token.text, open);
    }
    Tree out = make(Node::name, token.at);
    out->text = token.text;
    out->absolute = absolute;
    return out;
  }

  Tree function(const std::string& name, std::uint32_t at) {
    std::vector<Tree> given = arguments();
    if (name == "has" && given.size() == 1) {
      if (given[0]->node != Node::select)
        throw Refused{given[0]->at, "has() takes a field: has(x.y)"};
      given[0]->node = Node::has;
      return std::move(given[0]);
    }
    Tree out = make(Node::call, at);
    out->text = name;
    for (Tree& argument : given) out = with(std::move(out), std::move(argument));
    return out;
  }

  Tree list(std::uint32_t at) {
    Tree out = make(Node::list, at);
    while (!at_sign("]")) {
      out = with(std::move(out), expression());
      if (!take(",")) break;
    }
    need("]");
    return out;
  }

  Tree map(std::uint32_t at) {
    Tree out = make(Node::map, at);
    while (!at_sign("}")) {
      out = with(std::move(out), expression());
      need(":");
      out = with(std::move(out), expression());
      if (!take(",")) break;
    }
    need("}");
    return out;
  }

  Tree literal(const Token& token) {
    Tree out = make(Node::literal, token.at);
    const bool negative = std::exchange(negative_, false);
    const std::string text = (negative ? "-" : "") + token.text;
    switch (token.word) {
      case Word::text:
        out->literal = Value::text(token.text);
        break;
      case Word::bytes:
        out->literal = Value::bytes(token.text);
        break;
      case Word::number: {
        const auto value = read_double(text);
        if (!value) throw Refused{token.at, "'" + text + "' is no number of this size"};
        out->literal = Value::number(*value);
        break;
      }
      case Word::uinteger:
        out->literal = Value::uinteger(whole<std::uint64_t>(token, text));
        break;
      default:
        out->literal = Value::integer(whole<std::int64_t>(token, text));
    }
    return out;
  }

  template <class T>
  T whole(const Token& token, std::string text) const {
    int base = 10;
    if (const auto prefix = text.find("0x"); prefix != std::string::npos) {
      base = 16;
      text.erase(prefix, 2);
    }
    T value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc{} || end != text.data() + text.size())
      throw Refused{token.at, "'" + token.text + "' is no integer of 64 bits"};
    return value;
  }

  std::vector<Token> tokens_;
  Syntax syntax_;
  std::size_t next_ = 0;
  std::uint32_t nesting_ = 0;
  bool negative_ = false;
};

}  // namespace

Result<Tree> parse(std::string_view text, const Syntax& syntax) {
  if (text.size() > kMaxText)
    return fail(ropewalk::Kind::config, "longer than " + std::to_string(kMaxText) + " bytes");
  auto tokens = lex(text);
  if (!tokens) return std::unexpected(tokens.error());
  try {
    return Parser(std::move(*tokens), syntax).run();
  } catch (const Refused& refused) {
    return refuse(text, refused.at, refused.what);
  }
}

}  // namespace ropewalk::cel
