// What modifiers make of a call and its answer. The trees are as config/extra/martian writes them.
#include "dataplane/filters/martian/martian.h"
#include "dataplane/pipeline/gate.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace ropewalk::martian {
namespace {

using pipeline::Step;

class FakeFlow final : public pipeline::Flow {
 public:
  pipeline::Services& services() override { std::abort(); }
  const pipeline::Passage& passage() const override { std::abort(); }
  std::shared_ptr<void>& note() override { return note_; }
  void resumed(Step) override {}

 private:
  std::shared_ptr<void> note_;
};

std::shared_ptr<const pipeline::Filter> make(const std::string& tree) {
  const std::string text = R"({"host":"http://h:8081","tree":)" + tree + "}";
  auto made = make_filter({.level = config::Level::backend, .text = text});
  EXPECT_TRUE(made) << tree;
  return made ? *made : nullptr;
}

std::string shown(const http::Fields& fields) {
  std::string out;
  for (const http::Field& field : fields)
    out += std::string(field.name) + ":" + std::string(field.value) + ";";
  return out;
}

// The call after the modifiers: destination, path, fields, body.
std::string requested(const std::string& tree) {
  FakeFlow flow;
  pipeline::Request& request = flow.request;
  request.method = "GET";
  request.path = "/a%20b?fixed=1";
  request.query = {{"page", "1"}, {"q", "z"}};
  pipeline::add_field(request.headers, request.arena, "X-Tenant", "acme");
  pipeline::add_field(request.headers, request.arena, "Cookie", "role=admin; theme=x");
  if (make(tree)->on_request(flow) != Step::next) return "failed";
  std::string out(request.destination);
  out += request.path;
  for (const auto& [name, value] : request.query) out += "&" + name + "=" + value;
  out += " " + shown(request.headers);
  if (request.has_body) out += " [" + std::string(request.body) + "]";
  return out;
}

std::string answered(const std::string& tree, std::string_view range = "") {
  FakeFlow flow;
  pipeline::Request& request = flow.request;
  request.path = "/user?page=1";
  pipeline::add_field(request.headers, request.arena, "X-Tenant", "acme");
  if (!range.empty()) pipeline::add_field(request.headers, request.arena, "Range", range);
  pipeline::Response& response = flow.response;
  response.status = 200;
  response.body = "old";
  pipeline::add_field(response.headers, response.arena, "X-Tag", "t0");
  pipeline::add_field(response.headers, response.arena, "X-Tag", "t1");
  if (make(tree)->on_response(flow) != Step::next) return "failed";
  return std::to_string(response.status) + " " + shown(response.headers) + " [" + response.body +
         "]";
}

constexpr const char* kYes = R"("modifier":{"header.Modifier":{"name":"X-M","value":"yes"}},)"
                             R"("else":{"header.Modifier":{"name":"X-M","value":"no"}})";

std::string filter(const std::string& name, const std::string& fields) {
  return "{\"" + name + "\":{" + fields + "," + kYes + "}}";
}

constexpr const char* kFields = " X-Tenant:acme;Cookie:role=admin; theme=x;";
const std::string kTarget = "/a%20b?fixed=1&page=1&q=z";

struct Case {
  std::string tree;
  std::string outcome;
};

class Requests : public ::testing::TestWithParam<Case> {};
TEST_P(Requests, Become) { EXPECT_EQ(requested(GetParam().tree), GetParam().outcome); }

INSTANTIATE_TEST_SUITE_P(
    Headers, Requests,
    ::testing::Values(
        Case{R"({"header.Modifier":{"name":"x-tenant","value":"beta"}})",
             kTarget + " Cookie:role=admin; theme=x;X-Tenant:beta;"},
        Case{R"({"header.Append":{"name":"X-Tenant","value":"beta"}})",
             kTarget + kFields + "X-Tenant:beta;"},
        Case{R"({"header.Copy":{"from":"X-Tenant","to":"X-C"}})", kTarget + kFields + "X-C:acme;"},
        Case{R"({"header.Copy":{"from":"X-None","to":"X-C"}})", kTarget + kFields + "X-C:;"},
        Case{R"({"header.Blacklist":{"names":["x-tenant","cookie"]}})", kTarget + " "},
        Case{R"({"header.Modifier":{"name":"Content-Length","value":"5"}})", kTarget + kFields},
        Case{R"({"header.Modifier":{"name":"Host","value":"shop"}})",
             kTarget + kFields + "Host:shop;"},
        Case{R"({"header.Modifier":{"name":"X","value":"1","scope":["response"]}})",
             kTarget + kFields},
        Case{R"({"header.Modifier":{"name":"X","value":"1","scope":[]}})", kTarget + kFields},
        Case{R"({"cookie.Modifier":{"name":"s","value":"a b"}})",
             kTarget + " X-Tenant:acme;Cookie:role=admin; theme=x; s=\"a b\";"},
        Case{R"({"stash.Modifier":{"headerName":"X-U"}})",
             kTarget + kFields + "X-U:http://h:8081/a%20b?fixed=1&page=1&q=z;"},
        Case{R"({"body.Modifier":{"contentType":"text/plain","body":"aGVsbG8="}})",
             kTarget + kFields + "Content-Type:text/plain; [hello]"}));

INSTANTIATE_TEST_SUITE_P(
    Urls, Requests,
    ::testing::Values(
        Case{R"({"querystring.Modifier":{"name":"page","value":"a b&c"}})",
             std::string("/a%20b?fixed=1&page=a+b%26c&q=z") + kFields},
        Case{R"({"url.Modifier":{"path":"/x%20/ü"}})",
             std::string("/x%2520/%C3%BC?fixed=1&page=1&q=z") + kFields},
        Case{R"({"url.Modifier":{"query":"x&y=1"}})", std::string("/a%20b?x&y=1") + kFields},
        Case{R"({"url.Modifier":{"scheme":"https","host":"other"}})",
             "https://other" + kTarget + kFields + "Host:h:8081;"},
        Case{R"({"port.Modifier":{"port":9}})", "http://h:9" + kTarget + kFields + "Host:h:8081;"},
        Case{R"({"port.Modifier":{"remove":true}})",
             "http://h" + kTarget + kFields + "Host:h:8081;"},
        Case{R"({"port.Modifier":{"defaultForScheme":true}})",
             "http://h:80" + kTarget + kFields + "Host:h:8081;"}));

INSTANTIATE_TEST_SUITE_P(
    Filters, Requests,
    ::testing::Values(
        Case{filter("header.Filter", R"("name":"x-tenant","value":"acme")"),
             kTarget + kFields + "X-M:yes;"},
        Case{filter("header.Filter", R"("name":"X-Tenant","value":"ac")"),
             kTarget + kFields + "X-M:no;"},
        Case{filter("header.RegexFilter", R"("header":"X-Tenant","regex":"^ac")"),
             kTarget + kFields + "X-M:yes;"},
        Case{filter("cookie.Filter", R"("name":"role","value":"admin")"),
             kTarget + kFields + "X-M:yes;"},
        Case{filter("cookie.Filter", R"("name":"rol")"), kTarget + kFields + "X-M:no;"},
        Case{filter("querystring.Filter", R"("name":"page","value":"1")"),
             kTarget + kFields + "X-M:yes;"},
        Case{filter("querystring.Filter", R"("name":"pag")"), kTarget + kFields + "X-M:no;"},
        Case{filter("url.Filter", R"("path":"/a b","host":"h:8081","scheme":"http")"),
             kTarget + kFields + "X-M:yes;"},
        Case{filter("url.Filter", R"("host":"*.h")"), kTarget + kFields + "X-M:no;"},
        Case{filter("url.Filter", R"("host":"*:8081")"), kTarget + kFields + "X-M:yes;"},
        Case{filter("url.Filter", R"("host":"*:8082")"), kTarget + kFields + "X-M:no;"},
        Case{filter("url.Filter", R"("host":"h*")"), kTarget + kFields + "X-M:no;"},
        Case{filter("url.RegexFilter", R"("regex":"^http://h:8081/a%20b[?]")"),
             kTarget + kFields + "X-M:yes;"},
        Case{filter("port.Filter", R"("port":8081)"), kTarget + kFields + "X-M:yes;"}));

INSTANTIATE_TEST_SUITE_P(
    Groups, Requests,
    ::testing::Values(
        Case{R"({"fifo.Group":{"modifiers":[{"header.Modifier":{"name":"A","value":"1"}},
              {"header.Copy":{"from":"A","to":"B"}}]}})",
             kTarget + kFields + "A:1;B:1;"},
        Case{R"({"fifo.Group":{"scope":["response"],"modifiers":[
              {"header.Modifier":{"name":"A","value":"1"}}]}})",
             kTarget + kFields},
        // Highest first, of equal ones the later listed first; the last one to set a field wins.
        Case{R"({"priority.Group":{"modifiers":[
              {"priority":1,"modifier":{"header.Modifier":{"name":"A","value":"low"}}},
              {"priority":9,"modifier":{"header.Modifier":{"name":"A","value":"high"}}}]}})",
             kTarget + kFields + "A:low;"},
        Case{R"({"priority.Group":{"modifiers":[
              {"priority":1,"modifier":{"header.Modifier":{"name":"A","value":"first"}}},
              {"priority":1,"modifier":{"header.Modifier":{"name":"A","value":"second"}}}]}})",
             kTarget + kFields + "A:first;"}));

class Answers : public ::testing::TestWithParam<Case> {};
TEST_P(Answers, Become) { EXPECT_EQ(answered(GetParam().tree), GetParam().outcome); }

INSTANTIATE_TEST_SUITE_P(
    Cases, Answers,
    ::testing::Values(
        Case{R"({"header.Modifier":{"name":"x-tag","value":"new"}})", "200 X-Tag:new; [old]"},
        Case{R"({"header.Copy":{"from":"X-Tag","to":"X-C"}})",
             "200 X-Tag:t0;X-Tag:t1;X-C:t0; [old]"},
        Case{R"({"status.Modifier":{"statusCode":404}})", "404 X-Tag:t0;X-Tag:t1; [old]"},
        Case{R"({"url.Modifier":{"path":"/x"}})", "200 X-Tag:t0;X-Tag:t1; [old]"},
        Case{R"({"body.Modifier":{"contentType":"text/plain","body":"aGVsbG8="}})",
             "200 X-Tag:t0;X-Tag:t1;Content-Type:text/plain; [hello]"},
        Case{R"({"cookie.Modifier":{"name":"session","value":"abc","path":"/shop",
              "domain":"example.com","expires":"2030-01-02T04:04:05+01:00","secure":true,
              "httpOnly":true,"maxAge":3600}})",
             "200 X-Tag:t0;X-Tag:t1;Set-Cookie:session=abc; Path=/shop; Domain=example.com; "
             "Expires=Wed, 02 Jan 2030 03:04:05 GMT; Max-Age=3600; HttpOnly; Secure; [old]"},
        Case{filter("header.Filter", R"("name":"X-Tag","value":"t1")"),
             "200 X-Tag:t0;X-Tag:t1;X-M:yes; [old]"},
        Case{filter("header.Filter", R"("name":"X-Tenant","value":"acme")"),
             "200 X-Tag:t0;X-Tag:t1;X-M:no; [old]"},
        Case{filter("header.RegexFilter", R"("header":"X-Tenant","regex":"acme")"),
             "200 X-Tag:t0;X-Tag:t1;X-M:yes; [old]"},
        Case{filter("querystring.Filter", R"("name":"page")"),
             "200 X-Tag:t0;X-Tag:t1;X-M:yes; [old]"}));

TEST(Body, ServesTheRangeOfTheClient) {
  const std::string tree = R"({"body.Modifier":{"contentType":"t/p","body":"aGVsbG8="}})";
  EXPECT_EQ(answered(tree, "bytes=1-3"),
            "206 X-Tag:t0;X-Tag:t1;Content-Type:t/p;Content-Range:bytes 1-3/5; [ell]");
  EXPECT_EQ(answered(tree, "bytes=3-").substr(0, 3), "206");
  for (const char* range :
       {"bytes=9-10", "bytes=3-1", "bytes=a-b", "bytes=-2", "x", "bytes=0-99999999999999999999"})
    EXPECT_EQ(answered(tree, range).substr(0, 3), "416") << range;
  EXPECT_NE(answered(tree, "bytes=0-0,2-3").find("multipart/byteranges"), std::string::npos);
}

TEST(Body, IsHeldOnlyWhereItIsReplaced) {
  EXPECT_TRUE(
      make(R"({"fifo.Group":{"modifiers":[{"body.Modifier":{"body":""}}]}})")->needs_answer_body());
  EXPECT_FALSE(make(R"({"body.Modifier":{"body":"","scope":["request"]}})")->needs_answer_body());
  EXPECT_FALSE(make(R"({"header.Append":{"name":"A","value":"1"}})")->needs_answer_body());
}

// Go's base64 counts line breaks for nothing.
TEST(Body, IsReadAcrossLineBreaks) {
  EXPECT_EQ(answered(R"({"body.Modifier":{"contentType":"t/p","body":"aGVs\r\nbG8="}})"),
            "200 X-Tag:t0;X-Tag:t1;Content-Type:t/p; [hello]");
}

// A name that HTTP does not have fails the call; an answer goes without the field.
TEST(Fields, WithBadNames) {
  for (const char* name : {"X A", "", "X:"}) {
    const std::string fields = std::string(R"("name":")") + name + R"(","value":"1")";
    EXPECT_EQ(requested("{\"header.Modifier\":{" + fields + "}}"), "failed") << name;
    EXPECT_EQ(requested("{\"header.Append\":{" + fields + "}}"), "failed") << name;
    EXPECT_EQ(answered("{\"header.Modifier\":{" + fields + "}}"), "200 X-Tag:t0;X-Tag:t1; [old]");
  }
}

TEST(Fields, ThatAreNoFields) {
  EXPECT_EQ(requested(R"({"header.Append":{"name":"host","value":"x"}})"), "failed");
  EXPECT_EQ(requested(R"({"header.Modifier":{"name":"Content-Length","value":"x"}})"), "failed");
  EXPECT_EQ(answered(R"({"header.Modifier":{"name":"Content-Length","value":""}})"), "failed");
}

class Files : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = std::filesystem::path(::testing::TempDir()) / "martian_files";
    std::filesystem::create_directories(root_ / "sub");
    std::ofstream(root_ / "a.json") << R"({"s":1})";
    std::ofstream(root_ / "sub" / "b.bin") << "bytes";
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  std::string tree(const std::string& more = "") const {
    return R"({"static.Modifier":{"rootPath":")" + root_.string() + "\"" + more + "}}";
  }
  // The answer without any call, or "called".
  static std::string served(const std::string& tree, const std::string& path) {
    FakeFlow flow;
    flow.request.path = path;
    const Step step = make(tree)->on_request(flow);
    if (step != Step::done) return step == Step::next ? "called" : "failed";
    return std::to_string(flow.response.status) + " " + shown(flow.response.headers) + " [" +
           flow.response.body + "]";
  }

 private:
  std::filesystem::path root_;
};

TEST_F(Files, AnswerWithoutACall) {
  EXPECT_EQ(served(tree(), "/a.json?page=1"), R"(200 Content-Type:application/json; [{"s":1}])");
  EXPECT_EQ(served(tree(), "/sub//b.bin"), "200 Content-Type:; [bytes]");
  EXPECT_EQ(served(tree(), "/none.json"), "404  []");
  EXPECT_EQ(served(tree(), "/sub"), "failed");
}

TEST_F(Files, StayBelowTheirRoot) {
  EXPECT_EQ(served(tree(), "/../martian_files/a.json"), "404  []");
  EXPECT_EQ(served(tree(), "/sub/../../../a.json"), served(tree(), "/a.json"));
  EXPECT_EQ(served(tree(), "/%2e%2e/%2e%2e/a.json"), served(tree(), "/a.json"));
}

TEST_F(Files, HaveOtherNames) {
  const std::string named = tree(R"(,"explicitPaths":{"/x":"sub/b.bin","/a.json":"none"})");
  EXPECT_EQ(served(named, "/x"), "200 Content-Type:; [bytes]");
  EXPECT_EQ(served(named, "/a.json"), "404  []");
}

// Of one scope: an empty answer for requests, another body over a real answer for responses.
TEST_F(Files, OfOneScope) {
  EXPECT_EQ(served(tree(R"(,"scope":["request"])"), "/a.json"), "200  []");
  EXPECT_EQ(served(tree(R"(,"scope":["response"])"), "/a.json"), "called");
  EXPECT_EQ(answered(tree(R"(,"scope":["response"])")), "404 X-Tag:t0;X-Tag:t1; [old]");
}

TEST_F(Files, GoThroughTheOtherModifiers) {
  const std::string group = R"({"fifo.Group":{"modifiers":[)"
                            R"({"url.Modifier":{"scope":["request"],"path":"/a.json"}},)" +
                            tree() + R"(,{"status.Modifier":{"statusCode":202}}]}})";
  EXPECT_EQ(served(group, "/other"), R"(202 Content-Type:application/json; [{"s":1}])");
}

TEST(Id, IsMadeOnce) {
  const std::string made = requested(R"({"header.Id":{}})");
  const std::size_t at = made.find("X-Krakend-Id:");
  ASSERT_NE(at, std::string::npos) << made;
  EXPECT_EQ(made.substr(at).size(), std::string("X-Krakend-Id:;").size() + 36);
  EXPECT_EQ(requested(R"({"header.Id":{"header":"X-Tenant"}})"), kTarget + kFields);
}

TEST(Make, RefusesWhatNobodyWrote) {
  for (const char* text : {"", "{}", "[]", R"({"tree":{}})", R"({"tree":{"nope.Modifier":{}}})",
                           R"({"tree":{"a":{},"b":{}}})"})
    EXPECT_FALSE(make_filter({.level = config::Level::backend, .text = text})) << text;
}

}  // namespace
}  // namespace ropewalk::martian
