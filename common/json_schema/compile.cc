#include "common/json_schema/compile.h"

#include "common/json_schema/uri.h"

#include <array>

namespace ropewalk::json_schema {
namespace {

// A pattern of a schema stays well below what RE2 would allow by itself.
constexpr std::int64_t kPatternMemory = std::int64_t{1} << 20;

bool is_true(const json::Value& source, std::string_view keyword) {
  const json::Value* value = source.find(keyword);
  return value && value->is_boolean() && value->boolean();
}

std::optional<Decimal> number_of(const json::Value& source, std::string_view keyword) {
  const json::Value* value = source.find(keyword);
  return value && value->is_number() ? Decimal::read(value->number_text()) : std::nullopt;
}

std::optional<std::size_t> count_of(const json::Value& source, std::string_view keyword) {
  const auto value = number_of(source, keyword);
  return value && value->is_integer() ? std::optional(value->as_size()) : std::nullopt;
}

std::vector<std::string> texts(const json::Value& list) {
  std::vector<std::string> out;
  for (const json::Value& element : list.elements())
    if (element.is_string()) out.push_back(element.string());
  return out;
}

std::uint8_t type_named(std::string_view name) {
  constexpr std::pair<std::string_view, std::uint8_t> kNames[] = {
      {"null", type::kNull},       {"boolean", type::kBoolean}, {"number", type::kNumber},
      {"integer", type::kInteger}, {"string", type::kString},   {"array", type::kArray},
      {"object", type::kObject}};
  for (const auto& [known, bit] : kNames)
    if (name == known) return bit;
  return 0;
}

Result<Pattern> pattern_of(const std::string& text) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kPatternMemory);
  Pattern out{text, std::make_unique<const re2::RE2>(text, options)};
  if (!out.expression->ok())
    return fail(Kind::config, "pattern " + text + ": " + out.expression->error());
  return out;
}

}  // namespace

Result<const Schema*> Compiler::compile(const std::string& uri, json::Value document) {
  auto resource = documents_.add(uri, std::move(document));
  if (!resource) return std::unexpected(resource.error());
  dialect_ = documents_.dialect(**resource);
  auto out = schema(*(*resource)->root);
  if (!out) return out;
  if (auto done = pending(); !done) return std::unexpected(done.error());
  documents_.close();
  return out;
}

// A schema that is asked for again is the same one: references may go round in circles.
Result<const Schema*> Compiler::schema(const json::Value& source) {
  if (const auto known = made_.find(&source); known != made_.end()) return known->second;
  if (!source.is_object() && !source.is_boolean())
    return fail(Kind::config, "a schema is an object, true or false");
  if (schemas_.size() >= kMostSchemas) return fail(Kind::config, "too many schemas");
  Schema& out = schemas_.emplace_back();
  made_[&source] = &out;
  waiting_.emplace_back(&out, &source);
  return &out;
}

Result<void> Compiler::pending() {
  while (true) {
    while (!waiting_.empty()) {
      const auto [out, source] = waiting_.front();
      waiting_.pop_front();
      Resource* resource = documents_.owner(*source);
      if (!resource) return fail(Kind::config, "a schema outside of every document");
      if (auto filled = fill(*out, *source, *resource); !filled) return filled;
    }
    if (next_dynamic_ == documents_.dynamics().size()) return {};
    if (auto done = dynamic_targets(); !done) return done;
  }
}

// Whatever the dynamic scope may lead to has to be there before the first validation.
Result<void> Compiler::dynamic_targets() {
  for (; next_dynamic_ < documents_.dynamics().size(); ++next_dynamic_) {
    const Documents::Dynamic& dynamic = documents_.dynamics()[next_dynamic_];
    auto target = schema(*dynamic.schema);
    if (!target) return std::unexpected(target.error());
    if (dynamic.name.empty())
      dynamic.resource->recursive_anchor = *target;
    else
      dynamic.resource->dynamic_anchors.try_emplace(dynamic.name, *target);
  }
  return {};
}

Result<void> Compiler::fill(Schema& out, const json::Value& source, Resource& resource) {
  const Dialect& dialect = documents_.dialect(resource);
  out.draft = dialect.draft;
  out.resource = &resource;
  if (source.is_boolean()) {
    out.flag = source.boolean();
    return {};
  }
  if (auto done = references(out, source, resource); !done) return done;
  if (out.ref && out.draft < Draft::y2019) return {};
  if (dialect.applicator)
    if (auto done = applied(out, source); !done) return done;
  if (dialect.unevaluated && out.draft >= Draft::y2019) {
    if (auto done = one(source, "unevaluatedItems", out.unevaluated_items); !done) return done;
    if (auto done = one(source, "unevaluatedProperties", out.unevaluated_properties); !done)
      return done;
  }
  if (dialect.assert_format) out.format = find_format(text_of(source, "format"));
  return dialect.validation ? asserted(out, source) : Result<void>();
}

Result<void> Compiler::references(Schema& out, const json::Value& source, Resource& resource) {
  const auto target = [&](std::string_view keyword, const Schema*& into) -> Result<void> {
    const json::Value* reference = source.find(keyword);
    if (!reference || !reference->is_string()) return {};
    auto place = documents_.find(resource, reference->string());
    if (!place) return std::unexpected(place.error());
    auto found = schema(*place->schema);
    if (!found) return std::unexpected(found.error());
    into = *found;
    return {};
  };
  if (auto done = target("$ref", out.ref); !done) return done;
  if (out.draft == Draft::y2019) return target("$recursiveRef", out.recursive_ref);
  if (out.draft != Draft::y2020) return {};
  if (auto done = target("$dynamicRef", out.dynamic_ref); !done) return done;
  if (!out.dynamic_ref) return {};
  // Dynamic only when what it leads to is a $dynamicAnchor of that very name.
  const std::string_view reference = text_of(source, "$dynamicRef");
  const std::string name = percent_decode(split_fragment(reference).second);
  const auto place = documents_.find(resource, reference);
  if (place && !name.empty() && text_of(*place->schema, "$dynamicAnchor") == name)
    out.dynamic_name = name;
  return {};
}

Result<void> Compiler::one(const json::Value& source, std::string_view keyword,
                           const Schema*& out) {
  const json::Value* value = source.find(keyword);
  if (!value) return {};
  auto made = schema(*value);
  if (!made) return std::unexpected(made.error());
  out = *made;
  return {};
}

Result<void> Compiler::list(const json::Value& source, std::string_view keyword,
                            std::vector<const Schema*>& out) {
  const json::Value* value = source.find(keyword);
  if (!value || !value->is_list()) return {};
  for (const json::Value& element : value->elements()) {
    auto made = schema(element);
    if (!made) return std::unexpected(made.error());
    out.push_back(*made);
  }
  return {};
}

Result<void> Compiler::dependencies(const json::Value& source, std::string_view keyword,
                                    std::vector<Dependency>& out) {
  const json::Value* value = source.find(keyword);
  if (!value || !value->is_object()) return {};
  for (const json::Value::Member& member : value->members()) {
    Dependency& dependency = out.emplace_back();
    dependency.name = member.key;
    if (member.value.is_list()) {
      dependency.required = texts(member.value);
      continue;
    }
    auto made = schema(member.value);
    if (!made) return std::unexpected(made.error());
    dependency.schema = *made;
  }
  return {};
}

Result<void> Compiler::applied(Schema& out, const json::Value& source) {
  if (auto done = list(source, "allOf", out.all_of); !done) return done;
  if (auto done = list(source, "anyOf", out.any_of); !done) return done;
  if (auto done = list(source, "oneOf", out.one_of); !done) return done;
  if (auto done = one(source, "not", out.not_); !done) return done;
  if (auto done = applied_to_objects(out, source); !done) return done;
  if (auto done = applied_to_items(out, source); !done) return done;
  return out.draft >= Draft::seven ? conditions(out, source) : Result<void>();
}

Result<void> Compiler::conditions(Schema& out, const json::Value& source) {
  if (auto done = one(source, "if", out.if_); !done) return done;
  if (!out.if_) return {};
  if (auto done = one(source, "then", out.then); !done) return done;
  return one(source, "else", out.else_);
}

Result<void> Compiler::applied_to_objects(Schema& out, const json::Value& source) {
  if (const json::Value* properties = source.find("properties");
      properties && properties->is_object()) {
    for (const json::Value::Member& member : properties->members()) {
      auto made = schema(member.value);
      if (!made) return std::unexpected(made.error());
      out.properties[member.key] = *made;
    }
  }
  if (const json::Value* patterns = source.find("patternProperties");
      patterns && patterns->is_object()) {
    for (const json::Value::Member& member : patterns->members()) {
      auto pattern = pattern_of(member.key);
      if (!pattern) return std::unexpected(pattern.error());
      auto made = schema(member.value);
      if (!made) return std::unexpected(made.error());
      out.pattern_properties.emplace_back(std::move(*pattern), *made);
    }
  }
  if (auto done = one(source, "additionalProperties", out.additional_properties); !done)
    return done;
  if (auto done = dependencies(source, "dependencies", out.dependencies); !done) return done;
  if (out.draft >= Draft::six)
    if (auto done = one(source, "propertyNames", out.property_names); !done) return done;
  if (out.draft < Draft::y2019) return {};
  return dependencies(source, "dependentSchemas", out.dependent_schemas);
}

Result<void> Compiler::applied_to_items(Schema& out, const json::Value& source) {
  if (out.draft >= Draft::six)
    if (auto done = one(source, "contains", out.contains); !done) return done;
  if (out.draft == Draft::y2020) {
    if (auto done = list(source, "prefixItems", out.first_items); !done) return done;
    return one(source, "items", out.other_items);
  }
  const json::Value* items = source.find("items");
  if (!items) return {};
  if (!items->is_list()) return one(source, "items", out.other_items);
  out.items_are_additional = true;
  if (auto done = list(source, "items", out.first_items); !done) return done;
  return one(source, "additionalItems", out.other_items);
}

Result<void> Compiler::asserted(Schema& out, const json::Value& source) {
  if (const json::Value* types = source.find("type")) {
    if (types->is_string()) out.types = type_named(types->string());
    if (types->is_list())
      for (const std::string& name : texts(*types)) out.types |= type_named(name);
  }
  if (const json::Value* choices = source.find("enum"); choices && choices->is_list())
    out.choices = choices;
  if (out.draft >= Draft::six) out.constant = source.find("const");

  out.multiple_of = number_of(source, "multipleOf");
  out.minimum = number_of(source, "minimum");
  out.maximum = number_of(source, "maximum");
  out.exclusive_minimum = number_of(source, "exclusiveMinimum");
  out.exclusive_maximum = number_of(source, "exclusiveMaximum");
  // Draft 4: a flag that makes the other bound exclusive.
  if (is_true(source, "exclusiveMinimum")) std::swap(out.minimum, out.exclusive_minimum);
  if (is_true(source, "exclusiveMaximum")) std::swap(out.maximum, out.exclusive_maximum);

  out.min_length = count_of(source, "minLength");
  out.max_length = count_of(source, "maxLength");
  out.min_items = count_of(source, "minItems");
  out.max_items = count_of(source, "maxItems");
  out.min_properties = count_of(source, "minProperties");
  out.max_properties = count_of(source, "maxProperties");
  out.unique_items = is_true(source, "uniqueItems");
  if (const json::Value* names = source.find("required"); names && names->is_list())
    out.required = texts(*names);
  if (const json::Value* text = source.find("pattern"); text && text->is_string()) {
    auto pattern = pattern_of(text->string());
    if (!pattern) return std::unexpected(pattern.error());
    out.pattern = std::move(*pattern);
  }
  if (out.draft < Draft::y2019) return {};
  out.min_contains = count_of(source, "minContains");
  out.max_contains = count_of(source, "maxContains");
  return dependencies(source, "dependentRequired", out.dependent_required);
}

}  // namespace ropewalk::json_schema
