// Service settings of the model with every default filled in. Pure.
#pragma once

#include "dataplane/compile/graph.h"

namespace ropewalk::compile {

// Error (Kind::config): a trusted_proxies entry that is no address; a max_payload that is no
// number.
Result<Settings> compile_settings(const config::v1::Service& service);

// Bytes that the body of a request may have: max_request_body where it is set, and each
// max_payload. A max_payload alone takes the place of the default of max_request_body, and it alone
// bounds a body that passes through.
struct BodyLimits {
  std::uint64_t gathered;
  std::uint64_t streamed;
};
// `own_max_payload`: the endpoint's, 0 for none. Errors as above.
Result<BodyLimits> body_limits(const config::v1::Service& service, std::uint64_t own_max_payload);

}  // namespace ropewalk::compile
