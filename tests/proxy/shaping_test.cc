// What extra_config.proxy makes of merged answers.
#include "dataplane/compile/shaping.h"
#include "dataplane/proxy/static_answer.h"

#include <gtest/gtest.h>

namespace ropewalk::proxy {
namespace {

using When = compile::FixedAnswer::When;

TEST(StaticAnswer, StrategiesByWhatCameOfTheBackends) {
  struct Row {
    AnswerState state;
    bool success, errored, complete, incomplete;
  };
  const Row rows[] = {
      {{.has_answer = true, .complete = true}, true, false, true, false},
      {{.has_answer = true, .complete = false}, true, false, false, true},  // error details, a null
      {{.has_answer = true, .complete = false, .errored = true}, false, true, false, true},
      {{.errored = true}, false, true, false, true},  // nothing came
  };
  for (const Row& row : rows) {
    EXPECT_TRUE(applies(When::always, row.state));
    EXPECT_EQ(applies(When::success, row.state), row.success);
    EXPECT_EQ(applies(When::errored, row.state), row.errored);
    EXPECT_EQ(applies(When::complete, row.state), row.complete);
    EXPECT_EQ(applies(When::incomplete, row.state), row.incomplete);
  }
}

TEST(StaticAnswer, ReplacesWholeValuesAtTheTop) {
  const compile::FixedAnswer fixed{When::always, *json::parse(R"({"a":{"c":3},"b":[]})")};
  json::Value data = *json::parse(R"({"id":7,"a":{"x":1}})");
  add_fixed(data, fixed);
  EXPECT_EQ(data, *json::parse(R"({"id":7,"a":{"c":3},"b":[]})"));
  json::Value null;
  add_fixed(null, fixed);
  EXPECT_EQ(null, fixed.data);
}

google::protobuf::Map<std::string, std::string> extra(std::string text) {
  google::protobuf::Map<std::string, std::string> out;
  out["proxy"] = std::move(text);
  return out;
}

TEST(CompileShaping, ReadsWhatConfigWrites) {
  const auto shaping = compile::compile_shaping(extra(
      R"({"flatmap_filter":[{"type":"move","args":["a.b","c"]},{"type":"none","args":[]}],
          "static":{"strategy":"incomplete","data":"{\"n\":1.5}"}})"));
  ASSERT_TRUE(shaping);
  ASSERT_EQ(shaping->flatmap.size(), 2U);
  EXPECT_EQ(shaping->flatmap[0].arguments[0], (json::Path{"a", "b"}));
  json::Value data = *json::parse(R"({"a":{"b":1},"d":2})");
  json::run_flatmap(shaping->flatmap, data);
  EXPECT_EQ(data, *json::parse(R"({"a":null,"c":1,"d":2})"));
  EXPECT_EQ(shaping->fixed->when, When::incomplete);
  EXPECT_EQ(json::to_string(shaping->fixed->data), R"({"n":1.5})");
  EXPECT_TRUE(compile::compile_shaping({})->flatmap.empty());
}

TEST(CompileShaping, RefusesAnythingElse) {
  for (const char* text : {"", "{", R"({"static":{"strategy":"always","data":"[]"}})", R"({"x":1})",
                           R"({"flatmap_filter":[{"type":"move","args":["a"]}]})"})
    EXPECT_FALSE(compile::compile_shaping(extra(text))) << text;
}

}  // namespace
}  // namespace ropewalk::proxy
