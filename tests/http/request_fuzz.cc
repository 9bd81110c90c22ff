// A connection in pieces gets the verdict that it gets whole, and Beast agrees with what is
// accepted.
#include "tests/http/beast_oracle.h"
#include "tests/http/drive.h"

#include <cstdlib>

using namespace ropewalk::http;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size == 0) return 0;
  const unsigned seed = data[0];
  std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const ReaderLimits limits{.max_head_bytes = 512, .max_fields = 16, .max_body_bytes = 4096};
  const Transcript once = drive_requests(input, whole(), limits);
  if (drive_requests(input, random_pieces(seed), limits) != once) std::abort();

  while (input.starts_with("\r\n")) input.remove_prefix(2);
  RequestReader reader(limits);
  if (once.messages.empty() || reader.read_head(input).step != Step::done) return 0;
  const BeastMessage other = beast_request(input);
  if (!other.error.empty()) return 0;  // it refuses lengths beside chunks, which we may repair
  if (other.method != reader.head().method) std::abort();
  if (!other.complete || !once.messages.front().ends_with(other.body)) std::abort();
  return 0;
}
