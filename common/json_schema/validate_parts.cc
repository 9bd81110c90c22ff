// Numbers, texts, objects and lists.
#include "common/json_schema/validate.h"
#include "common/keyed_table.h"

#include <algorithm>

namespace ropewalk::json_schema {
namespace {

bool matches(const Pattern& pattern, std::string_view text) {
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *pattern.expression);
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string listed(const std::vector<std::size_t>& places) {
  std::string out;
  for (const std::size_t place : places) out += (out.empty() ? "" : " ") + std::to_string(place);
  return out;
}

}  // namespace

void Validation::number(const Schema& schema, const json::Value& value, Findings& out) {
  const bool bounded = schema.minimum || schema.maximum || schema.exclusive_minimum ||
                       schema.exclusive_maximum || schema.multiple_of;
  if (!bounded) return;
  const auto given = Decimal::read(value.number_text());
  if (!given) {
    out.add(told([] { return "a number too large to compare"; }));
    return;
  }
  const auto compared = [&](std::string_view keyword, const Decimal& wanted) {
    return told([&] {
      return std::string(keyword) + ": got " + measured(given->as_double()) + ", want " +
             measured(wanted.as_double());
    });
  };
  if (schema.minimum && *given < *schema.minimum) out.add(compared("minimum", *schema.minimum));
  if (schema.maximum && *given > *schema.maximum) out.add(compared("maximum", *schema.maximum));
  if (schema.exclusive_minimum && *given <= *schema.exclusive_minimum)
    out.add(compared("exclusiveMinimum", *schema.exclusive_minimum));
  if (schema.exclusive_maximum && *given >= *schema.exclusive_maximum)
    out.add(compared("exclusiveMaximum", *schema.exclusive_maximum));
  if (schema.multiple_of && !given->multiple_of(*schema.multiple_of))
    out.add(compared("multipleOf", *schema.multiple_of));
}

void Validation::text(const Schema& schema, const json::Value& value, Findings& out) {
  const std::string& given = value.string();
  if (!spend(given.size() / 64)) return;
  if (schema.min_length || schema.max_length) {
    const std::size_t length = characters(given);
    if (schema.min_length && length < *schema.min_length)
      out.add(told([&] {
        return "minLength: got " + counted(length) + ", want " + counted(*schema.min_length);
      }));
    if (schema.max_length && length > *schema.max_length)
      out.add(told([&] {
        return "maxLength: got " + counted(length) + ", want " + counted(*schema.max_length);
      }));
  }
  if (schema.pattern && !matches(*schema.pattern, given))
    out.add(told(
        [&] { return quoted(given) + " does not match pattern " + quoted(schema.pattern->text); }));
}

void Validation::object(const Schema& schema, const json::Value& value, Evaluated* asked,
                        Findings& out) {
  const std::size_t size = value.members().size();
  if (schema.min_properties && size < *schema.min_properties)
    out.add(told([&] {
      return "minProperties: got " + counted(size) + ", want " + counted(*schema.min_properties);
    }));
  if (schema.max_properties && size > *schema.max_properties)
    out.add(told([&] {
      return "maxProperties: got " + counted(size) + ", want " + counted(*schema.max_properties);
    }));
  out.add(missing(schema.required, value, nullptr));
  if (enough(out)) return;
  dependencies(schema.dependencies, value, asked, out);
  members(schema, value, asked, out);
  if (schema.property_names) {
    for (const json::Value::Member& member : value.members()) {
      const json::Value name(member.key);
      // A name has no place of its own: what is wrong with it is told as of a document.
      std::vector<std::string> before;
      before.swap(path_);
      Verdict wrong = check_here(*schema.property_names, name, nullptr);
      before.swap(path_);
      if (!wrong) continue;
      Problem named = told([&] { return "invalid propertyName " + quoted(member.key); });
      named.where = std::string();
      if (wrong->form == Problem::Form::group)
        named.causes = std::move(wrong->causes);
      else
        named.causes.push_back(std::move(*wrong));
      out.add(std::move(named));
    }
  }
  dependencies(schema.dependent_schemas, value, asked, out);
  dependencies(schema.dependent_required, value, asked, out);
}

Verdict Validation::missing(const std::vector<std::string>& names, const json::Value& value,
                            const std::string* because) const {
  std::vector<std::string> absent;
  for (const std::string& name : names)
    if (!value.find(name)) absent.push_back(name);
  if (absent.empty()) return std::nullopt;
  return told([&] {
    if (because)
      return "properties " + quoted_list(absent) + " required, if " + quoted(*because) + " exists";
    return (absent.size() == 1 ? "missing property " : "missing properties ") + quoted_list(absent);
  });
}

void Validation::dependencies(const std::vector<Dependency>& list, const json::Value& value,
                              Evaluated* asked, Findings& out) {
  for (const Dependency& dependency : list) {
    if (!value.find(dependency.name)) continue;
    if (dependency.schema)
      out.add(check_here(*dependency.schema, value, asked));
    else
      out.add(missing(dependency.required, value, &dependency.name));
  }
}

void Validation::members(const Schema& schema, const json::Value& value, Evaluated* asked,
                         Findings& out) {
  std::vector<std::string> additional;
  for (std::size_t i = 0; i < value.members().size(); ++i) {
    if (enough(out) || !spend(1)) return;
    const json::Value::Member& member = value.members()[i];
    bool evaluated = false;
    if (const auto known = schema.properties.find(member.key); known != schema.properties.end()) {
      evaluated = true;
      out.add(check_member(*known->second, member.value, member.key));
    }
    for (const auto& [pattern, below] : schema.pattern_properties) {
      if (!matches(pattern, member.key)) continue;
      evaluated = true;
      out.add(check_member(*below, member.value, member.key));
    }
    if (!evaluated && schema.additional_properties) {
      evaluated = true;
      const auto& flag = schema.additional_properties->flag;
      if (flag && !*flag)
        additional.push_back(member.key);
      else
        out.add(check_member(*schema.additional_properties, member.value, member.key));
    }
    if (evaluated && asked) asked->parts[i] = true;
  }
  if (!additional.empty())
    out.add(
        told([&] { return "additional properties " + quoted_list(additional) + " not allowed"; }));
}

void Validation::array(const Schema& schema, const json::Value& value, Evaluated* asked,
                       Findings& out) {
  const std::size_t size = value.elements().size();
  if (schema.min_items && size < *schema.min_items)
    out.add(told(
        [&] { return "minItems: got " + counted(size) + ", want " + counted(*schema.min_items); }));
  if (schema.max_items && size > *schema.max_items)
    out.add(told(
        [&] { return "maxItems: got " + counted(size) + ", want " + counted(*schema.max_items); }));
  if (enough(out)) return;
  if (schema.unique_items) out.add(unique(value));
  if (!enough(out)) items(schema, value, asked, out);
  if (!enough(out) && schema.contains) contains(schema, value, asked, out);
}

Verdict Validation::unique(const json::Value& value) {
  KeyedMap<std::size_t> seen;
  for (std::size_t i = 0; i < value.elements().size(); ++i) {
    auto text = canonical(value.elements()[i]);
    if (!text) return told([] { return "a number too large to compare"; });
    if (!spend(text->size() / 64 + 1)) return std::nullopt;
    const auto [known, added] = seen.try_emplace(std::move(*text), i);
    if (added) continue;
    return told(
        [&] { return "items at " + counted(known->second) + " and " + counted(i) + " are equal"; });
  }
  return std::nullopt;
}

void Validation::items(const Schema& schema, const json::Value& value, Evaluated* asked,
                       Findings& out) {
  const auto& elements = value.elements();
  const std::size_t first = std::min(schema.first_items.size(), elements.size());
  const auto looked_at = [&](std::size_t i) {
    if (asked) asked->parts[i] = true;
  };
  for (std::size_t i = 0; i < first && !enough(out); ++i) {
    out.add(check_item(*schema.first_items[i], elements[i], i));
    looked_at(i);
  }
  if (!schema.other_items) return;
  const auto& flag = schema.other_items->flag;
  if (schema.items_are_additional && flag && !*flag) {
    if (first != elements.size())
      out.add(told([&] {
        return "last " + counted(elements.size() - first) + " additionalItem(s) not allowed";
      }));
    return;
  }
  // KrakenD's validator counts what follows the first ones from 0 again.
  for (std::size_t i = first; i < elements.size() && !enough(out); ++i) {
    out.add(check_item(*schema.other_items, elements[i], i - first));
    looked_at(i);
  }
}

void Validation::contains(const Schema& schema, const json::Value& value, Evaluated* asked,
                          Findings& out) {
  std::vector<std::size_t> matched;
  Findings failed;
  for (std::size_t i = 0; i < value.elements().size(); ++i) {
    Verdict wrong = check_item(*schema.contains, value.elements()[i], i);
    if (wrong) {
      failed.add(std::move(wrong));
      continue;
    }
    matched.push_back(i);
    if (asked && schema.draft == Draft::y2020) asked->parts[i] = true;
  }
  const auto because = [&](std::string what) {
    Problem problem = told([&] { return std::move(what); });
    problem.causes = std::move(failed.problems());
    out.add(std::move(problem));
  };
  if (schema.min_contains && matched.size() < *schema.min_contains) {
    const std::string least =
        "min " + counted(*schema.min_contains) + " items required to match contains schema, but ";
    because(matched.empty()
                ? least + "none matched"
                : least + "matched " + counted(matched.size()) + " items at " + listed(matched));
  } else if (!schema.min_contains && matched.empty()) {
    because("no items match contains schema");
  }
  if (schema.max_contains && matched.size() > *schema.max_contains)
    out.add(told([&] {
      return "max " + counted(*schema.max_contains) +
             " items required to match contains schema, but matched " + counted(matched.size()) +
             " items at " + listed(matched);
    }));
}

}  // namespace ropewalk::json_schema
