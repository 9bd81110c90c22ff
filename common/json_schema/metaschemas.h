// The schemas of schemas, built in: nothing is ever fetched. Constant; any thread may call.
#pragma once

#include <string_view>

namespace ropewalk::json_schema {

struct Metaschema {
  std::string_view uri;  // without fragment
  std::string_view text;
};

// Null for unknown ones.
const Metaschema* find_metaschema(std::string_view uri);

}  // namespace ropewalk::json_schema
