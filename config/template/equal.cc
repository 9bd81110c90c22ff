#include "config/template/equal.h"

#include "config/template/print.h"

#include <algorithm>

namespace ropewalk::config::templates {
namespace {

bool equal(const Value& one, const Value& other, int depth, Budget& budget) {
  if (depth > kMaxPrintDepth || !budget.spend(Budget::kCompared)) return false;
  if (one.is_nil() || other.is_nil()) return one.is_nil() && other.is_nil();
  if (one.type() != other.type()) return false;
  switch (one.type()) {
    case Type::boolean:
      return one.boolean() == other.boolean();
    case Type::integer:
    case Type::integer64:
      return one.integer() == other.integer();
    case Type::floating:
      return one.floating() == other.floating();
    case Type::text:
      return one.text() == other.text();
    case Type::time:
      return one.time().seconds == other.time().seconds;
    case Type::list:
      return one.list().element == other.list().element &&
             std::ranges::equal(
                 one.list().items, other.list().items,
                 [&](const Value& a, const Value& b) { return equal(a, b, depth + 1, budget); });
    case Type::map:
      return std::ranges::equal(
          one.map().items, other.map().items, [&](const auto& a, const auto& b) {
            return a.first == b.first && equal(a.second, b.second, depth + 1, budget);
          });
    default:
      return false;
  }
}

}  // namespace

bool equal_deeply(const Value& one, const Value& other, Budget& budget) {
  return equal(one, other, 0, budget);
}

}  // namespace ropewalk::config::templates
