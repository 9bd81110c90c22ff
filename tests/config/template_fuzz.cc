// Any text as a template: output or an error in one line, within the limits.
#include "config/template/engine.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ropewalk::config::templates;
  static const auto settings = nlohmann::json::parse(
      R"({"s":{"list":[1,"a",null],"map":{"k":true},"n":1e6,"text":"a \"b\""}})");
  Environment environment;
  environment.most_output = std::size_t{1} << 16;
  environment.most_made = std::size_t{1} << 16;
  environment.most_steps = 5000;
  environment.variable = [](const std::string& name) -> std::optional<std::string> { return name; };
  environment.include = [](const std::string& name) { return name; };
  Engine engine(std::move(environment));
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto added = engine.add("main", "main", text);
  if (!added) {
    if (added.error().message.empty()) std::abort();
    return 0;
  }
  const auto out = engine.execute("main", settings);
  if (out && out->size() > (std::size_t{1} << 16)) std::abort();
  return 0;
}
