// Annotations of one Service as an attacker would write them: lines "key=value", an empty line
// begins another Service. The translator must neither throw nor leave a dangling name.
#include "tests/controller_translate/objects.h"

#include "common/strings.h"
#include "controller/translate/translate.h"

#include <cstdlib>
#include <set>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace ropewalk::controller;
  ObjectSet set;
  Sketch sketch{.name = "s0", .annotations = {{"expose", "true"}}};
  int number = 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  for (const std::string_view line : ropewalk::split(input, '\n')) {
    if (line.empty()) {
      add(set, sketch);
      sketch = {.name = "s" + std::to_string(++number), .annotations = {{"expose", "true"}}};
      continue;
    }
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    // A tab stands for a line break: `endpoints` holds YAML.
    std::string value(line.substr(equals + 1));
    for (char& c : value)
      if (c == '\t') c = '\n';
    sketch.annotations[std::string(line.substr(0, equals))] = value;
  }
  add(set, sketch);

  const Translation out = translate(set, {});
  std::set<std::string> names;
  for (const auto& resource : out.resources) names.insert(resource.name());
  if (names.size() != out.resources.size()) std::abort();
  for (const auto& resource : out.resources)
    for (const std::string& name : resource.endpoint().backends())
      if (!names.contains(name)) std::abort();
  return 0;
}
