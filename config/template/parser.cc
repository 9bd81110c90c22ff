#include "config/template/parser.h"

#include "common/utf8.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

namespace ropewalk::config::templates {
namespace {

using Form = Token::Form;

constexpr int kMaxDepth = 100;
constexpr std::size_t kMaxChain = 1000;

struct Stop {
  std::string word;  // "", "else" or "end"
  std::size_t at = 0;
};

class Parser {
 public:
  Parser(const std::vector<Token>& tokens, const Words& words) : tokens_(tokens), words_(words) {}

  std::expected<Parsed, Fault> run(std::string name) {
    Template main{.name = std::move(name)};
    const Stop stop = list(main.body, true);
    if (!fault_ && !stop.word.empty()) broken(stop.at, "unexpected {{" + stop.word + "}}");
    if (fault_) return std::unexpected(*fault_);
    Parsed out;
    out.templates.push_back(std::move(main));
    for (Template& entry : defined_) out.templates.push_back(std::move(entry));
    return out;
  }

 private:
  const Token& peek() const { return tokens_[at_]; }
  const Token& take() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }
  bool at_form(Form form) const { return peek().form == form; }
  void skip_space() {
    while (at_form(Form::space)) take();
  }
  void broken(std::size_t at, std::string message, Cause cause = Cause::broken) {
    if (!fault_) fault_ = Fault{at, std::move(message), cause};
  }
  bool deeper() {
    if (++depth_ <= kMaxDepth) return true;
    broken(peek().at, "nested deeper than " + std::to_string(kMaxDepth) + " levels", Cause::limit);
    return false;
  }

  // Nodes up to {{else}}, {{end}} or the end of the text. The else's own action is left open
  // behind the word.
  Stop list(std::vector<Node>& out, bool top) {
    while (!fault_) {
      const Token& token = take();
      if (token.form == Form::end) return {.at = token.at};
      if (token.form == Form::text) {
        out.push_back(Node{.form = Node::Form::text, .text = token.text, .at = token.at});
        continue;
      }
      skip_space();
      const std::string word = at_form(Form::word) ? peek().text : std::string();
      if (word == "end" || word == "else") {
        const std::size_t at = take().at;
        if (word == "end") close();
        return {word, at};
      }
      statement(word, token.at, out, top);
    }
    return {};
  }

  void close() {
    skip_space();
    if (!at_form(Form::close))
      broken(peek().at, "unexpected \"" + peek().text + "\", expected }}");
    else
      take();
  }

  void statement(const std::string& word, std::size_t at, std::vector<Node>& out, bool top) {
    if (word == "if") return branch(Node::Form::condition, at, out);
    if (word == "with") return branch(Node::Form::with, at, out);
    if (word == "range") return branch(Node::Form::range, at, out);
    if (word == "define") return define(at, top);
    if (word == "block") return block(at, out);
    if (word == "template") return call(at, out);
    if (word == "break" || word == "continue") {
      take();
      if (loops_ == 0) broken(at, "{{" + word + "}} outside {{range}}");
      out.push_back(Node{.form = word == "break" ? Node::Form::leave : Node::Form::next, .at = at});
      return close();
    }
    Node node{.form = Node::Form::action, .at = at};
    node.pipeline = pipeline(Form::close, false);
    out.push_back(std::move(node));
  }

  // {{if}} with all its {{else if}}s, which count as one level: each is what the one before it does
  // otherwise.
  void branch(Node::Form form, std::size_t at, std::vector<Node>& out) {
    if (!deeper()) return;
    const std::size_t scope = variables_.size();
    std::vector<Node> chain;
    Stop stop{.word = "else", .at = at};
    for (bool more = true; more && !fault_;) {
      take();  // if, with or range
      if (chain.size() == kMaxChain)
        broken(stop.at, "more than " + std::to_string(kMaxChain) + " {{else}}s", Cause::limit);
      Node& node = chain.emplace_back(Node{.form = form, .at = stop.at});
      node.pipeline = pipeline(Form::close, form == Node::Form::range);
      if (form == Node::Form::range) ++loops_;
      stop = list(node.body, false);
      if (form == Node::Form::range) --loops_;
      more = false;
      if (fault_ || stop.word != "else") break;
      skip_space();
      const std::string next = at_form(Form::word) ? peek().text : std::string();
      more = (next == "if" && form == Node::Form::condition) ||
             (next == "with" && form == Node::Form::with);
      if (more) continue;
      close();
      stop = list(node.otherwise, false);
    }
    if (!fault_ && stop.word != "end")
      broken(stop.word.empty() ? at : stop.at,
             stop.word.empty() ? "this action has no {{end}}" : "unexpected {{else}}");
    variables_.resize(std::min(scope, variables_.size()));
    --depth_;
    for (; chain.size() > 1; chain.pop_back())
      chain[chain.size() - 2].otherwise.push_back(std::move(chain.back()));
    out.push_back(std::move(chain.front()));
  }

  std::string template_name() {
    skip_space();
    if (!at_form(Form::quoted)) {
      broken(peek().at, "expected the name of a template in quotes");
      return {};
    }
    return take().text;
  }

  void define(std::size_t at, bool top) {
    if (!top) return broken(at, "{{define}} inside another action");
    take();
    Template out{.name = template_name()};
    close();
    body_of(out, at);
  }

  // A template of its own: it does not see the variables around it.
  void body_of(Template& out, std::size_t at) {
    if (!deeper()) return;
    std::vector<std::string> outer;
    outer.swap(variables_);
    variables_.emplace_back("$");
    const int loops = std::exchange(loops_, 0);
    const Stop stop = list(out.body, false);
    if (!fault_ && stop.word != "end")
      broken(stop.word.empty() ? at : stop.at,
             stop.word.empty() ? "this action has no {{end}}" : "unexpected {{else}}");
    loops_ = loops;
    variables_ = std::move(outer);
    --depth_;
    const auto same = [&](const Template& other) { return other.name == out.name; };
    const auto known = std::ranges::find_if(defined_, same);
    if (known == defined_.end())
      defined_.push_back(std::move(out));
    else if (known->empty())
      *known = std::move(out);
    else if (!out.empty())
      broken(at, "the template \"" + out.name + "\" is defined twice");
  }

  void block(std::size_t at, std::vector<Node>& out) {
    take();
    Template inner{.name = template_name()};
    Node node{.form = Node::Form::call, .text = inner.name, .at = at};
    node.pipeline = pipeline(Form::close, false);
    body_of(inner, at);
    out.push_back(std::move(node));
  }

  void call(std::size_t at, std::vector<Node>& out) {
    take();
    Node node{.form = Node::Form::call, .text = template_name(), .at = at};
    skip_space();
    if (at_form(Form::close))
      take();
    else
      node.pipeline = pipeline(Form::close, false);
    out.push_back(std::move(node));
  }

  // Up to and with `end`.
  std::unique_ptr<Pipeline> pipeline(Form end, bool range) {
    auto out = std::make_unique<Pipeline>();
    skip_space();
    out->at = peek().at;
    declarations(*out, range);
    while (!fault_) {
      Command command = words();
      if (fault_) break;
      if (command.operands.empty()) {
        broken(peek().at, "missing value");
        break;
      }
      check_piped(command, !out->commands.empty());
      out->commands.push_back(std::move(command));
      if (at_form(Form::pipe)) {
        take();
        continue;
      }
      if (!at_form(end)) {
        broken(peek().at, "unexpected \"" + peek().text + "\"");
        break;
      }
      take();
      break;
    }
    if (out->declares)
      for (const std::string& name : out->variables) variables_.push_back(name);
    return out;
  }

  void check_piped(const Command& command, bool piped) {
    const Operand& first = command.operands.front();
    const bool literal = first.form == Operand::Form::constant ||
                         first.form == Operand::Form::nil || first.form == Operand::Form::dot;
    if (piped && literal && first.chain.empty())
      broken(first.at, "a value that is no function cannot take what is piped to it");
    if (!piped && first.form == Operand::Form::nil && command.operands.size() == 1)
      broken(first.at, "nil is not a command");
  }

  // "$x :=", "$x =", "$i, $e :=".
  void declarations(Pipeline& out, bool range) {
    const std::size_t begin = at_;
    std::vector<std::string> names;
    while (at_form(Form::variable) && names.size() < 2) {
      names.push_back(take().text);
      skip_space();
      if (!at_form(Form::comma) || !range) break;
      take();
      skip_space();
    }
    if (!names.empty() && (at_form(Form::declare) || at_form(Form::assign))) {
      out.declares = at_form(Form::declare);
      out.variables = std::move(names);
      for (const std::string& name : out.variables)
        if (!out.declares && !defined(name)) broken(out.at, "undefined variable \"" + name + "\"");
      take();
      skip_space();
      return;
    }
    at_ = begin;
  }

  bool defined(std::string_view name) const {
    return std::ranges::find(variables_, name) != variables_.end();
  }

  // The words of one command, up to a pipe or what closes.
  Command words() {
    Command out;
    bool separated = true;
    while (!fault_) {
      if (at_form(Form::space)) {
        take();
        separated = true;
        continue;
      }
      const Form form = peek().form;
      if (form == Form::pipe || form == Form::close || form == Form::right || form == Form::end ||
          form == Form::comma || form == Form::declare || form == Form::assign)
        return out;
      if (!separated) {
        broken(peek().at, "unexpected \"" + peek().text + "\" without a space before it");
        return out;
      }
      out.operands.push_back(operand());
      separated = false;
    }
    return out;
  }

  Operand operand() {
    Operand out{.at = peek().at};
    const Token& token = take();
    switch (token.form) {
      case Form::dot:
        return out;
      case Form::field:
        out.chain.push_back(token.text);
        break;
      case Form::variable:
        out.form = Operand::Form::variable;
        out.name = token.text;
        if (!defined(out.name)) broken(out.at, "undefined variable \"" + out.name + "\"");
        break;
      case Form::quoted:
        out.form = Operand::Form::constant;
        out.constant = Value::of(token.text);
        break;
      case Form::character:
        out.form = Operand::Form::constant;
        out.constant = Value::of(first_code(token.text));
        break;
      case Form::number:
        number(token, out);
        break;
      case Form::word:
        word(token, out);
        break;
      case Form::left:
        if (!deeper()) break;
        out.form = Operand::Form::pipeline;
        out.inner = pipeline(Form::right, false);
        --depth_;
        break;
      default:
        broken(token.at, "unexpected \"" + token.text + "\"");
        return out;
    }
    while (!fault_ && at_form(Form::field)) {
      if (out.form == Operand::Form::constant || out.form == Operand::Form::nil)
        broken(peek().at, "a constant has no fields");
      out.chain.push_back(take().text);
    }
    return out;
  }

  static std::int64_t first_code(std::string_view text) {
    const auto [code, length] = decode_utf8(text);
    return length > 0 ? static_cast<std::int64_t>(code) : static_cast<unsigned char>(text[0]);
  }

  void word(const Token& token, Operand& out) {
    if (token.text == "nil") {
      out.form = Operand::Form::nil;
    } else if (token.text == "true" || token.text == "false") {
      out.form = Operand::Form::constant;
      out.constant = Value::of(token.text == "true");
    } else {
      out.form = Operand::Form::function;
      out.name = token.text;
      if (const Word word = words_(out.name); word == Word::missing)
        broken(token.at, "the function \"" + out.name + "\" is not supported yet", Cause::missing);
      else if (word == Word::unknown)
        broken(token.at, "function \"" + out.name + "\" not defined");
    }
  }

  void number(const Token& token, Operand& out) {
    out.form = Operand::Form::constant;
    out.number = true;
    std::string text = token.text;
    std::erase(text, '_');
    if (const auto whole = integer(text)) {
      out.constant = Value::of(*whole);
      return;
    }
    if (text.starts_with('+')) text.erase(0, 1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
      broken(token.at, "bad number \"" + token.text + "\"");
    out.constant = Value::of(value);
  }

  static std::optional<std::int64_t> integer(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    int base = 10;
    if (text.size() > 1 && text[0] == '0') {
      const char kind = static_cast<char>(text[1] | 0x20);
      base = kind == 'x' ? 16 : kind == 'b' ? 2 : 8;
      text.remove_prefix(kind == 'x' || kind == 'b' || kind == 'o' ? 2 : 1);
    }
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (text.starts_with('-') || error != std::errc{} || end != text.data() + text.size())
      return std::nullopt;
    return negative ? -value : value;
  }

  const std::vector<Token>& tokens_;
  const Words& words_;
  std::size_t at_ = 0;
  int depth_ = 0;
  int loops_ = 0;
  std::vector<std::string> variables_{"$"};
  std::vector<Template> defined_;
  std::optional<Fault> fault_;
};

}  // namespace

std::expected<Parsed, Fault> parse_template(std::string name, std::string_view text,
                                            const Words& words) {
  const auto tokens = tokens_of(text);
  if (!tokens) return std::unexpected(tokens.error());
  return Parser(*tokens, words).run(std::move(name));
}

}  // namespace ropewalk::config::templates
