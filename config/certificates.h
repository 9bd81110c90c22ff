// Whether PEM texts are what a TLS listener or client can use. Pure; any thread may call. Errors
// are Kind::config, without any of the text.
#pragma once

#include "common/error.h"

#include <string_view>

namespace ropewalk::config {

// A certificate chain, leaf first, and the unencrypted private key of the leaf.
Result<void> check_key_pair(std::string_view certificate_pem, std::string_view key_pem);

// At least one certificate, and nothing broken between them.
Result<void> check_certificates(std::string_view pem);

}  // namespace ropewalk::config
