// modifier/lua-* and modifier/martian of documents.
#include "config/endpoint.h"
#include "helpers.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>

namespace ropewalk::config {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::load;
using testing::message;
using ::testing::StartsWith;
using testing::warning_at;
using testing::with_endpoint;
using testing::with_extra;

std::string proxy(const std::string& block) {
  return with_endpoint(R"({"endpoint":"/a","backend":[{"url_pattern":"/"}],)"
                       R"("extra_config":{"modifier/lua-proxy":)" +
                       block + "}}");
}

std::string backend(const std::string& name, const std::string& block) {
  return with_endpoint(R"({"endpoint":"/a","backend":[{"url_pattern":"/","extra_config":{")" +
                       name + "\":" + block + "}}]}");
}

struct Refused {
  const char* block;
  const char* why;
};

class LuaRefused : public ::testing::TestWithParam<Refused> {};
TEST_P(LuaRefused, WithItsPlace) {
  const std::string said = message(load(proxy(GetParam().block)));
  EXPECT_THAT(said, HasSubstr("modifier/lua-proxy"));
  EXPECT_THAT(said, HasSubstr(GetParam().why));
}
INSTANTIATE_TEST_SUITE_P(
    Cases, LuaRefused,
    ::testing::Values(Refused{R"~("code")~", "expected an object"},
                      Refused{R"~([{"pre":"x()"}])~", "expected an object"},
                      Refused{R"~({"pre":["x()"]})~", "expected Lua code as text"},
                      Refused{R"~({"pre":"this is not lua"})~", "pre:1:"},
                      Refused{R"~({"post":"local x = 1\nx ="})~", "post:2:"},
                      Refused{R"~({"pre":"return 7 // 2"})~", "does not compile"},
                      Refused{R"~({"pre":"return 1LL"})~", "malformed name or number"},
                      Refused{R"~({"pre":"\u001bLJ"})~", "compiled"},
                      Refused{R"~({"sources":"a.lua"})~", "expected a list of file names"},
                      Refused{R"~({"sources":[5]})~", "expected a file name"},
                      Refused{R"~({"sources":["missing.lua"],"pre":"x()"})~", "missing.lua"},
                      Refused{R"~({"pre":"x()","md5":{"a.lua":"00"}})~", "not among the sources"},
                      Refused{R"~({"pre":"x()","md5":"00"})~", "expected an object"}));

TEST(Lua, RunsWherePlaceAllows) {
  const std::string block = R"~({"modifier/lua-endpoint":{"post":"x()"}})~";
  EXPECT_THAT(message(load(with_extra(block))), HasSubstr("never runs at this level"));
  EXPECT_THAT(message(load(backend("modifier/lua-proxy", R"~({"pre":"x()"})~"))),
              HasSubstr("no effect at the level of a backend"));
}

TEST(Lua, FlagsOfAnotherTypeAreOffWithAWarning) {
  const auto loaded = load(proxy(R"~({"pre":"x()","allow_open_libs":"true","skip_next":1})~"));
  ASSERT_TRUE(loaded) << message(loaded);
  const std::string at = "endpoints[0].extra_config[\"modifier/lua-proxy\"].";
  EXPECT_THAT(warning_at(*loaded, at + "allow_open_libs"), HasSubstr("expected true or false"));
  EXPECT_THAT(warning_at(*loaded, at + "skip_next"), HasSubstr("expected true or false"));
}

TEST(Lua, FilesComeAlong) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("lua_files_" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder / "lib");
  std::ofstream(folder / "a.lua") << "require('lib.b')\n";
  std::ofstream(folder / "lib/b.lua") << "b = 1\n";
  LoadOptions options;
  options.working_directory = folder.string();
  const auto with = [&](const std::string& more) {
    return load(proxy(R"~({"sources":["a.lua"],"pre":"x()")~" + more + "}"), options);
  };
  const auto loaded = with(R"(,"md5":{"a.lua":"f43c9b1afa44f0f0d7a5d3ebd1c0e2f1"})");
  EXPECT_THAT(message(loaded), HasSubstr("the file has the sum"));
  std::ofstream(folder / "_a.lua") << "x = 1\n";
  EXPECT_THAT(
      message(load(proxy(R"({"sources":["_a.lua"],"md5":{"_a.lua":"deadbeef"}})"), options)),
      HasSubstr("the file has the sum"));
  const auto good = with(R"(,"live":true,"md5":{"a.lua":"wrong"})");
  ASSERT_TRUE(good) << message(good);
  const v1::Resource* endpoint = testing::find(*good, "endpoint/* GET /a");
  ASSERT_TRUE(endpoint);
  const auto text =
      nlohmann::json::parse(endpoint->endpoint().extra_config().at("modifier/lua-proxy"));
  EXPECT_EQ(text["sources"][0]["text"], "require('lib.b')\n");
  EXPECT_EQ(text["files"][0]["name"], "lib/b.lua");
  std::filesystem::remove_all(folder);
}

TEST(Lua, AnEmptyBlockIsNothing) {
  const auto loaded = load(proxy(R"({"allow_open_libs":true,"pre":""})"));
  ASSERT_TRUE(loaded);
  EXPECT_TRUE(testing::find(*loaded, "endpoint/* GET /a")->endpoint().extra_config().empty());
}

class MartianRefused : public ::testing::TestWithParam<Refused> {};
TEST_P(MartianRefused, WithItsPlace) {
  const std::string said = message(load(backend("modifier/martian", GetParam().block)));
  EXPECT_THAT(said, HasSubstr("modifier/martian"));
  EXPECT_THAT(said, HasSubstr(GetParam().why));
}
INSTANTIATE_TEST_SUITE_P(
    Cases, MartianRefused,
    ::testing::Values(
        Refused{R"~({})~", "expected a modifier"},
        Refused{R"~("header.Modifier")~", "expected an object"},
        Refused{R"~([{}])~", "expected an object"},
        Refused{R"~({"header.Modifer":{}})~", "did you mean header.Modifier?"},
        Refused{R"~({"Header.Modifier":{}})~", "did you mean header.Modifier?"},
        Refused{R"~({"header.Append":{},"header.Copy":{}})~", "several"},
        Refused{R"({"header.Modifier":{"scope":"request"}})",
                "expected a list of request and response"},
        Refused{R"~({"header.Modifier":{"scope":["requests"]}})~", "expected a list of request"},
        Refused{R"~({"header.Modifier":{"name":"A","value":5}})~", "expected a text, got 5"},
        Refused{R"~({"header.Modifier":{"name":"A","value":"a\r\nB: 1"}})~", "without line breaks"},
        Refused{R"~({"header.Filter":{"name":"A"}})~", "expected the key modifier"},
        Refused{R"({"url.RegexFilter":{"regex":"(","modifier":{"header.Append":{}}}})",
                "regular expression"},
        Refused{R"~({"fifo.Group":{"modifiers":[{"nope.Modifier":{}}]}})~", "modifiers[0]"},
        Refused{R"~({"priority.Group":{"modifiers":[{"priority":1}]}})~", "priority and modifier"},
        Refused{R"~({"body.Modifier":{"body":"not base64!"}})~", "base64"},
        Refused{R"~({"cookie.Modifier":{"expires":"tomorrow"}})~", "expected a time"},
        Refused{R"~({"port.Modifier":{}})~", "expected one of port, defaultForScheme and remove"},
        Refused{R"~({"port.Modifier":{"port":1,"remove":true}})~", "expected one of"},
        Refused{R"~({"status.Modifier":{"statusCode":99}})~", "200 to 599"},
        Refused{R"~({"status.Modifier":{"statusCode":418.5}})~", "expected a whole number"},
        Refused{R"~({"static.Modifier":{"explicitPaths":{"/a":1}}})~", "path and file"},
        Refused{R"~({"status.Modifier":{"statusCode":200,"scope":["request"]}})~",
                "only responses"},
        Refused{R"~({"url.Modifier":{"path":"/x","scope":["response"]}})~", "only requests"},
        Refused{R"({"stash.Modifier":{"headerName":"X","scope":["response"]}})",
                "request as well"}));

// KrakenD holds numbers as floats, and Go's base64 counts line breaks for nothing.
TEST(Martian, TakesWholeNumbersAndBrokenLines) {
  const auto loaded = load(backend("modifier/martian", R"({"fifo.Group":{"modifiers":[
      {"status.Modifier":{"statusCode":418.0}},
      {"priority.Group":{"modifiers":[{"priority":1.0,"modifier":{"header.Append":{}}}]}},
      {"body.Modifier":{"body":"aGVs\nbG8="}},
      {"static.Modifier":{"rootPath":"./www","explicitPaths":{"/a":"b.json"}}}]}})"));
  ASSERT_TRUE(loaded) << message(loaded);
}

// Hosts come from Services there; the Host field and the path are only what a call says.
TEST(Martian, AnnotationsDoNotSayWhereCallsGo) {
  const auto read = [](std::string_view modifier) {
    std::vector<Warning> warnings;
    const auto parsed = parse_backend(
        nlohmann::json::parse(R"({"url_pattern":"/y","extra_config":{"modifier/martian":)" +
                              std::string(modifier) + "}}"),
        BackendDefaults{}, "backend", warnings);
    return parsed ? "(accepted)" : parsed.error().message;
  };
  constexpr std::string_view kAt = "backend.extra_config[\"modifier/martian\"]";
  const std::pair<const char*, const char*> refused[] = {
      {R"({"url.Modifier":{"scope":["request"],"host":"169.254.169.254","path":"/x"}})",
       R"(["url.Modifier"].host: hosts come from Services: expected path and query only)"},
      {R"({"url.Modifier":{"Scheme":"https"}})", R"(["url.Modifier"].scheme: hosts come from)"},
      {R"({"port.Modifier":{"port":22}})", R"(["port.Modifier"]: ports come from Services)"},
      {R"({"port.Modifier":{"remove":true}})", R"(["port.Modifier"]: ports come from Services)"},
      {R"({"priority.Group":{"modifiers":[{"modifier":{"url.Filter":{"modifier":{"header.Id":{}},
          "else":{"fifo.Group":{"modifiers":[{"url.Modifier":{"HOST":"a"}}]}}}}}]}})",
       R"(.else["fifo.Group"].modifiers[0]["url.Modifier"].host: hosts come from)"},
  };
  for (const auto& [modifier, expected] : refused)
    EXPECT_THAT(read(modifier), AllOf(StartsWith(std::string(kAt)), HasSubstr(expected)));
  for (const char* modifier :
       {R"({"url.Modifier":{"path":"/x","query":"a=1"}})", R"({"url.Filter":{"host":"a","scheme":
        "http","modifier":{"header.Modifier":{"name":"Host","value":"a.test"}}}})"})
    EXPECT_EQ(read(modifier), "(accepted)") << modifier;
}

TEST(Martian, IsRewrittenWithItsOwnNames) {
  const auto loaded = load(backend(
      "modifier/martian",
      R"({"header.Filter":{"@comment":"x","Name":"A","value":"1","modifier":{"header.Append":{"NAME":"B","value":"2"}},"elze":{}}})"));
  ASSERT_TRUE(loaded) << message(loaded);
  const v1::Resource* made = testing::find(*loaded, "backend/* GET /a#b0");
  ASSERT_TRUE(made);
  const auto text = nlohmann::json::parse(made->backend().extra_config().at("modifier/martian"));
  EXPECT_EQ(text["host"], "http://127.0.0.1:8081");
  EXPECT_EQ(text["tree"]["header.Filter"]["name"], "A");
  EXPECT_EQ(text["tree"]["header.Filter"]["modifier"]["header.Append"]["name"], "B");
  EXPECT_EQ(
      warning_at(
          *loaded,
          "endpoints[0].backend[0].extra_config[\"modifier/martian\"][\"header.Filter\"].elze"),
      "unknown key (did you mean else?)");
}

}  // namespace
}  // namespace ropewalk::config
