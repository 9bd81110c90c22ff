// Runs projections over bodies whose padding is hostile: what follows a body must not matter.
#pragma once

#include "dataplane/json/projection.h"

#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::json {

inline std::string padded(std::string_view body, std::string_view filler = "}]}\"0,1e\\u") {
  std::string text(body);
  for (std::size_t i = 0; i < kPadding; ++i) text += filler[i % filler.size()];
  text.shrink_to_fit();
  return text;
}

// What one backend with these rules gives a client: the merged object, "null" without data, or
// "error: ...".
inline std::string answer(const Rules& rules, std::string_view body,
                          std::size_t max_depth = 10000) {
  const Projection projection(rules);
  auto scratch = make_scratch();
  const std::string text = padded(body);
  const auto partial =
      projection.run(std::string_view(text).substr(0, body.size()), *scratch, max_depth);
  if (!partial) return "error: " + partial.error().message;
  if (!partial->has_data) return "null";
  std::string out;
  append_merged(out, std::span(&*partial, 1), *scratch);
  return out;
}

}  // namespace ropewalk::json
