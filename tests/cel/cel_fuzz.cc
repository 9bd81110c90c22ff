// Any text is refused with a place or evaluated within its limits.
#include "common/cel/program.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace ropewalk;
  static const json::Value document =
      *json::parse(R"({"a":[1,2.5,"x",null,true,{"b":"c"}],"n":"2024-01-01T00:00:00Z"})");
  cel::Environment environment;
  environment.variables = {{"data", cel::map_of(cel::plain(cel::Kind::text), cel::dyn())},
                           {"text", cel::plain(cel::Kind::text)}};
  environment.syntax.two_variables = size % 2 == 0;
  environment.check_types = size % 3 != 0;
  const auto program = cel::compile(environment, {reinterpret_cast<const char*>(bytes), size});
  if (!program) {
    if (program.error().message.empty()) std::abort();
    return 0;
  }
  const cel::Bindings bindings{cel::Value::json(document, cel::JsonNumbers::text),
                               cel::Value::borrowed("Zoë")};
  (void)program->evaluate(bindings, {.steps = 20'000, .memory = 1 << 20});
  return 0;
}
