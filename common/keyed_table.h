// Hash tables by names that strangers choose: members of a body, values of headers, names in a
// backend's answer. std::hash has a known seed, so that keys which collide are easily made and each
// look-up walks through all of them; here a secret of the process stands in its place.
//
// A table is used as the one of the standard library is; find() takes a view.
#pragma once

#include "common/siphash.h"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace ropewalk {

// Not noexcept: tables then keep each key's hash and compute it once.
struct KeyedHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return siphash(process_sip_key(), text); }
};

// Key: std::string, or std::string_view where the text lives elsewhere.
template <class Value, class Key = std::string>
using KeyedMap = std::unordered_map<Key, Value, KeyedHash, std::equal_to<>>;
template <class Key = std::string>
using KeyedSet = std::unordered_set<Key, KeyedHash, std::equal_to<>>;

}  // namespace ropewalk
