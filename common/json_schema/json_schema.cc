#include "common/json_schema/json_schema.h"

#include "common/json_schema/compile.h"
#include "common/json_schema/metaschemas.h"
#include "common/json_schema/uri.h"
#include "common/json_schema/validate.h"
#include "common/strings.h"

#include <array>

namespace ropewalk::json_schema {
namespace {

std::optional<json::Value> nothing(const std::string&) { return std::nullopt; }

// What is behind all that a report says first: its first line without a cause below it.
std::string first_cause(const std::string& report) {
  std::string out;
  std::size_t depth = 0;
  for (const std::string_view line : split(report, '\n')) {
    const std::size_t indent = line.find_first_not_of(' ');
    if (!out.empty() && indent <= depth) break;
    depth = indent;
    out = trim(line, "- ");
  }
  return out;
}

}  // namespace

struct Validator::Compiled {
  explicit Compiled(Load load) : compiler(std::move(load)) {}
  Compiler compiler;  // owns the documents and the schemas
  const Schema* root = nullptr;
};

Validator::Validator(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
Validator::~Validator() = default;

namespace {

// The schema of schemas of a draft, compiled when it is needed first.
const Validator* metaschema(Draft draft) {
  const auto make = [](std::string_view uri) -> std::shared_ptr<const Validator> {
    const Metaschema* known = find_metaschema(uri);
    auto document = known ? json::parse(known->text) : json::parse("true");
    auto made = Validator::compile(std::move(*document), std::string(uri), nothing);
    return made ? *made : nullptr;
  };
  static const std::array<std::shared_ptr<const Validator>, 5> kAll{
      make("http://json-schema.org/draft-04/schema"),
      make("http://json-schema.org/draft-06/schema"),
      make("http://json-schema.org/draft-07/schema"),
      make("https://json-schema.org/draft/2019-09/schema"),
      make("https://json-schema.org/draft/2020-12/schema")};
  return kAll[static_cast<std::size_t>(draft)].get();
}

}  // namespace

Result<std::shared_ptr<const Validator>> Validator::compile(json::Value schema,
                                                            const std::string& uri, Load load) {
  auto compiled = std::make_unique<Compiled>(std::move(load));
  const json::Value copy = schema;
  auto root = compiled->compiler.compile(std::string(split_fragment(uri).first), std::move(schema));
  // A metaschema is not held against itself; others are, before anything else is said about them.
  if (!find_metaschema(uri)) {
    const Draft draft = compiled->compiler.dialect().draft;
    if (auto valid = metaschema(draft)->validate(copy); !valid)
      return fail(Kind::config, "not a valid schema: " + first_cause(valid.error().message));
  }
  if (!root) return std::unexpected(root.error());
  compiled->root = *root;
  return std::shared_ptr<const Validator>(new Validator(std::move(compiled)));
}

Result<void> Validator::validate(const json::Value& value, const Limits& limits) const {
  // Most values are valid: the report is made only when it is needed.
  Validation quick(limits, Validation::Wish::verdict);
  const bool valid = !quick.run(*compiled_->root, value);
  if (valid && !quick.exhausted()) return {};
  Validation thorough(limits, Validation::Wish::report);
  const Verdict verdict = quick.exhausted() ? std::nullopt : thorough.run(*compiled_->root, value);
  if (quick.exhausted() || thorough.exhausted() || !verdict)
    return fail(Kind::bad_request, "too deep or too large to validate", Origin::client);
  return fail(Kind::bad_request, report(*verdict), Origin::client);
}

}  // namespace ropewalk::json_schema
