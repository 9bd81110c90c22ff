// The request path allocates nothing once the working memory has seen answers of that size.
#include "tests/dataplane_json/run.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {
std::atomic<std::size_t> allocations = 0;
}

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }

namespace ropewalk::json {
namespace {

std::string members(char prefix, int count) {
  std::string text = "{";
  for (int i = 0; i < count; ++i) {
    if (i > 0) text += ',';
    text += "\"" + std::string(1, prefix) + std::to_string(i) + "\":{\"n\":" + std::to_string(i) +
            ",\"t\":\"\\u0041\"}";
  }
  return text + "}";
}

TEST(Allocation, NoneInSteadyState) {
  const Projection projections[] = {
      Projection(Rules{}),
      Projection(Rules{.group = "g"}),
      Projection(Rules{.allow = {"c1.n", "c2", "c3"}, .mapping = {{"c2", "x"}}, .group = "h"}),
      Projection(Rules{.deny = {"d1.n", "d2"}}),
      Projection(Rules{.target = "e1", .mapping = {{"n", "m"}}}),
  };
  std::vector<std::string> bodies;
  for (char prefix : {'a', 'b', 'c', 'd', 'e'}) bodies.push_back(padded(members(prefix, 300)));
  auto scratch = make_scratch();
  std::string out;
  auto round = [&] {
    clear(*scratch);
    out.clear();
    Partial parts[5];
    for (std::size_t i = 0; i < 5; ++i) {
      const auto body = std::string_view(bodies[i]).substr(0, bodies[i].size() - kPadding);
      parts[i] = *projections[i].run(body, *scratch);
    }
    append_merged(out, parts, *scratch);
  };
  for (int warm = 0; warm < 5; ++warm) round();
  const std::size_t before = allocations;
  round();
  EXPECT_EQ(allocations - before, 0U);
  EXPECT_GT(out.size(), 10000U);
  EXPECT_GT(before, 0U);
}

TEST(Allocation, HugeAnswersAreGivenBack) {
  auto scratch = make_scratch();
  const Projection projection(Rules{});
  auto run = [&](const std::string& text) {
    clear(*scratch);
    const auto body = std::string_view(text).substr(0, text.size() - kPadding);
    ASSERT_TRUE(projection.run(body, *scratch).has_value());
  };
  const std::string huge = padded(members('a', 100000));
  run(huge);
  run(huge);
  const std::size_t before = allocations;
  run(huge);
  EXPECT_GT(allocations - before, 0U);  // nothing of that size was kept
}

}  // namespace
}  // namespace ropewalk::json
