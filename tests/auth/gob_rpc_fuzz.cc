// Whatever reaches the port of auth/revoker: calls or an error, and every call can be answered.
#include "dataplane/filters/auth/gob_rpc.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace ropewalk;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auth::RpcReader reader;
  auth::RpcWriter writer;
  std::string input(reinterpret_cast<const char*>(data), size);
  std::string out;
  for (;;) {
    const auto call = reader.next(input);
    if (!call || !*call) break;
    writer.append_added(out, **call, (*call)->elements.size());
    writer.append_checked(out, **call, std::vector<bool>((*call)->elements.size()));
    writer.append_error(out, **call, (*call)->name);
    if (out.size() < (*call)->name.size()) std::abort();
  }
  return 0;
}
