// One node of a tree of modifiers. Immutable; any worker may call.
#pragma once

#include "common/error.h"
#include "common/json/value.h"
#include "dataplane/filters/martian/exchange.h"

#include <memory>
#include <string>

namespace ropewalk::martian {

class Modifier {
 public:
  virtual ~Modifier() = default;
  // An error fails the call.
  virtual Result<void> request(Exchange&) const { return {}; }
  virtual Result<void> response(Exchange&) const { return {}; }
  // Whether the bytes of the answer or of the request are replaced.
  virtual bool replaces_answer_body() const { return false; }
  virtual bool replaces_request_body() const { return false; }
};
using ModifierPtr = std::unique_ptr<const Modifier>;

// A node as it stands in a tree: its scope says which of the two it takes part in.
struct Scoped {
  ModifierPtr modifier;
  bool on_request = true;
  bool on_response = true;

  Result<void> request(Exchange& exchange) const {
    return modifier && on_request ? modifier->request(exchange) : Result<void>();
  }
  Result<void> response(Exchange& exchange) const {
    return modifier && on_response ? modifier->response(exchange) : Result<void>();
  }
};

// {"header.Modifier": {...}}. Errors (config).
Result<Scoped> build(const json::Value& node);

// The families of modifiers (headers.cc, urls.cc, answers.cc, files.cc, filters.cc); null for a
// name of another family.
Result<ModifierPtr> build_header(const std::string& name, const json::Value& fields);
Result<ModifierPtr> build_url(const std::string& name, const json::Value& fields);
Result<ModifierPtr> build_answer(const std::string& name, const json::Value& fields);
Result<ModifierPtr> build_files(const std::string& name, const json::Value& fields);
Result<ModifierPtr> build_filter(const std::string& name, const json::Value& fields);
Result<ModifierPtr> build_group(const std::string& name, const json::Value& fields);

// Fields of a node; "", 0 and false without one.
std::string text_of(const json::Value& fields, const char* key);
std::int64_t integer_of(const json::Value& fields, const char* key);
bool flag_of(const json::Value& fields, const char* key);

}  // namespace ropewalk::martian
