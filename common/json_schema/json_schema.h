// JSON Schema, drafts 4, 6, 7, 2019-09 and 2020-12 (the default). compile() once, then validate()
// as often as wanted: a Validator is immutable and may be used by any thread at once.
//
// Nothing is fetched: what a `$ref` may lead to beside the schema itself are the metaschemas, which
// are built in, and what `load` knows.
#pragma once

#include "common/error.h"
#include "common/json/value.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace ropewalk::json_schema {

// What one validation may cost: schemas applied, members looked at. What exceeds it is not valid.
struct Limits {
  std::size_t steps = 2'000'000;
};

// The document of an absolute URI without fragment; nothing where there is none.
using Load = std::function<std::optional<json::Value>(const std::string& uri)>;

class Validator {
 public:
  // `uri` is what relative references start from. Errors: Kind::config, what is wrong with the
  // schema: against its metaschema, a reference that leads nowhere, a pattern that is none.
  static Result<std::shared_ptr<const Validator>> compile(json::Value schema,
                                                          const std::string& uri, Load load);

  // Errors: Kind::bad_request; the message is the report, a line per problem.
  Result<void> validate(const json::Value& value, const Limits& limits = {}) const;

  Validator(const Validator&) = delete;
  Validator& operator=(const Validator&) = delete;
  ~Validator();

 private:
  struct Compiled;
  explicit Validator(std::unique_ptr<Compiled> compiled);
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace ropewalk::json_schema
