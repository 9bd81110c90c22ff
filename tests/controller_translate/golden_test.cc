// tests/golden/translate/<case>.in.yaml -> .out.yaml. ROPEWALK_UPDATE_GOLDEN=1 writes the outputs
// anew; read them in review, they are the specification in examples.
//
// Inputs are Kubernetes manifests; the order of documents is the age of their objects. A document
// of kind TranslateOptions sets options of the translator. One of kind Unreadable says why a
// referenced object is not there; without it nobody has looked yet.
#include "tests/controller_translate/render.h"

#include "common/files.h"
#include "config/load.h"
#include "controller/objects/manifests.h"
#include "tests/files/source_dir.h"

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace ropewalk::controller {
namespace {

const std::filesystem::path kFolder = source_dir() / "tests/golden/translate";

Options options_in(const std::string& text) {
  Options options;
  options.allow_loopback_addresses = false;
  for (const YAML::Node& document : YAML::LoadAll(text)) {
    if (!document["kind"] || document["kind"].Scalar() != "TranslateOptions") continue;
    for (const auto& entry : document) {
      const std::string& key = entry.first.Scalar();
      const YAML::Node& value = entry.second;
      if (key == "gatewayName") options.gateway_name = value.Scalar();
      if (key == "allowExternalName") options.allow_external_name = value.as<bool>();
      if (key == "allowInsecureBackends") options.allow_insecure_backends = value.as<bool>();
      if (key == "allowLoopbackAddresses") options.allow_loopback_addresses = value.as<bool>();
      if (key == "now") options.now = value.as<std::int64_t>();
      if (key == "defaultTlsSecret") options.default_tls_secret = value.Scalar();
      if (key == "gatewayConfig") {
        auto loaded =
            config::load_text(value.Scalar(), config::Syntax::json, "krakend.json", {}).value();
        options.gateway_config = std::move(loaded.resources);
        options.inherited = std::move(loaded.inherited);
      }
    }
  }
  return options;
}

ObjectSet objects_in(const std::string& text) {
  ObjectSet set;
  for (Object& object : parse_manifests("in.yaml", text).value()) insert(set, std::move(object));
  for (const YAML::Node& document : YAML::LoadAll(text)) {
    if (!document["kind"] || document["kind"].Scalar() != "Unreadable") continue;
    for (const auto& [kind, reasons] : {std::pair("secrets", &set.unreadable_secrets),
                                        std::pair("configMaps", &set.unreadable_config_maps)})
      for (const auto& entry : document[kind]) {
        const std::string& name = entry.first.Scalar();
        const auto slash = name.find('/');
        (*reasons)[{name.substr(0, slash), name.substr(slash + 1)}] = entry.second.Scalar();
      }
  }
  return set;
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, Case) {
  const std::string in = read_file((kFolder / (GetParam() + ".in.yaml")).string()).value();
  const std::string got = render(translate(objects_in(in), options_in(in)));
  const std::filesystem::path path = kFolder / (GetParam() + ".out.yaml");
  if (std::getenv("ROPEWALK_UPDATE_GOLDEN")) {
    ASSERT_TRUE(write_file_atomically(path.string(), got, 0644).has_value());
    return;
  }
  const auto expected = read_file(path.string());
  ASSERT_TRUE(expected.has_value()) << expected.error().message;
  EXPECT_EQ(got, *expected);
}

std::vector<std::string> cases() {
  std::vector<std::string> out;
  for (const auto& file : std::filesystem::directory_iterator(kFolder)) {
    const std::string name = file.path().filename().string();
    if (name.ends_with(".in.yaml")) out.push_back(name.substr(0, name.size() - 8));
  }
  std::ranges::sort(out);
  return out;
}

INSTANTIATE_TEST_SUITE_P(Translate, Golden, testing::ValuesIn(cases()), [](const auto& info) {
  std::string name = info.param;
  std::ranges::replace(name, '-', '_');
  return name;
});

}  // namespace
}  // namespace ropewalk::controller
