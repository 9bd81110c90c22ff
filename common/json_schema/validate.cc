#include "common/json_schema/validate.h"

#include <algorithm>

namespace ropewalk::json_schema {
namespace {

std::string_view type_of(const json::Value& value) {
  switch (value.type()) {
    case json::Value::Type::null:
      return "null";
    case json::Value::Type::boolean:
      return "boolean";
    case json::Value::Type::number:
      return "number";
    case json::Value::Type::string:
      return "string";
    case json::Value::Type::list:
      return "array";
    case json::Value::Type::object:
      return "object";
  }
  return "null";
}

constexpr std::pair<std::string_view, std::uint8_t> kTypes[] = {
    {"null", type::kNull},       {"boolean", type::kBoolean}, {"number", type::kNumber},
    {"integer", type::kInteger}, {"string", type::kString},   {"array", type::kArray},
    {"object", type::kObject}};

std::string named(std::uint8_t types) {
  std::string out;
  for (const auto& [name, bit] : kTypes) {
    if ((types & bit) == 0) continue;
    if (!out.empty()) out += " or ";
    out += name;
  }
  return out;
}

bool write_canonical(std::string& out, const json::Value& value) {
  if (value.is_number()) {
    const auto number = Decimal::read(value.number_text());
    if (number) out += number->text();
    return number.has_value();
  }
  if (value.is_list()) {
    out += '[';
    for (const json::Value& element : value.elements()) {
      if (!write_canonical(out, element)) return false;
      out += ',';
    }
    out += ']';
    return true;
  }
  if (!value.is_object()) {
    json::write(out, value);
    return true;
  }
  std::vector<const json::Value::Member*> members;
  for (const auto& member : value.members()) members.push_back(&member);
  std::ranges::sort(members, {}, [](const auto* member) { return std::string_view(member->key); });
  out += '{';
  for (const auto* member : members) {
    json::write_string(out, member->key);
    out += ':';
    if (!write_canonical(out, member->value)) return false;
    out += ',';
  }
  out += '}';
  return true;
}

bool same(const json::Value& a, const json::Value& b) {
  if (a.type() != b.type()) return false;
  const auto first = canonical(a);
  return first && first == canonical(b);
}

}  // namespace

std::optional<std::string> canonical(const json::Value& value) {
  std::string out;
  if (!write_canonical(out, value)) return std::nullopt;
  return out;
}

void Evaluated::merge(const Evaluated& other) {
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (other.parts[i]) parts[i] = true;
}

bool Validation::spend(std::size_t steps) {
  if (exhausted_ || steps > left_) exhausted_ = true;
  if (!exhausted_) left_ -= steps;
  return !exhausted_;
}

std::string Validation::where() const {
  std::string out;
  for (const std::string& token : path_) out += "/" + token;
  return out;
}

Problem Validation::problem(std::string what) const {
  return {Problem::Form::plain, where(), std::move(what), {}};
}

Verdict Validation::run(const Schema& schema, const json::Value& value) {
  return check_here(schema, value, nullptr);
}

bool Validation::circular(const Schema& schema, const json::Value& value) const {
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
    if (scope->value != &value) return false;
    if (scope->schema == &schema) return true;
  }
  return false;
}

Verdict Validation::check_here(const Schema& schema, const json::Value& value, Evaluated* asked) {
  if (!spend(1) || scopes_.size() > kDeepest) {
    exhausted_ = true;
    return Problem();
  }
  if (schema.flag && !*schema.flag) return told([] { return "false schema"; });
  if (schema.flag) return std::nullopt;
  if (circular(schema, value)) return told([] { return "a reference that leads to itself"; });
  scopes_.push_back({&schema, &value});
  const bool tracks = asked || schema.unevaluated_items || schema.unevaluated_properties;
  Verdict out;
  if (tracks && (value.is_object() || value.is_list())) {
    Evaluated own;
    own.parts.resize(value.is_object() ? value.members().size() : value.elements().size());
    out = check(schema, value, &own);
    if (!out && asked) asked->merge(own);
  } else {
    out = check(schema, value, nullptr);
  }
  scopes_.pop_back();
  return out;
}

Verdict Validation::check(const Schema& schema, const json::Value& value, Evaluated* asked) {
  if (auto wrong = type(schema, value)) return wrong;
  if (auto wrong = choices(schema, value)) return wrong;
  if (auto wrong = format(schema, value)) return wrong;
  Findings findings;
  if (schema.ref) {
    Verdict wrong = reference(*schema.ref, value, asked);
    if (schema.draft < Draft::y2019) return wrong;
    findings.add(std::move(wrong));
  }
  if (value.is_object()) object(schema, value, asked, findings);
  if (value.is_list()) array(schema, value, asked, findings);
  if (value.is_string()) text(schema, value, findings);
  if (value.is_number()) number(schema, value, findings);
  if (!enough(findings)) references(schema, value, asked, findings);
  if (!enough(findings)) combinations(schema, value, asked, findings);
  if (!enough(findings) && asked) unevaluated(schema, value, *asked, findings);
  if (!findings.any()) return std::nullopt;
  if (findings.problems().size() == 1) return std::move(findings.problems().front());
  Problem group = told([] { return "validation failed"; });
  group.form = Problem::Form::group;
  group.causes = std::move(findings.problems());
  return group;
}

Verdict Validation::check_quietly(const Schema& schema, const json::Value& value,
                                  Evaluated* asked) {
  const Wish before = wish_;
  wish_ = Wish::verdict;
  Verdict out = check_here(schema, value, asked);
  wish_ = before;
  return out;
}

Verdict Validation::check_member(const Schema& schema, const json::Value& value,
                                 std::string_view key) {
  path_.push_back(reporting() ? escaped_token(key) : std::string());
  Verdict out = check_here(schema, value, nullptr);
  path_.pop_back();
  return out;
}

Verdict Validation::check_item(const Schema& schema, const json::Value& value,
                               std::size_t shown_as) {
  path_.push_back(reporting() ? std::to_string(shown_as) : std::string());
  Verdict out = check_here(schema, value, nullptr);
  path_.pop_back();
  return out;
}

Verdict Validation::type(const Schema& schema, const json::Value& value) const {
  if (schema.types == 0) return std::nullopt;
  const std::string_view got = type_of(value);
  for (const auto& [name, bit] : kTypes)
    if (name == got && (schema.types & bit) != 0) return std::nullopt;
  if (value.is_number() && (schema.types & type::kInteger) != 0) {
    const auto number = Decimal::read(value.number_text());
    if (number && number->is_integer()) return std::nullopt;
  }
  return told([&] { return "got " + std::string(got) + ", want " + named(schema.types); });
}

Verdict Validation::choices(const Schema& schema, const json::Value& value) const {
  const auto simple = [](const json::Value& wanted) {
    return !wanted.is_list() && !wanted.is_object();
  };
  if (schema.constant && !same(value, *schema.constant))
    return told([&] {
      return simple(*schema.constant) ? "value must be " + shown(*schema.constant)
                                      : std::string("'const' failed");
    });
  if (!schema.choices) return std::nullopt;
  const auto& wanted = schema.choices->elements();
  if (std::ranges::any_of(wanted, [&](const auto& choice) { return same(value, choice); }))
    return std::nullopt;
  return told([&] {
    if (!std::ranges::all_of(wanted, simple)) return std::string("'enum' failed");
    std::string list;
    for (const json::Value& choice : wanted) list += (list.empty() ? "" : ", ") + shown(choice);
    return (wanted.size() == 1 ? "value must be " : "value must be one of ") + list;
  });
}

Verdict Validation::format(const Schema& schema, const json::Value& value) const {
  if (!schema.format || !value.is_string()) return std::nullopt;
  const char* complaint = schema.format->complaint(value.string());
  if (!complaint) return std::nullopt;
  return told([&] {
    return quoted(value.string()) + " is not valid " + std::string(schema.format->name) + ": " +
           complaint;
  });
}

Verdict Validation::reference(const Schema& target, const json::Value& value, Evaluated* asked) {
  Verdict found = check_here(target, value, asked);
  if (!found) return found;
  Problem out = told([] { return "validation failed"; });
  out.form = Problem::Form::reference;
  if (found->form == Problem::Form::group)
    out.causes = std::move(found->causes);
  else
    out.causes.push_back(std::move(*found));
  return out;
}

// What the outermost resource that was passed on the way here says counts.
void Validation::references(const Schema& schema, const json::Value& value, Evaluated* asked,
                            Findings& out) {
  if (schema.recursive_ref) {
    const Schema* target = schema.recursive_ref;
    if (target->resource && target->resource->recursive_anchor == target) {
      const auto outer = std::ranges::find_if(scopes_, [](const Scope& scope) {
        return scope.schema->resource->recursive_anchor != nullptr;
      });
      if (outer != scopes_.end()) target = outer->schema->resource->recursive_anchor;
    }
    out.add(reference(*target, value, asked));
  }
  if (!schema.dynamic_ref) return;
  const Schema* target = schema.dynamic_ref;
  if (!schema.dynamic_name.empty()) {
    for (const Scope& scope : scopes_) {
      const auto& anchors = scope.schema->resource->dynamic_anchors;
      const auto found = anchors.find(schema.dynamic_name);
      if (found == anchors.end()) continue;
      target = found->second;
      break;
    }
  }
  out.add(reference(*target, value, asked));
}

void Validation::combinations(const Schema& schema, const json::Value& value, Evaluated* asked,
                              Findings& out) {
  if (schema.not_ && !check_quietly(*schema.not_, value, nullptr))
    out.add(told([] { return "'not' failed"; }));
  if (!schema.all_of.empty()) {
    Findings failed;
    for (const Schema* part : schema.all_of) {
      failed.add(check_here(*part, value, asked));
      if (enough(failed)) break;
    }
    if (failed.any()) {
      Problem all = told([] { return "'allOf' failed"; });
      all.causes = std::move(failed.problems());
      out.add(std::move(all));
    }
  }
  if (!enough(out)) any_of(schema, value, asked, out);
  if (!enough(out)) one_of(schema, value, asked, out);
  if (!enough(out)) condition(schema, value, asked, out);
}

void Validation::any_of(const Schema& schema, const json::Value& value, Evaluated* asked,
                        Findings& out) {
  if (schema.any_of.empty()) return;
  Findings failed;
  bool matched = false;
  for (const Schema* part : schema.any_of) {
    Verdict wrong = check_here(*part, value, asked);
    matched = matched || !wrong;
    failed.add(std::move(wrong));
    // Each that matches has looked at members of its own.
    if (matched && !asked) return;
  }
  if (matched) return;
  Problem none = told([] { return "'anyOf' failed"; });
  none.causes = std::move(failed.problems());
  out.add(std::move(none));
}

void Validation::one_of(const Schema& schema, const json::Value& value, Evaluated* asked,
                        Findings& out) {
  if (schema.one_of.empty()) return;
  Findings failed;
  std::optional<std::size_t> matched;
  for (std::size_t i = 0; i < schema.one_of.size(); ++i) {
    const Schema& part = *schema.one_of[i];
    Verdict wrong = matched ? check_quietly(part, value, asked) : check_here(part, value, asked);
    if (wrong) {
      failed.add(std::move(wrong));
    } else if (matched) {
      out.add(told([&] {
        return "'oneOf' failed, subschemas " + counted(*matched) + ", " + counted(i) + " matched";
      }));
      return;
    } else {
      matched = i;
    }
  }
  if (matched) return;
  Problem none = told([] { return "'oneOf' failed, none matched"; });
  none.causes = std::move(failed.problems());
  out.add(std::move(none));
}

void Validation::condition(const Schema& schema, const json::Value& value, Evaluated* asked,
                           Findings& out) {
  if (!schema.if_) return;
  const Schema* next = check_quietly(*schema.if_, value, asked) ? schema.else_ : schema.then;
  if (next) out.add(check_here(*next, value, asked));
}

void Validation::unevaluated(const Schema& schema, const json::Value& value, Evaluated& evaluated,
                             Findings& out) {
  if (value.is_object() && schema.unevaluated_properties) {
    for (std::size_t i = 0; i < evaluated.parts.size(); ++i) {
      if (evaluated.parts[i]) continue;
      const json::Value::Member& member = value.members()[i];
      out.add(check_member(*schema.unevaluated_properties, member.value, member.key));
      evaluated.parts[i] = true;
    }
  }
  if (value.is_list() && schema.unevaluated_items) {
    for (std::size_t i = 0; i < evaluated.parts.size(); ++i) {
      if (evaluated.parts[i]) continue;
      out.add(check_item(*schema.unevaluated_items, value.elements()[i], i));
      evaluated.parts[i] = true;
    }
  }
}

}  // namespace ropewalk::json_schema
