// Whether PEM texts are what a TLS listener or client can use. Pure; any thread may call. Errors
// are Kind::config, without any of the text.
#pragma once

#include "common/error.h"

#include <chrono>
#include <string>
#include <string_view>

namespace ropewalk::config {

// A certificate chain, leaf first, and the unencrypted private key of the leaf.
Result<void> check_key_pair(std::string_view certificate_pem, std::string_view key_pem);

// What to say of a chain whose leaf is not valid at `now`: "expired on 2024-05-01 12:00:00 UTC". ""
// for one that is, and for what check_certificates refuses.
std::string validity_remark(std::string_view certificate_pem,
                            std::chrono::system_clock::time_point now);

// At least one certificate, and nothing broken between them.
Result<void> check_certificates(std::string_view pem);

}  // namespace ropewalk::config
