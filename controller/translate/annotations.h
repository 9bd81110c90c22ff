// The annotation table: one row per `ropewalk.dev/` key of a Service. Parsing, did-you-mean and
// docs/annotations.md come from it. Immutable; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace ropewalk::controller {

inline constexpr std::string_view kAnnotationPrefix = "ropewalk.dev/";

enum class AnnotationLevel : std::uint8_t {
  service,   // the Service as a backend, for all its entries
  endpoint,  // a route; only its owner says these
  part,      // one backend call of a route
  entries,   // several routes and parts at once
};

struct AnnotationRow {
  std::string_view key;  // without the prefix
  AnnotationLevel level;
  std::string_view type;
  std::string_view fallback;  // what absence means
  std::string_view example;
  std::string_view help;
  // Decides which route is claimed: while such a key is unreadable the claim is unknown.
  bool claims = false;
};

std::span<const AnnotationRow> annotation_table();  // by level, then as the documentation shows it
const AnnotationRow* find_annotation(std::string_view key);
// The row nearest in spelling, null when none is near.
const AnnotationRow* nearest_annotation(std::string_view key);

// docs/annotations.md.
std::string annotations_markdown();

}  // namespace ropewalk::controller
