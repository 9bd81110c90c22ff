#include "dataplane/filters/response_headers/field_lines.h"

#include "dataplane/filters/response_headers/response_headers.h"
#include "fake_passage.h"

namespace ropewalk::filters {
namespace {

struct Case {
  std::string_view settings;
  std::string_view before;
  std::string_view after;
};

TEST(ResponseHeaders, ErasesRenamesReplacesAndAddsInThisOrder) {
  const Case cases[] = {
      {R"({"add":{"x-hello":["a","b"]}})", "X-Hello: z\r\n",
       "X-Hello: z\r\nX-Hello: a\r\nX-Hello: b\r\n"},
      {R"({"delete":["x-krakend"]})", "A: 1\r\nX-Krakend: v\r\nx-KRAKEND: w\r\n", "A: 1\r\n"},
      {R"({"rename":{"x-old":"x-new"}})", "X-Old: 1\r\nB: 2\r\n", "X-New: 1\r\nB: 2\r\n"},
      {R"({"replace":{"server":["x","y"]}})", "A: 1\r\nServer: 1\r\nB: 2\r\nserver: 3\r\n",
       "A: 1\r\nServer: x\r\nServer: y\r\nB: 2\r\n"},
      {R"({"replace":{"absent":["x"]}})", "A: 1\r\n", "A: 1\r\n"},
      {R"({"delete":["A"],"rename":{"B":"A"},"replace":{"A":["9"]},"add":{"C":["3"]}})",
       "A: 1\r\nB: 2\r\n", "A: 9\r\nC: 3\r\n"},
      {R"({"add":{"A":["1"]}})", "", "A: 1\r\n"},
  };
  for (const Case& one : cases) {
    const auto gate = testing::make(make_response_headers, one.settings);
    testing::FakePassage passage("GET", "/");
    std::string fields(one.before);
    gate->on_answer(passage, fields);
    EXPECT_EQ(fields, one.after) << one.settings;
  }
}

}  // namespace
}  // namespace ropewalk::filters
