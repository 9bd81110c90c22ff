// The documents that one schema consists of, and the resources in them: identifiers, anchors and
// the JSON each stands for. Used while compiling, one thread; what it holds stays in place.
#pragma once

#include "common/error.h"
#include "common/json_schema/dialect.h"
#include "common/json_schema/json_schema.h"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace ropewalk::json_schema {

// The keyword's text; empty where it is absent or something else.
std::string_view text_of(const json::Value& schema, std::string_view keyword);

class Documents {
 public:
  explicit Documents(Load load) : load_(std::move(load)) {}

  // The resource of a document's root; `fallback` counts where it has no `$schema`. Errors: an
  // unknown `$schema`.
  Result<Resource*> add(const std::string& uri, json::Value document, const Dialect& fallback = {});

  struct Place {
    Resource* resource = nullptr;
    const json::Value* schema = nullptr;
  };
  // What a reference from `base` leads to.
  Result<Place> find(const Resource& base, std::string_view reference);

  Resource* owner(const json::Value& schema) const;
  const Dialect& dialect(const Resource& resource) const { return dialects_.at(&resource); }
  std::deque<Resource>& resources() { return resources_; }

  // Nothing more is loaded.
  void close() { load_ = nullptr; }

  // In place of a resource, "#name" of every `$dynamicAnchor`.
  struct Dynamic {
    Resource* resource;
    std::string name;  // "" for $recursiveAnchor
    const json::Value* schema;
  };
  // Grows while documents are loaded.
  const std::deque<Dynamic>& dynamics() const { return dynamics_; }

 private:
  Result<Resource*> load(const std::string& uri, const Dialect& fallback);
  Result<Dialect> dialect_of(const json::Value& document, const Dialect& fallback, int depth);
  Result<void> scan(const json::Value& schema, Resource* resource, bool root);
  Result<void> scan_below(const json::Value& schema, Resource* resource);
  Result<Place> follow(Resource* resource, std::string_view pointer);
  Resource& make_resource(std::string uri, const json::Value& root, const Dialect& dialect);

  Load load_;
  std::deque<json::Value> documents_;
  std::deque<Resource> resources_;
  std::map<std::string, Resource*, std::less<>> by_uri_;
  std::unordered_map<const json::Value*, Resource*> owners_;
  std::unordered_map<const Resource*, Dialect> dialects_;
  std::deque<Dynamic> dynamics_;
};

}  // namespace ropewalk::json_schema
