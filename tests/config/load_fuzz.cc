// Any text as a document, JSON, YAML and TOML: accepted or refused in one line, never a crash; what
// is accepted has a service and unique names.
#include "config/load.h"

#include <cstdint>
#include <cstdlib>
#include <set>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ropewalk::config;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  LoadOptions options;
  options.working_directory = "/nonexistent";
  for (const Syntax syntax : {Syntax::json, Syntax::yaml, Syntax::toml}) {
    const auto loaded = load_text(text, syntax, "fuzz", options);
    if (!loaded) {
      if (loaded.error().message.empty()) std::abort();
      continue;
    }
    std::set<std::string> names;
    for (const auto& resource : loaded->resources)
      if (!names.insert(resource.name()).second) std::abort();
    if (!names.contains("service")) std::abort();
  }
  return 0;
}
