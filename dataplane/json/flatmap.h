// KrakenD's flatmap: operations that move, delete and append parts of an answer by dot paths
// (proxy.flatmap_filter).
//
// A path is a list of keys and element numbers; "*" stands for every key or element. Elements keep
// their numbers until the whole list of operations has run. What loses its last member or element
// becomes null. A key holds one value: what moves onto a taken key replaces it (KrakenD keeps both
// and shows either).
#pragma once

#include "common/json/value.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::json {

using Path = std::vector<std::string>;

// "a.b.0" -> a, b, 0; "" -> one empty key.
Path split_path(std::string_view text);

struct FlatmapOperation {
  enum class Type : std::uint8_t { move, del, append };
  Type type = Type::del;
  // move and append: source and target; del: any number.
  std::vector<Path> arguments;
};

// Runs the operations in turn. `data` is an object or null; null stays null, and an object that
// loses every member becomes null. Time grows with the length of the paths and the matches of
// their stars.
void run_flatmap(std::span<const FlatmapOperation> operations, Value& data);

}  // namespace ropewalk::json
