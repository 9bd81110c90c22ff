// Selects members of one JSON text by the rules of a plan, in one pass over its tokens.
#pragma once

#include "dataplane/json/filter.h"
#include "dataplane/json/projection.h"
#include "dataplane/json/walker.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace ropewalk::json {

// Empty where the text is not what simdjson and the walker accept, or of the wrong kind: the
// scanner then decides.
std::optional<Partial> select(const Plan& plan, std::string_view text, Scratch& scratch,
                              std::size_t max_depth);

class Selection {
 public:
  // `escapes`: the text holds backslashes, all of them valid.
  Selection(const Plan& plan, std::string_view text, std::span<const std::uint32_t> tokens,
            bool escapes, std::size_t max_depth, Scratch& scratch);

  std::optional<Partial> run();

 private:
  struct Key {
    std::string_view text;
    std::string_view quoted;
  };

  std::optional<Partial> from_null();
  std::optional<Partial> from_array();
  std::optional<Partial> from_object();
  Partial collection(std::string_view value);
  Partial finish(bool unique, std::string_view whole);
  Partial grouped(std::string_view value);

  bool seek();
  bool collect();
  bool collect_all();
  bool collect_filtered();
  bool one_member();
  bool keep(const Key& key);
  bool drop(const Key& key);
  void close_object();
  void rename();

  std::optional<Key> read_key();
  std::string_view decoded(std::string_view raw);

  const Plan& plan_;
  std::string_view text_;
  Scratch& scratch_;
  std::vector<Member>& members_;
  Walker walker_;
  bool escapes_;
  bool gaps_ = false;       // some of `members_` only take an earlier one out
  std::uint32_t node_ = 0;  // of the filter tree, for the object being read
  std::size_t first_ = 0;   // its members in `members_`
};

}  // namespace ropewalk::json
