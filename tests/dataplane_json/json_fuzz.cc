// The first byte picks the rules, the rest is a body. The projection must accept exactly what the
// scanner accepts, and what it makes must be JSON again and, without rules, stay as it is.
#include "dataplane/json/projection.h"
#include "dataplane/json/scanner.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace ropewalk::json;

const std::vector<Rules> kRules = {
    {},
    {.group = "g"},
    {.target = "a.b"},
    {.allow = {"a.b", "b", "a.c.d", ""}},
    {.deny = {"a.b", "b", "a.c.d", ""}},
    {.mapping = {{"a", "b"}, {"b", "c.x"}, {"c", "c"}, {"", "a"}}},
    {.target = "a", .allow = {"b.c", "c"}, .mapping = {{"b", "c"}}, .group = "g"},
    {.is_collection = true},
};

void require(bool holds) {
  if (!holds) std::abort();
}

std::string padded(std::string_view text) {
  std::string copy(text);
  for (std::size_t i = 0; i < kPadding; ++i) copy += "}]\",:1"[i % 6];
  return copy;
}

// The merged answer, or nothing where the body is refused or `null`.
std::string project(const Rules& rules, std::string_view text, Scratch& scratch, bool& accepted) {
  const std::string body = padded(text);
  const Projection projection(rules);
  const auto part = projection.run(std::string_view(body).substr(0, text.size()), scratch, 1000);
  accepted = part.has_value();
  if (!part || !part->has_data) return {};
  std::string out;
  const Partial parts[] = {*part, *part};
  append_merged(out, std::span(parts).first(1), scratch);
  std::string twice;
  append_merged(twice, parts, scratch);
  require(twice.size() <= out.size());  // the same keys once more
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Rules& rules = kRules[data[0] % kRules.size()];
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  static const auto scratch = make_scratch();
  clear(*scratch);
  std::vector<char> levels;
  const auto scanned = scan(text, 1000, levels);
  const char first = scanned ? scanned->value.front() : '\0';
  bool accepted = false;
  const std::string out = project(rules, text, *scratch, accepted);
  require(accepted == (first == 'n' || first == (rules.is_collection ? '[' : '{')));
  if (out.empty()) return 0;
  const auto again = scan(out, 1002, levels);
  require(again && again->value.size() == out.size());
  require(again->invalid_bytes == 0 && !again->lone_surrogates);
  clear(*scratch);
  bool stays = false;
  require(project({}, out, *scratch, stays) == out || !stays);
  return 0;
}
