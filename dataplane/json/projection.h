// Response manipulation of one backend, compiled once, run per answer: target, allow or deny,
// mapping, group (KrakenD's order) as byte ranges of the body. Values are never re-encoded, so
// numbers stay exact.
#pragma once

#include "common/error.h"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ropewalk::json {

struct Rules {
  std::string target;              // dot path, "" for none
  std::vector<std::string> allow;  // dot paths; not empty: deny is ignored
  std::vector<std::string> deny;
  std::vector<std::pair<std::string, std::string>>
      mapping;  // old top-level key -> new one, in declaration order
  std::string group;
  bool is_collection = false;
};

// One top-level member of a partial answer.
struct Member {
  std::string_view key;     // decoded text; equality of keys is equality of this
  std::string_view value;   // JSON text
  std::string_view quoted;  // the key as JSON text; empty: not known, `append_merged` escapes `key`
};

// What one backend contributes. Views point into the body, into the Scratch given to
// `Projection::run` and into the Projection.
struct Partial {
  bool has_data =
      false;  // false: the body was `null` and no rule made an object of it (KrakenD's nil data)
  std::span<const Member> members;  // no two with the same key
  std::string_view object;  // exactly these members as JSON text, where the body holds them so;
                            // empty: only `members` counts
};

// Memory of one or more runs: decoded keys, built objects, member lists. Reused by `clear`, never
// shared by threads. Nothing is allocated once it has seen answers of the usual size; what a huge
// answer took is given back.
class Scratch;
std::unique_ptr<Scratch, void (*)(Scratch*)> make_scratch();
void clear(Scratch& scratch);

// Readable bytes that must follow a body given to `run`; their contents do not matter.
inline constexpr std::size_t kPadding = 64;

struct Plan;

class Projection {
 public:
  // Every rule set is acceptable; what KrakenD ignores is ignored.
  explicit Projection(const Rules& rules);
  Projection(Projection&&) noexcept;
  Projection& operator=(Projection&&) noexcept;
  ~Projection();

  // Validates the first JSON value of `body` as Go's decoder does (trailing data ignored, duplicate
  // keys: last wins, at most `max_depth` levels) and selects its members. Duplicates are resolved
  // in every object that a rule enters; others are copied as they stand. Invalid UTF-8 and lone
  // surrogates come out as U+FFFD. Error: Kind::decode, Origin::backend.
  Result<Partial> run(std::string_view body, Scratch& scratch, std::size_t max_depth = 10000) const;

 private:
  std::unique_ptr<const Plan> plan_;
};

// Appends the merged object: for every key the value of the last part that has it, in order of
// first appearance.
void append_merged(std::string& out, std::span<const Partial> parts, Scratch& scratch);

// Appends `text` as a JSON string, escaped as Go's encoder does (\u003c \u003e \u0026 \u2028
// \u2029, invalid UTF-8 -> U+FFFD).
void append_string(std::string& out, std::string_view text);

}  // namespace ropewalk::json
