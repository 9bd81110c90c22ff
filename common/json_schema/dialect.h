// What a `$schema` means: a draft, and which of its vocabularies count. Values.
#pragma once

#include "common/json_schema/schema.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace ropewalk::json_schema {

struct Dialect {
  Draft draft = Draft::y2020;
  // Vocabularies of a metaschema that names them; drafts before 2019-09 have them all.
  bool applicator = true;
  bool validation = true;
  bool unevaluated = true;
  bool assert_format = false;
};

// How a keyword holds schemas.
enum class Holds : std::uint8_t { one, list, one_or_list, map };

struct Applicator {
  std::string_view keyword;
  Holds holds;
  Draft since = Draft::four;
  Draft until = Draft::y2020;
};

// Where identifiers are looked for.
std::span<const Applicator> applicators();

}  // namespace ropewalk::json_schema
