// A schema as it is checked: made once by the compiler (compile.h), then immutable and read by any
// thread. Points into the documents it was made of, which live as long.
#pragma once

#include "common/json/value.h"
#include "common/json_schema/decimal.h"
#include "common/json_schema/format.h"
#include "common/keyed_table.h"

#include <re2/re2.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ropewalk::json_schema {

struct Schema;

// The year of a draft decides what its keywords mean.
enum class Draft : std::uint8_t { four, six, seven, y2019, y2020 };

// A document, or a part of one that has an identifier of its own.
struct Resource {
  std::string uri;  // without fragment
  const json::Value* root = nullptr;
  Draft draft = Draft::y2020;
  std::map<std::string, const json::Value*, std::less<>> anchors;
  std::map<std::string, const Schema*, std::less<>> dynamic_anchors;
  const Schema* recursive_anchor = nullptr;  // its root, when that says so
};

namespace type {
inline constexpr std::uint8_t kNull = 1;
inline constexpr std::uint8_t kBoolean = 2;
inline constexpr std::uint8_t kNumber = 4;
inline constexpr std::uint8_t kInteger = 8;
inline constexpr std::uint8_t kString = 16;
inline constexpr std::uint8_t kArray = 32;
inline constexpr std::uint8_t kObject = 64;
}  // namespace type

struct Pattern {
  std::string text;
  std::unique_ptr<const re2::RE2> expression;
};

// When `name` is there: other members must be, or a schema must hold.
struct Dependency {
  std::string name;
  std::vector<std::string> required;
  const Schema* schema = nullptr;
};

struct Schema {
  std::optional<bool> flag;  // true and false as schemas
  Draft draft = Draft::y2020;
  const Resource* resource = nullptr;

  std::uint8_t types = 0;  // sum of type::, 0 for any
  const json::Value* constant = nullptr;
  const json::Value* choices = nullptr;  // of enum
  const Format* format = nullptr;

  const Schema* ref = nullptr;
  const Schema* recursive_ref = nullptr;
  const Schema* dynamic_ref = nullptr;
  std::string dynamic_name;  // what the dynamic scope is asked for, "" when it is not

  std::optional<Decimal> minimum, maximum, exclusive_minimum, exclusive_maximum, multiple_of;
  std::optional<std::size_t> min_length, max_length, min_items, max_items, min_properties,
      max_properties, min_contains, max_contains;
  std::optional<Pattern> pattern;
  bool unique_items = false;

  std::vector<std::string> required;
  KeyedMap<const Schema*> properties;
  std::vector<std::pair<Pattern, const Schema*>> pattern_properties;
  const Schema* additional_properties = nullptr;
  const Schema* property_names = nullptr;
  std::vector<Dependency> dependencies;        // of the keyword of this name
  std::vector<Dependency> dependent_schemas;   // since 2019-09
  std::vector<Dependency> dependent_required;  // since 2019-09

  std::vector<const Schema*> first_items;  // one each; prefixItems, or items as a list
  const Schema* other_items = nullptr;     // those behind
  bool items_are_additional = false;       // other_items is additionalItems
  const Schema* contains = nullptr;

  std::vector<const Schema*> all_of, any_of, one_of;
  const Schema* not_ = nullptr;
  const Schema* if_ = nullptr;
  const Schema* then = nullptr;
  const Schema* else_ = nullptr;
  const Schema* unevaluated_items = nullptr;
  const Schema* unevaluated_properties = nullptr;
};

}  // namespace ropewalk::json_schema
