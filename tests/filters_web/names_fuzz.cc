// The list of an Access-Control-Request-Headers field: whatever is accepted holds allowed names
// only.
#include "common/strings.h"
#include "dataplane/filters/cors/allowed_names.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const ropewalk::filters::AllowedNames names({"a", "authorization", "x-b"});
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  const std::string_view lines[] = {line};
  if (names.accepts(lines))
    for (const std::string_view name : ropewalk::split(line, ','))
      if (const auto bare = ropewalk::trim(name);
          !bare.empty() && bare != "a" && bare != "authorization" && bare != "x-b")
        std::abort();
  return 0;
}
