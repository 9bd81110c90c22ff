#include "common/json_schema/documents.h"

#include "common/json_schema/metaschemas.h"
#include "common/json_schema/uri.h"
#include "common/strings.h"

#include <array>
#include <charconv>

namespace ropewalk::json_schema {
namespace {

constexpr int kMostMetaschemas = 16;  // a metaschema has one, which has one ...

constexpr auto kApplicators = std::to_array<Applicator>({
    {"allOf", Holds::list},
    {"anyOf", Holds::list},
    {"oneOf", Holds::list},
    {"not", Holds::one},
    {"items", Holds::one_or_list, Draft::four, Draft::y2019},
    {"items", Holds::one, Draft::y2020},
    {"additionalItems", Holds::one, Draft::four, Draft::y2019},
    {"prefixItems", Holds::list, Draft::y2020},
    {"contains", Holds::one, Draft::six},
    {"properties", Holds::map},
    {"patternProperties", Holds::map},
    {"additionalProperties", Holds::one},
    {"propertyNames", Holds::one, Draft::six},
    {"dependencies", Holds::map},
    {"definitions", Holds::map},
    {"$defs", Holds::map, Draft::y2019},
    {"dependentSchemas", Holds::map, Draft::y2019},
    {"if", Holds::one, Draft::seven},
    {"then", Holds::one, Draft::seven},
    {"else", Holds::one, Draft::seven},
    {"unevaluatedItems", Holds::one, Draft::y2019},
    {"unevaluatedProperties", Holds::one, Draft::y2019},
    {"contentSchema", Holds::one, Draft::y2019},
});

std::optional<Draft> draft_of(std::string_view uri) {
  if (uri == "http://json-schema.org/draft-04/schema") return Draft::four;
  if (uri == "http://json-schema.org/draft-06/schema") return Draft::six;
  if (uri == "http://json-schema.org/draft-07/schema") return Draft::seven;
  if (uri == "https://json-schema.org/draft/2019-09/schema") return Draft::y2019;
  if (uri == "https://json-schema.org/draft/2020-12/schema") return Draft::y2020;
  return std::nullopt;
}

std::string_view id_of(const json::Value& schema, Draft draft) {
  // Beside $ref nothing else counted before 2019-09.
  if (draft < Draft::y2019 && schema.find("$ref")) return {};
  return text_of(schema, draft == Draft::four ? "id" : "$id");
}

bool plain_name(std::string_view fragment) {
  return !fragment.empty() && !fragment.starts_with('/');
}

std::string unescaped(std::string_view token) {
  std::string out;
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] == '~' && i + 1 < token.size() && (token[i + 1] == '0' || token[i + 1] == '1'))
      out.push_back(token[++i] == '0' ? '~' : '/');
    else
      out.push_back(token[i]);
  }
  return out;
}

const json::Value* step(const json::Value& value, const std::string& token) {
  if (value.is_object()) return value.find(token);
  if (!value.is_list()) return nullptr;
  std::size_t at = 0;
  const auto read = std::from_chars(token.data(), token.data() + token.size(), at);
  const bool index = read.ec == std::errc{} && read.ptr == token.data() + token.size();
  return index && at < value.elements().size() ? &value.elements()[at] : nullptr;
}

}  // namespace

std::string_view text_of(const json::Value& schema, std::string_view keyword) {
  const json::Value* value = schema.find(keyword);
  return value && value->is_string() ? std::string_view(value->string()) : std::string_view();
}

std::span<const Applicator> applicators() { return kApplicators; }

Resource* Documents::owner(const json::Value& schema) const {
  const auto known = owners_.find(&schema);
  return known == owners_.end() ? nullptr : known->second;
}

Resource& Documents::make_resource(std::string uri, const json::Value& root,
                                   const Dialect& dialect) {
  Resource& out = resources_.emplace_back();
  out.uri = std::move(uri);
  out.root = &root;
  out.draft = dialect.draft;
  dialects_[&out] = dialect;
  by_uri_.try_emplace(out.uri, &out);
  return out;
}

Result<Dialect> Documents::dialect_of(const json::Value& document, const Dialect& fallback,
                                      int depth) {
  const std::string_view given = text_of(document, "$schema");
  if (given.empty()) return fallback;
  const std::string uri(split_fragment(given).first);
  Dialect out;
  if (const auto known = draft_of(uri)) {
    out.draft = *known;
    out.assert_format = *known < Draft::y2019;
    return out;
  }
  const auto meta = depth < kMostMetaschemas ? load_(uri) : std::nullopt;
  if (!meta) return fail(Kind::config, "$schema: unknown dialect " + uri);
  auto parent = dialect_of(*meta, fallback, depth + 1);
  if (!parent) return parent;
  out = *parent;
  const json::Value* vocabularies = meta->find("$vocabulary");
  if (out.draft < Draft::y2019 || !vocabularies || !vocabularies->is_object()) return out;
  const std::string prefix = out.draft == Draft::y2019
                                 ? "https://json-schema.org/draft/2019-09/vocab/"
                                 : "https://json-schema.org/draft/2020-12/vocab/";
  const auto has = [&](std::string_view name) {
    return vocabularies->find(prefix + std::string(name)) != nullptr;
  };
  out.applicator = has("applicator");
  out.validation = has("validation");
  out.unevaluated = out.draft == Draft::y2019 ? out.applicator : has("unevaluated");
  out.assert_format = has("format-assertion");
  return out;
}

Result<Resource*> Documents::add(const std::string& uri, json::Value document,
                                 const Dialect& fallback) {
  const json::Value& kept = documents_.emplace_back(std::move(document));
  auto dialect = dialect_of(kept, fallback, 0);
  if (!dialect) return std::unexpected(dialect.error());
  Resource& resource = make_resource(uri, kept, *dialect);
  if (auto scanned = scan(kept, &resource, true); !scanned) return std::unexpected(scanned.error());
  return &resource;
}

Result<Resource*> Documents::load(const std::string& uri, const Dialect& fallback) {
  if (const auto known = by_uri_.find(uri); known != by_uri_.end()) return known->second;
  std::optional<json::Value> document;
  if (const Metaschema* meta = find_metaschema(uri)) {
    if (auto parsed = json::parse(meta->text)) document = std::move(*parsed);
  } else {
    document = load_(uri);
  }
  if (!document) return fail(Kind::config, "$ref: there is no " + uri);
  return add(uri, std::move(*document), fallback);
}

Result<void> Documents::scan(const json::Value& schema, Resource* resource, bool root) {
  owners_[&schema] = resource;
  if (!schema.is_object()) return {};
  const Draft draft = resource->draft;
  const auto [id, fragment] = split_fragment(id_of(schema, draft));
  if (!id.empty()) {
    const std::string uri = resolve(resource->uri, id);
    if (root) {
      // The document is known by both names.
      by_uri_.try_emplace(uri, resource);
      resource->uri = uri;
    } else {
      auto dialect = dialect_of(schema, dialects_.at(resource), 0);
      if (!dialect) return std::unexpected(dialect.error());
      resource = &make_resource(uri, schema, *dialect);
      owners_[&schema] = resource;
    }
  }
  if (resource->draft < Draft::y2019) {
    if (plain_name(fragment)) resource->anchors.try_emplace(std::string(fragment), &schema);
  } else if (const auto anchor = text_of(schema, "$anchor"); !anchor.empty()) {
    resource->anchors.try_emplace(std::string(anchor), &schema);
  }
  if (resource->draft == Draft::y2020) {
    if (const auto anchor = text_of(schema, "$dynamicAnchor"); !anchor.empty()) {
      resource->anchors.try_emplace(std::string(anchor), &schema);
      dynamics_.push_back({resource, std::string(anchor), &schema});
    }
  }
  const json::Value* recursive = schema.find("$recursiveAnchor");
  if (resource->draft == Draft::y2019 && &schema == resource->root && recursive &&
      recursive->is_boolean() && recursive->boolean())
    dynamics_.push_back({resource, "", &schema});
  return scan_below(schema, resource);
}

Result<void> Documents::scan_below(const json::Value& schema, Resource* resource) {
  for (const Applicator& known : kApplicators) {
    if (resource->draft < known.since || resource->draft > known.until) continue;
    const json::Value* value = schema.find(known.keyword);
    if (!value) continue;
    Result<void> scanned;
    const bool list = known.holds == Holds::list || known.holds == Holds::one_or_list;
    if (list && value->is_list()) {
      for (const json::Value& element : value->elements())
        if (scanned = scan(element, resource, false); !scanned) return scanned;
    } else if (known.holds == Holds::map && value->is_object()) {
      for (const json::Value::Member& member : value->members())
        if (scanned = scan(member.value, resource, false); !scanned) return scanned;
    } else if (known.holds == Holds::one || known.holds == Holds::one_or_list) {
      if (scanned = scan(*value, resource, false); !scanned) return scanned;
    }
  }
  return {};
}

Result<Documents::Place> Documents::follow(Resource* resource, std::string_view pointer) {
  const json::Value* at = resource->root;
  if (!pointer.empty()) {
    for (const std::string_view token : split(pointer.substr(1), '/')) {
      at = step(*at, unescaped(token));
      if (!at) return fail(Kind::config, "$ref: there is no #" + std::string(pointer));
      if (Resource* inner = owner(*at)) resource = inner;
    }
  }
  // Below a keyword that holds no schemas nobody has looked for identifiers yet.
  if (!owner(*at))
    if (auto scanned = scan(*at, resource, false); !scanned)
      return std::unexpected(scanned.error());
  return Place{owner(*at), at};
}

Result<Documents::Place> Documents::find(const Resource& base, std::string_view reference) {
  const auto [target, encoded] = split_fragment(reference);
  auto resource = load(resolve(base.uri, target), dialects_.at(&base));
  if (!resource) return std::unexpected(resource.error());
  const std::string fragment = percent_decode(encoded);
  if (!plain_name(fragment)) return follow(*resource, fragment);
  const auto& anchors = (*resource)->anchors;
  if (const auto anchor = anchors.find(fragment); anchor != anchors.end())
    return Place{owner(*anchor->second), anchor->second};
  return fail(Kind::config, "$ref: there is no anchor #" + fragment);
}

}  // namespace ropewalk::json_schema
