// Flexible configuration: folders, what is refused, and what a broken template means.
#include "helpers.h"

#include <gmock/gmock.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace ropewalk::config {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::EndsWith;
using testing::find;
using ::testing::HasSubstr;
using testing::message;

class Flexible : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "flexibleXXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    options_.working_directory = name;
    options_.environment = {{"FC_ENABLE", "1"}};
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }

  Result<Loaded> load(const std::string& text) {
    return load_text(text, Syntax::json, "krakend.json", options_);
  }

  fs::path folder_;
  LoadOptions options_;
};

TEST_F(Flexible, SettingsTemplatesAndPartials) {
  write("settings/shop.json", R"({"paths":["/a","/b"]})");
  write("settings/notes.txt", "no");
  write("templates/endpoint.tmpl",
        R"({"endpoint":"{{ . }}","backend":[{"url_pattern":"{{ . }}"}]})");
  write("partials/deep/ttl.txt", R"("cache_ttl":"5s",)");
  options_.environment["FC_SETTINGS"] = "settings";
  options_.environment["FC_TEMPLATES"] = "templates";
  options_.environment["FC_PARTIALS"] = "partials";
  const auto loaded = load(R"({"version":3,"host":["http://h"],{{ include "deep/ttl.txt" }}
    "endpoints":[{{ range $i, $p := .shop.paths }}{{ if $i }},{{ end }}{{ template "endpoint.tmpl" $p }}{{ end }}]})");
  ASSERT_TRUE(loaded) << message(loaded);
  EXPECT_NE(find(*loaded, "endpoint/* GET /a"), nullptr);
  const auto* second = find(*loaded, "endpoint/* GET /b");
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(second->endpoint().cache_ttl_ns(), 5'000'000'000);
  for (const char* name :
       {"settings/shop.json", "templates/endpoint.tmpl", "partials/deep/ttl.txt"})
    EXPECT_THAT(loaded->files, Contains(EndsWith(name)));
}

// The configuration is read first: what the templates define again counts.
TEST_F(Flexible, TemplatesReplaceWhatTheConfigurationDefines) {
  write("templates/a.tmpl", R"({{ define "path" }}/theirs{{ end }})");
  options_.environment["FC_TEMPLATES"] = "templates";
  const auto loaded =
      load(R"({{ define "path" }}/ours{{ end }}{"version":3,"host":["http://h"],"endpoints":[
        {"endpoint":"{{ template "path" }}","backend":[{"url_pattern":"/b"}]}]})");
  ASSERT_TRUE(loaded) << message(loaded);
  EXPECT_NE(find(*loaded, "endpoint/* GET /theirs"), nullptr);
}

TEST_F(Flexible, WritesWhatItCompiled) {
  options_.environment["FC_OUT"] = "out.yaml";
  const auto loaded = load("version: {{ 3 }}\ntimeot: 3s\n");
  ASSERT_TRUE(loaded) << message(loaded);
  std::ifstream in(folder_ / "out.yaml");
  std::string line;
  std::getline(in, line);
  EXPECT_EQ(line, "version: 3");
  ASSERT_EQ(loaded->warnings.size(), 1U);
  EXPECT_EQ(loaded->places[0].line, 2U);
}

TEST_F(Flexible, ABrokenTemplateIsReadAsItStands) {
  const auto starts = load(R"({"version":3,"name":"{{ nosuch }}"})");
  ASSERT_TRUE(starts) << message(starts);
  EXPECT_THAT(testing::warning_at(*starts, "FC_ENABLE"), HasSubstr("\"nosuch\" not defined"));
  EXPECT_THAT(message(load("{\"version\":3,\n\"endpoints\":{{ nosuch }}}")),
              HasSubstr("krakend.json:2:16: template: function \"nosuch\" not defined"));
}

// KrakenD would compile these; as they stand, "{{ uuidv4 }}" would be the key of an API.
TEST_F(Flexible, WhatOnlyThisBuildCannotCompileIsRefused) {
  EXPECT_THAT(
      message(load("{\"version\":3,\n\"name\":\"{{ uuidv4 }}\"}")),
      HasSubstr("krakend.json:2:12: template: the function \"uuidv4\" is not supported yet"));
  for (const char* call : {"randAlphaNum 5", "bcrypt `a`", "genCA `a` 1", "ago now", "call .f",
                           "getHostByName `a`", "encryptAES `a` `b`", "htpasswd `a` `b`"})
    EXPECT_THAT(message(load(R"({"version":3,"name":"{{ )" + std::string(call) + R"( }}"})")),
                HasSubstr("is not supported yet"))
        << call;
  for (const char* endless : {"{{ range 10000000 }}{{ end }}", "{{ repeat 1000000000 `a` }}",
                              "{{ define `t` }}{{ template `t` }}{{ end }}{{ template `t` }}",
                              "{{ range 1000000 }}{{ repeat 100 `a` }}{{ end }}"})
    EXPECT_THAT(message(load(R"({"version":3,"name":")" + std::string(endless) + R"("})")),
                HasSubstr("krakend.json:1:"))
        << endless;
}

TEST_F(Flexible, FoldersAndSettingsMustBeReadable) {
  write("settings/bad.json", "{\n\"a\" 1}");
  write("settings/list.json", "[]");
  options_.environment["FC_SETTINGS"] = "settings";
  options_.environment["FC_TEMPLATES"] = "nowhere";
  const std::string refused = message(load(R"({"version":3})"));
  EXPECT_THAT(refused, HasSubstr("settings/bad.json:2:5: not valid JSON"));
  EXPECT_THAT(refused, HasSubstr("list.json: expected an object"));
  EXPECT_THAT(refused, HasSubstr("nowhere: cannot be listed"));
}

TEST_F(Flexible, TheCompiledTextIsJson) {
  EXPECT_THAT(message(load_text("version: 3\n", Syntax::yaml, "krakend.yaml", options_)),
              HasSubstr("krakend.yaml (compiled):1:1: not valid JSON"));
}

TEST_F(Flexible, AMissingPartialIsEmptyAndSaid) {
  options_.environment["FC_PARTIALS"] = "partials";
  const auto loaded = load(R"({"version":3{{ include "none.txt" }}})");
  ASSERT_TRUE(loaded) << message(loaded);
  ASSERT_EQ(loaded->warnings.size(), 1U);
  EXPECT_EQ(loaded->warnings[0].path, "include \"none.txt\"");
}

TEST_F(Flexible, ASettingWithoutAValueIsSaid) {
  write("settings/shop.json", R"({"name":"rope","none":null})");
  write("templates/part.tmpl", "{{- /* one */ -}}\n {{ .shop.colour }}");
  options_.environment["FC_SETTINGS"] = "settings";
  options_.environment["FC_TEMPLATES"] = "templates";
  const auto loaded = load(R"({"version":3,{{ $n := .shop.nothing }}
    "name":"{{ .shop.name }} {{ .shop.nmae }} {{ range 2 }}{{- $.shop.size | default $.x -}}{{ end }}",
    "@c":"{{ template "part.tmpl" . }} {{ if .shop.none }}{{ end }}"})");
  ASSERT_TRUE(loaded) << message(loaded);
  std::vector<std::string> said;
  for (const Warning& warning : loaded->warnings) {
    said.push_back(warning.path + " " + warning.message);
    EXPECT_EQ(warning.severity, Severity::no_effect);
  }
  EXPECT_THAT(said, ::testing::ElementsAre(
                        "{{ .shop.nmae }} krakend.json:2:33: no value: <no value> is written",
                        "{{ $.shop.size | default $.x }} krakend.json:2:64: no value: <no value> "
                        "is written",
                        EndsWith("templates/part.tmpl:2:5: no value: <no value> is written")));
}

// But for what it sets, which may be a secret.
TEST_F(Flexible, ALineOfATextThatIsOnNoDiskIsShown) {
  const std::string text = "{\"version\":3,\n  \"port\": {{ add 1 2 }} \"name\": \"a\"}";
  EXPECT_THAT(message(load(text)), EndsWith(R"(, in: "port": .. "..": ".."})"));
  options_.environment["SECRET"] = R"(S3"CRET\)";
  const std::string broken =
      message(load(R"({"a": {"client_secret":"{{ env "SECRET" }}","b":1}})"));
  EXPECT_THAT(broken, HasSubstr(R"(in: {"a": {"client_secret":"..")"));
  EXPECT_THAT(message(load(R"({"port":{{ .no }},"b":1})")),
              EndsWith(R"(, in: {"port":<no value>,"b":..})"));
  EXPECT_THAT(broken, ::testing::Not(HasSubstr("S3")));
  EXPECT_THAT(broken, ::testing::Not(HasSubstr("CRET")));
  const std::string far(1000, ' ');
  EXPECT_LT(message(load("{\"a\":" + far + "1 2" + far + "}")).size(), 300U);
  options_.environment["FC_OUT"] = "out.json";
  EXPECT_THAT(message(load(text)), ::testing::Not(HasSubstr(", in: ")));
}

TEST_F(Flexible, AnEmptySwitchIsOff) {
  options_.environment["FC_ENABLE"] = "";
  EXPECT_THAT(message(load(R"({"version":{{ 3 }}})")), HasSubstr("not valid JSON"));
}

}  // namespace
}  // namespace ropewalk::config
