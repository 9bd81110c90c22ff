// JSON -> Schema (schema.h): references resolved, patterns and numbers read. One thread.
#pragma once

#include "common/error.h"
#include "common/json_schema/documents.h"
#include "common/json_schema/schema.h"

#include <deque>
#include <string>
#include <unordered_map>

namespace ropewalk::json_schema {

class Compiler {
 public:
  explicit Compiler(Load load) : documents_(std::move(load)) {}
  Compiler(const Compiler&) = delete;
  Compiler& operator=(const Compiler&) = delete;

  // Errors: Kind::config, what is wrong and where ("#/properties/a: ...").
  Result<const Schema*> compile(const std::string& uri, json::Value document);
  const Dialect& dialect() const { return dialect_; }

 private:
  Result<const Schema*> schema(const json::Value& source);
  Result<void> pending();
  Result<void> dynamic_targets();
  Result<void> fill(Schema& out, const json::Value& source, Resource& resource);
  Result<void> references(Schema& out, const json::Value& source, Resource& resource);
  Result<void> applied(Schema& out, const json::Value& source);
  Result<void> applied_to_objects(Schema& out, const json::Value& source);
  Result<void> applied_to_items(Schema& out, const json::Value& source);
  Result<void> conditions(Schema& out, const json::Value& source);
  Result<void> asserted(Schema& out, const json::Value& source);

  Result<void> one(const json::Value& source, std::string_view keyword, const Schema*& out);
  Result<void> list(const json::Value& source, std::string_view keyword,
                    std::vector<const Schema*>& out);
  Result<void> dependencies(const json::Value& source, std::string_view keyword,
                            std::vector<Dependency>& out);

  static constexpr std::size_t kMostSchemas = 100'000;

  Documents documents_;
  Dialect dialect_;  // of the whole
  std::deque<Schema> schemas_;
  std::unordered_map<const json::Value*, const Schema*> made_;
  std::deque<std::pair<Schema*, const json::Value*>> waiting_;
  std::size_t next_dynamic_ = 0;
};

}  // namespace ropewalk::json_schema
