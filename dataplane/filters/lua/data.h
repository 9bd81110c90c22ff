// The values behind luaTable and luaList. KrakenD's scripts work on Go's maps and slices, and its
// users rely on how those share memory: a table got from a table is the same table; a list got
// from a table shares its elements, but growing or shrinking it stays private until it is set
// again.
//
// Untouched parts of an answer stay json::Value and keep the text of their numbers. Everything
// belongs to a Heap and ends with it; one script run, one worker.
#pragma once

#include "common/error.h"
#include "common/json/value.h"
#include "common/keyed_table.h"

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace ropewalk::lua {

class Map;
class Item;

// A list as one holder sees it: the first `size` elements of a shared array.
struct Slice {
  std::vector<Item>* elements = nullptr;
  std::size_t size = 0;
  bool owned = false;  // nobody else holds the array
};

// A value: scalars and whole untouched subtrees are json::Value.
class Item {
 public:
  Item() = default;
  Item(json::Value value) : data_(std::move(value)) {}
  Item(Map* map) : data_(map) {}
  Item(Slice slice) : data_(slice) {}

  // Null for the others, after Heap::open.
  const json::Value* scalar() const { return std::get_if<json::Value>(&data_); }
  json::Value* scalar() { return std::get_if<json::Value>(&data_); }
  Map* map() const {
    auto* const* map = std::get_if<Map*>(&data_);
    return map ? *map : nullptr;
  }
  const Slice* slice() const { return std::get_if<Slice>(&data_); }

 private:
  std::variant<json::Value, Map*, Slice> data_;
};

// In the order of insertion.
class Map {
 public:
  Item* find(std::string_view key);
  Item& at(std::string_view key);  // made when it is missing
  void erase(std::string_view key);
  std::size_t size() const { return entries_.size(); }
  std::vector<std::string> sorted_keys() const;
  const std::vector<std::pair<std::string, Item>>& entries() const { return entries_; }
  std::vector<std::pair<std::string, Item>>& entries() { return entries_; }

 private:
  static constexpr std::size_t kIndexed = 16;  // from here on keys are looked up by hash
  std::size_t position(std::string_view key);

  std::vector<std::pair<std::string, Item>> entries_;
  KeyedMap<std::size_t> index_;
};

class Heap {
 public:
  explicit Heap(std::size_t most_bytes) : most_(most_bytes) {}

  Map* new_map();
  Slice new_list(std::vector<Item> elements);
  // Objects and lists become maps and slices, one level deep.
  void open(Item& item);
  // Holds `value` under the key or at the place: it may now be reached in two ways.
  void share(Item& place, const Item& value);

  // False when the scripts of this run hold more than they may.
  bool charge(std::size_t bytes) { return (used_ += bytes) <= most_; }
  bool exceeded() const { return used_ > most_; }

  // The tree as JSON. Errors (too_large): deeper than 1,000 (a table inside itself), more than the
  // memory of a run. `item` is left empty.
  Result<json::Value> close(Item& item);

 private:
  Result<json::Value> close(Item& item, std::size_t depth);

  std::deque<Map> maps_;
  std::deque<std::vector<Item>> lists_;
  std::size_t used_ = 0;
  std::size_t most_;
  bool shared_ = false;
};

// As Go's encoding/json writes a number: 1e+21, 1e-7, 100000000000000000000. Not finite: "NaN",
// "+Inf", "-Inf", which is no JSON.
std::string go_json_number(double value);
// As KrakenD's Lua writes a number: whole ones without exponent while they fit 64 bits.
std::string lua_number_text(double value);

}  // namespace ropewalk::lua
