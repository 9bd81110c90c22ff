// An answer in pieces gets the verdict that it gets whole.
// The first byte chooses the pieces, the second the request's method and whether the peer closes.
#include "tests/http/drive.h"

#include <cstdlib>

using namespace ropewalk::http;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
  const Method method = data[1] & 1 ? Method::head : Method::get;
  const bool eof = data[1] & 2;
  const ReaderLimits limits{.max_head_bytes = 512, .max_fields = 16, .max_body_bytes = 4096};
  const Transcript once = drive_response(input, whole(), method, eof, limits);
  if (drive_response(input, random_pieces(data[0]), method, eof, limits) != once) std::abort();
  if (once.refused && once.refused != 502) std::abort();
  return 0;
}
