// One validation of one value. Made for it, one thread.
#pragma once

#include "common/json_schema/json_schema.h"
#include "common/json_schema/report.h"
#include "common/json_schema/schema.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::json_schema {

// Nothing: valid.
using Verdict = std::optional<Problem>;

// Which members or items of one value some schema has looked at.
struct Evaluated {
  std::vector<bool> parts;
  void merge(const Evaluated& other);
};

class Validation {
 public:
  enum class Wish : std::uint8_t { verdict, report };

  Validation(const Limits& limits, Wish wish) : left_(limits.steps), wish_(wish) {}

  Verdict run(const Schema& schema, const json::Value& value);
  // The value needs more than the limits allow: no verdict counts.
  bool exhausted() const { return exhausted_; }

 private:
  // What one schema found wrong with one value.
  class Findings {
   public:
    void add(Verdict verdict) {
      if (verdict) problems_.push_back(std::move(*verdict));
    }
    bool any() const { return !problems_.empty(); }
    std::vector<Problem>& problems() { return problems_; }

   private:
    std::vector<Problem> problems_;
  };

  struct Scope {
    const Schema* schema;
    const json::Value* value;
  };

  // Which schema stands at the same value already, below references and combinations.
  bool circular(const Schema& schema, const json::Value& value) const;
  Verdict check(const Schema& schema, const json::Value& value, Evaluated* asked);
  Verdict check_here(const Schema& schema, const json::Value& value, Evaluated* asked);
  Verdict check_quietly(const Schema& schema, const json::Value& value, Evaluated* asked);
  Verdict check_member(const Schema& schema, const json::Value& value, std::string_view key);
  Verdict check_item(const Schema& schema, const json::Value& value, std::size_t shown_as);

  Verdict type(const Schema& schema, const json::Value& value) const;
  Verdict choices(const Schema& schema, const json::Value& value) const;
  Verdict format(const Schema& schema, const json::Value& value) const;
  Verdict reference(const Schema& target, const json::Value& value, Evaluated* asked);
  void references(const Schema& schema, const json::Value& value, Evaluated* asked, Findings& out);
  void number(const Schema& schema, const json::Value& value, Findings& out);
  void text(const Schema& schema, const json::Value& value, Findings& out);
  void object(const Schema& schema, const json::Value& value, Evaluated* asked, Findings& out);
  void members(const Schema& schema, const json::Value& value, Evaluated* asked, Findings& out);
  void dependencies(const std::vector<Dependency>& list, const json::Value& value, Evaluated* asked,
                    Findings& out);
  Verdict missing(const std::vector<std::string>& names, const json::Value& value,
                  const std::string* because) const;
  void array(const Schema& schema, const json::Value& value, Evaluated* asked, Findings& out);
  void items(const Schema& schema, const json::Value& value, Evaluated* asked, Findings& out);
  void contains(const Schema& schema, const json::Value& value, Evaluated* asked, Findings& out);
  Verdict unique(const json::Value& value);
  void combinations(const Schema& schema, const json::Value& value, Evaluated* asked,
                    Findings& out);
  void any_of(const Schema& schema, const json::Value& value, Evaluated* asked, Findings& out);
  void one_of(const Schema& schema, const json::Value& value, Evaluated* asked, Findings& out);
  void condition(const Schema& schema, const json::Value& value, Evaluated* asked, Findings& out);
  void unevaluated(const Schema& schema, const json::Value& value, Evaluated& evaluated,
                   Findings& out);

  bool reporting() const { return wish_ == Wish::report; }
  // A verdict alone is enough: no more than the first problem is looked for.
  bool enough(const Findings& findings) const { return !reporting() && findings.any(); }
  Problem problem(std::string what) const;
  template <class Text>
  Problem told(Text text) const {
    return reporting() ? problem(text()) : Problem();
  }
  std::string where() const;
  bool spend(std::size_t steps);

  static constexpr std::size_t kDeepest = 1000;

  std::size_t left_;
  Wish wish_;
  bool exhausted_ = false;
  std::vector<std::string> path_;
  std::vector<Scope> scopes_;
};

// One text for all values that are equal as JSON Schema sees it: 1.0 is 1, members have no order.
// Nothing where a number is too large to tell.
std::optional<std::string> canonical(const json::Value& value);

}  // namespace ropewalk::json_schema
