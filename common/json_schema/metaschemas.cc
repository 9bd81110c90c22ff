#include "common/json_schema/metaschemas.h"

#include <algorithm>
#include <span>

namespace ropewalk::json_schema {

extern const Metaschema kMetaschemasOld[3];
extern const Metaschema kMetaschemas2019[7];
extern const Metaschema kMetaschemas2020[9];

const Metaschema* find_metaschema(std::string_view uri) {
  const std::span<const Metaschema> sets[] = {kMetaschemasOld, kMetaschemas2019, kMetaschemas2020};
  for (const auto& set : sets)
    if (const auto found = std::ranges::find(set, uri, &Metaschema::uri); found != set.end())
      return &*found;
  return nullptr;
}

}  // namespace ropewalk::json_schema
