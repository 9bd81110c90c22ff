// What an evaluation may cost, and that it cannot be talked out of it.
#include "common/cel/program.h"

#include <gtest/gtest.h>

namespace ropewalk::cel {
namespace {

Environment data_environment() {
  Environment out;
  out.variables = {{"data", dyn()}};
  return out;
}

Outcome evaluate(const std::string& text, const json::Value& data, const Limits& limits) {
  static std::vector<Program> kept;
  auto program = compile(data_environment(), text);
  EXPECT_TRUE(program) << program.error().message;
  kept.push_back(std::move(*program));
  return kept.back().evaluate({Value::json(data, JsonNumbers::number)}, limits);
}

json::Value numbers(std::size_t count) {
  json::Value::List list;
  for (std::size_t i = 0; i < count; ++i)
    list.push_back(json::Value::number(static_cast<std::int64_t>(i)));
  return json::Value(std::move(list));
}

TEST(CelLimits, StepsStopNestedMacros) {
  const json::Value data = numbers(1000);
  const auto result =
      evaluate("data.all(a, data.all(b, data.all(c, a + b + c >= 0.0)))", data, {.steps = 100'000});
  ASSERT_FALSE(result);
  EXPECT_STREQ(result.error().what, "the expression costs too much");
}

TEST(CelLimits, NoOperatorTakesTheErrorBack) {
  const json::Value data = numbers(1000);
  EXPECT_FALSE(evaluate("data.all(a, data.all(b, a == b || true)) || true", data, {.steps = 500}));
  EXPECT_FALSE(
      evaluate("false && data.all(a, true) || data.all(a, true) || true", data, {.steps = 500}));
}

TEST(CelLimits, MemoryStopsGrowingTexts) {
  std::string text = "data";
  for (int i = 0; i < 30; ++i) text = "[" + text + "].map(x, x + x)[0]";
  const json::Value data("0123456789");
  const auto result = evaluate("size(" + text + ") > 0", data, {.memory = 1 << 20});
  ASSERT_FALSE(result);
  EXPECT_STREQ(result.error().what, "the expression costs too much");
}

TEST(CelLimits, DeepValuesAreNotCompared) {
  json::Value deep = json::Value::list();
  for (int i = 0; i < 5000; ++i) deep = json::Value(json::Value::List{std::move(deep)});
  EXPECT_FALSE(evaluate("data == [data][0]", deep, {}));
}

TEST(CelLimits, OrdinaryWorkFits) {
  const json::Value data = numbers(10'000);
  const auto result = evaluate("data.all(a, a >= 0.0) && size(data) == 10000", data, {});
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_TRUE(result->as_boolean());
}

}  // namespace
}  // namespace ropewalk::cel
