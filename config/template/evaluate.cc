#include "config/template/evaluate.h"

#include "config/template/print.h"

#include <optional>

namespace ropewalk::config::templates {
namespace {

enum class Flow : std::uint8_t { on, leave, next, failed };

class Run {
 public:
  Run(const Templates& all, Context& context) : all_(all), context_(context) {}

  std::expected<std::string, RunFault> start(const Template& main, const Value& data) {
    if (call(main, data) == Flow::failed) return std::unexpected(*fault_);
    return std::move(out_);
  }

 private:
  struct Variable {
    std::string name;
    Value value;
  };

  Flow failed(std::size_t at, std::string message, Cause cause = Cause::broken) {
    if (!fault_) fault_ = RunFault{source_, {at, std::move(message), cause}};
    return Flow::failed;
  }

  std::nullopt_t no(std::size_t at, std::string message) {
    failed(at, std::move(message));
    return std::nullopt;
  }

  bool within_budget(std::size_t at) {
    if (!context_.budget.overdrawn()) return true;
    failed(
        at,
        "the values grow larger than " + std::to_string(context_.environment.most_made) + " bytes",
        Cause::limit);
    return false;
  }

  bool count_step(std::size_t at) {
    if (++steps_ <= context_.environment.most_steps) return true;
    failed(at,
           "more than " + std::to_string(context_.environment.most_steps) +
               " steps: does a loop not end?",
           Cause::limit);
    return false;
  }

  bool enter(std::size_t at) {
    if (!count_step(at)) return false;
    if (depth_ >= context_.environment.most_depth) {
      failed(at,
             "nested deeper than " + std::to_string(context_.environment.most_depth) +
                 " levels: does a template call itself?",
             Cause::limit);
      return false;
    }
    ++depth_;
    return true;
  }

  Flow call(const Template& entry, const Value& data) {
    std::vector<Variable> outer;
    outer.swap(variables_);
    variables_.push_back({"$", data});
    const std::size_t source = std::exchange(source_, entry.source);
    const Flow flow = walk(entry.body, data);
    if (flow == Flow::failed) return flow;
    source_ = source;
    variables_ = std::move(outer);
    return Flow::on;
  }

  Flow walk(const std::vector<Node>& nodes, const Value& dot) {
    for (const Node& node : nodes) {
      if (!enter(node.at)) return Flow::failed;
      const Flow flow = visit(node, dot);
      --depth_;
      if (flow != Flow::on) return flow;
    }
    return Flow::on;
  }

  Flow write(const std::string& text, std::size_t at) {
    if (out_.size() + text.size() > context_.environment.most_output)
      return failed(at,
                    "the output is larger than " +
                        std::to_string(context_.environment.most_output) + " bytes",
                    Cause::limit);
    out_ += text;
    return Flow::on;
  }

  Flow visit(const Node& node, const Value& dot) {
    switch (node.form) {
      case Node::Form::text:
        return write(node.text, node.at);
      case Node::Form::action: {
        const auto value = pipeline(*node.pipeline, dot);
        if (!value) return Flow::failed;
        if (!node.pipeline->variables.empty()) return Flow::on;
        if (value->is_nil()) context_.without_value.emplace(source_, node.pipeline->at);
        const std::string text = written(*value, context_.budget);
        return within_budget(node.at) ? write(text, node.at) : Flow::failed;
      }
      case Node::Form::condition:
      case Node::Form::with: {
        const std::size_t mark = variables_.size();
        const Flow flow = choose(node, dot);
        variables_.resize(std::min(mark, variables_.size()));
        return flow;
      }
      case Node::Form::range:
        return range(node, dot);
      case Node::Form::call: {
        Value data = Value::nil();
        if (node.pipeline) {
          const auto value = pipeline(*node.pipeline, dot);
          if (!value) return Flow::failed;
          data = *value;
        }
        const auto found = all_.find(node.text);
        if (found == all_.end())
          return failed(node.at, "template \"" + node.text + "\" not defined");
        return call(found->second, data);
      }
      case Node::Form::leave:
        return Flow::leave;
      case Node::Form::next:
        return Flow::next;
    }
    return Flow::on;
  }

  // The first of a chain of {{else if}}s that holds.
  Flow choose(const Node& first, const Value& dot) {
    for (const Node* node = &first;; node = &node->otherwise.front()) {
      if (!count_step(node->at)) return Flow::failed;
      const auto value = pipeline(*node->pipeline, dot);
      if (!value) return Flow::failed;
      if (value->truth()) return walk(node->body, node->form == Node::Form::with ? *value : dot);
      if (node->otherwise.size() != 1 || node->otherwise.front().form != first.form)
        return walk(node->otherwise, dot);
    }
  }

  Flow range(const Node& node, const Value& dot) {
    const std::size_t mark = variables_.size();
    const auto value = pipeline(*node.pipeline, dot);
    if (!value) return Flow::failed;
    bool any = false;
    Flow flow = Flow::on;
    const auto round = [&](const Value& index, const Value& element) {
      any = true;
      if (!enter(node.at)) {
        flow = Flow::failed;
        return false;
      }
      const std::size_t inner = variables_.size();
      set_range(*node.pipeline, index, element);
      flow = walk(node.body, element);
      variables_.resize(inner);
      --depth_;
      if (flow == Flow::failed) return false;
      const bool on = flow != Flow::leave;
      flow = Flow::on;
      return on;
    };
    switch (value->type()) {
      case Type::list: {
        // A copy: the body may not change what is walked over, but a function may.
        const std::vector<Value> items = value->list().items;
        for (std::size_t i = 0; i < items.size(); ++i)
          if (!round(Value::of(static_cast<std::int64_t>(i)), items[i])) break;
        break;
      }
      case Type::map: {
        const auto items = value->map().items;
        for (const auto& [key, item] : items)
          if (!round(Value::of(key), item)) break;
        break;
      }
      case Type::integer:
      case Type::integer64:
        for (std::int64_t i = 0; i < value->integer(); ++i)
          if (!round(Value::of(i), Value::of(i))) break;
        break;
      case Type::missing:
      case Type::nil:
        break;
      default:
        return failed(node.pipeline->at, "range can't iterate over a " + type_name(*value));
    }
    if (flow == Flow::failed) return flow;
    if (!any) flow = walk(node.otherwise, dot);
    variables_.resize(std::min(mark, variables_.size()));
    return flow;
  }

  // One variable takes the element, two take index and element.
  void set_range(const Pipeline& pipe, const Value& index, const Value& element) {
    for (std::size_t i = 0; i < pipe.variables.size(); ++i) {
      const Value& value = pipe.variables.size() == 2 && i == 0 ? index : element;
      if (pipe.declares)
        variables_.push_back({pipe.variables[i], value});
      else
        *find(pipe.variables[i]) = value;
    }
  }

  Value* find(std::string_view name) {
    for (auto it = variables_.rbegin(); it != variables_.rend(); ++it)
      if (it->name == name) return &it->value;
    return nullptr;
  }

  std::optional<Value> pipeline(const Pipeline& pipe, const Value& dot) {
    if (!enter(pipe.at)) return std::nullopt;
    std::optional<Value> value;
    for (const Command& command : pipe.commands) {
      value = evaluate(command, dot, value);
      if (!value) return std::nullopt;
    }
    for (const std::string& name : pipe.variables) {
      Value* known = pipe.declares ? nullptr : find(name);
      if (known)
        *known = *value;
      else
        variables_.push_back({name, *value});
    }
    --depth_;
    return value;
  }

  std::optional<Value> evaluate(const Command& command, const Value& dot,
                                const std::optional<Value>& piped) {
    const Operand& first = command.operands.front();
    if (first.form == Operand::Form::function && first.chain.empty())
      return function(command, dot, piped);
    if (command.operands.size() > 1 || piped)
      return no(first.at, "can't give argument to what is no function");
    return operand(first, dot);
  }

  std::optional<Value> operand(const Operand& operand, const Value& dot) {
    Value value;
    switch (operand.form) {
      case Operand::Form::constant:
        return operand.constant;
      case Operand::Form::nil:
        return Value::nil();
      case Operand::Form::dot:
        value = dot;
        break;
      case Operand::Form::variable:
        value = *find(operand.name);
        break;
      case Operand::Form::function: {
        Arguments none;
        const auto result = invoke(*find_function(operand.name), none, {}, operand.at);
        if (!result) return std::nullopt;
        value = *result;
        break;
      }
      case Operand::Form::pipeline: {
        const std::size_t mark = variables_.size();
        const auto result = pipeline(*operand.inner, dot);
        if (!result) return std::nullopt;
        variables_.resize(mark);
        value = *result;
        break;
      }
    }
    return fields(std::move(value), operand);
  }

  std::optional<Value> fields(Value value, const Operand& operand) {
    for (const std::string& name : operand.chain) {
      if (value.type() == Type::missing) return value;
      if (value.type() == Type::nil)
        return no(operand.at, "nil pointer evaluating interface {}." + name);
      if (value.type() != Type::map)
        return no(operand.at, "can't evaluate field " + name + " in type " + type_name(value));
      const Map& map = value.map();
      const auto found = map.items.find(name);
      if (found == map.items.end()) {
        if (!map.struct_name.empty())
          return no(operand.at, "can't evaluate field " + name + " in type " + type_name(value));
        return Value();
      }
      value = Value(found->second);
    }
    return value;
  }

  std::optional<Value> function(const Command& command, const Value& dot,
                                const std::optional<Value>& piped) {
    const Operand& first = command.operands.front();
    if (first.name == "and" || first.name == "or") return logic(command, dot, piped);
    Arguments arguments;
    std::vector<bool> literal;
    for (std::size_t i = 1; i < command.operands.size(); ++i) {
      auto value = operand(command.operands[i], dot);
      if (!value) return std::nullopt;
      arguments.push_back(std::move(*value));
      literal.push_back(command.operands[i].number);
    }
    if (piped) {
      arguments.push_back(*piped);
      literal.push_back(false);
    }
    return invoke(*find_function(first.name), arguments, literal, first.at);
  }

  // The first argument that decides, the others are not looked at.
  std::optional<Value> logic(const Command& command, const Value& dot,
                             const std::optional<Value>& piped) {
    const bool seeks = command.operands.front().name == "or";
    std::optional<Value> value;
    for (std::size_t i = 1; i < command.operands.size(); ++i) {
      value = operand(command.operands[i], dot);
      if (!value || value->truth() == seeks) return value;
    }
    if (piped) value = piped;
    if (!value)
      return no(
          command.operands.front().at,
          "wrong number of args for " + command.operands.front().name + ": want at least 1 got 0");
    return value;
  }

  std::optional<Value> invoke(const Function& function, Arguments& arguments,
                              const std::vector<bool>& literal, std::size_t at) {
    if (std::string wrong = check_arguments(function, arguments, literal); !wrong.empty())
      return no(at, std::move(wrong));
    const std::size_t maps = context_.heap.maps();
    Answer answer = function.call(context_, arguments);
    if (!answer) {
      failed(at, "error calling " + std::string(function.name) + ": " + answer.error(),
             context_.budget.overdrawn() ? Cause::limit : Cause::broken);
      return std::nullopt;
    }
    // Lists are paid for where they are made; what was there before costs nothing.
    const bool made = answer->type() == Type::text ||
                      (answer->type() == Type::map && context_.heap.maps() > maps);
    if (made) context_.budget.spend(size_of(*answer));
    if (!within_budget(at)) return std::nullopt;
    return std::move(*answer);
  }

  const Templates& all_;
  Context& context_;
  std::vector<Variable> variables_;
  std::string out_;
  std::size_t source_ = 0;
  std::uint64_t steps_ = 0;
  int depth_ = 0;
  std::optional<RunFault> fault_;
};

}  // namespace

std::expected<std::string, RunFault> run_template(const Template& start, const Templates& all,
                                                  Context& context, const Value& data) {
  return Run(all, context).start(start, data);
}

}  // namespace ropewalk::config::templates
