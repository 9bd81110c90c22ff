#include "dataplane/filters/lua/data.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace ropewalk::lua {
namespace {

constexpr std::size_t kDeepestItem = 1000;
constexpr std::size_t kNodeBytes = 64;

// Digits and exponent of the shortest text that reads back.
std::string shortest(double value, std::chars_format format) {
  char buffer[400];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, format);
  return std::string(buffer, end.ptr);
}

bool whole(double value) {
  return value >= -9223372036854775808.0 && value < 9223372036854775808.0 &&
         value == std::trunc(value);
}

std::string not_finite(double value) {
  return std::isnan(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
}

}  // namespace

std::size_t Map::position(std::string_view key) {
  if (entries_.size() < kIndexed) {
    const auto found =
        std::ranges::find_if(entries_, [&](const auto& entry) { return entry.first == key; });
    return static_cast<std::size_t>(found - entries_.begin());
  }
  if (index_.empty())
    for (std::size_t i = 0; i < entries_.size(); ++i) index_[entries_[i].first] = i;
  const auto found = index_.find(key);
  return found == index_.end() ? entries_.size() : found->second;
}

Item* Map::find(std::string_view key) {
  const std::size_t at = position(key);
  return at < entries_.size() ? &entries_[at].second : nullptr;
}

Item& Map::at(std::string_view key) {
  if (Item* known = find(key)) return *known;
  if (!index_.empty()) index_[std::string(key)] = entries_.size();
  return entries_.emplace_back(std::string(key), Item()).second;
}

void Map::erase(std::string_view key) {
  const std::size_t at = position(key);
  if (at == entries_.size()) return;
  // The order of JSON members means nothing; the last one takes the place.
  if (!index_.empty()) {
    index_.erase(entries_[at].first);
    if (at + 1 < entries_.size()) index_[entries_.back().first] = at;
  }
  if (at + 1 < entries_.size()) entries_[at] = std::move(entries_.back());
  entries_.pop_back();
  if (entries_.size() < kIndexed) index_.clear();
}

std::vector<std::string> Map::sorted_keys() const {
  std::vector<std::string> out;
  out.reserve(entries_.size());
  for (const auto& [key, value] : entries_) out.push_back(key);
  std::ranges::sort(out);
  return out;
}

Map* Heap::new_map() {
  charge(kNodeBytes);
  return &maps_.emplace_back();
}

Slice Heap::new_list(std::vector<Item> elements) {
  charge(kNodeBytes * (1 + elements.size()));
  auto& list = lists_.emplace_back(std::move(elements));
  return {&list, list.size()};
}

void Heap::open(Item& item) {
  json::Value* value = item.scalar();
  if (!value) return;
  if (value->is_object()) {
    Map* map = new_map();
    charge(kNodeBytes * value->members().size());
    // The last of equal keys counts.
    for (json::Value::Member& member : value->members())
      map->at(member.key) = Item(std::move(member.value));
    item = Item(map);
  } else if (value->is_list()) {
    std::vector<Item> elements;
    elements.reserve(value->elements().size());
    for (json::Value& element : value->elements()) elements.emplace_back(std::move(element));
    item = Item(new_list(std::move(elements)));
  }
}

void Heap::share(Item& place, const Item& value) {
  if (!value.scalar()) shared_ = true;
  place = value;
}

Result<json::Value> Heap::close(Item& item) {
  auto out = close(item, 0);
  item = Item();
  return out;
}

Result<json::Value> Heap::close(Item& item, std::size_t depth) {
  if (depth > kDeepestItem) return fail(Kind::too_large, "a table is nested too deep");
  if (json::Value* value = item.scalar()) {
    if (!shared_) return std::move(*value);
    return *value;
  }
  if (Map* map = item.map()) {
    json::Value::Object members;
    members.reserve(map->size());
    for (auto& [key, value] : map->entries()) {
      if (!charge(kNodeBytes + key.size())) return fail(Kind::too_large, "not enough memory");
      auto closed = close(value, depth + 1);
      if (!closed) return closed;
      members.push_back({key, std::move(*closed)});
    }
    return json::Value(std::move(members));
  }
  const Slice slice = *item.slice();
  json::Value::List elements;
  elements.reserve(slice.size);
  for (std::size_t i = 0; i < slice.size; ++i) {
    if (!charge(kNodeBytes)) return fail(Kind::too_large, "not enough memory");
    auto closed = close((*slice.elements)[i], depth + 1);
    if (!closed) return closed;
    elements.push_back(std::move(*closed));
  }
  return json::Value(std::move(elements));
}

std::string go_json_number(double value) {
  if (!std::isfinite(value)) return not_finite(value);
  const double size = std::fabs(value);
  if (size == 0 || (size >= 1e-6 && size < 1e21)) return shortest(value, std::chars_format::fixed);
  std::string text = shortest(value, std::chars_format::scientific);
  // 1e-07 -> 1e-7
  if (const auto at = text.find("e-0"); at != text.npos) text.erase(at + 2, 1);
  return text;
}

std::string lua_number_text(double value) {
  if (!std::isfinite(value)) return not_finite(value);
  if (whole(value)) return std::to_string(static_cast<std::int64_t>(value));
  const double size = std::fabs(value);
  // Go's %v for the others: an exponent from seven digits before the point on.
  if (size >= 1e-4 && size < 1e6) return shortest(value, std::chars_format::fixed);
  return shortest(value, std::chars_format::scientific);
}

}  // namespace ropewalk::lua
