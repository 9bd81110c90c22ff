#include "dataplane/json/projection.h"

#include "dataplane/json/filter.h"
#include "dataplane/json/scanner.h"
#include "dataplane/json/scratch.h"
#include "dataplane/json/selection.h"

#include <cassert>
#include <cstring>

namespace ropewalk::json {
namespace {

const char* kind_of(std::string_view value) {
  switch (value.front()) {
    case '{':
      return "object";
    case '[':
      return "array";
    case '"':
      return "string";
    case 't':
    case 'f':
      return "boolean";
    case 'n':
      return "null";
    default:
      return "number";
  }
}

// A copy that simdjson accepts: without what follows the value, and repaired.
std::string_view clean_copy(const Scanned& scanned, Arena& arena) {
  const std::size_t size = repaired_size(scanned);
  char* const copy = arena.allocate(size + kPadding);
  repair(scanned, copy);
  std::memset(copy + size, 0, kPadding);
  return {copy, size};
}

}  // namespace

Projection::Projection(const Rules& rules) : plan_(std::make_unique<const Plan>(rules)) {}
Projection::Projection(Projection&&) noexcept = default;
Projection& Projection::operator=(Projection&&) noexcept = default;
Projection::~Projection() = default;

Result<Partial> Projection::run(std::string_view body, Scratch& scratch,
                                std::size_t max_depth) const {
  if (auto partial = select(*plan_, body, scratch, max_depth)) return *partial;
  const Result<Scanned> scanned = scan(body, max_depth, scratch.levels);
  if (!scanned) return std::unexpected(scanned.error());
  const std::string_view kind = kind_of(scanned->value);
  const std::string_view wanted = plan_->is_collection ? "array" : "object";
  if (kind != wanted && kind != "null") {
    return fail(Kind::decode,
                "the body is a JSON " + std::string(kind) + ", expected an " + std::string(wanted),
                Origin::backend);
  }
  auto partial = select(*plan_, clean_copy(*scanned, scratch.arena), scratch, max_depth);
  assert(partial && "the scanner accepts what the walker refuses");
  if (!partial) return fail(Kind::decode, "the body is not JSON", Origin::backend);
  return *partial;
}

}  // namespace ropewalk::json
