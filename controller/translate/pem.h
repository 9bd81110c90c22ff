// Certificates and keys in PEM, checked before they travel. Pure; "" means good, else one line that
// names what is wrong and never shows key material.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ropewalk::controller {

std::string check_certificates(std::string_view pem);
// The first certificate is the leaf; the key must be its own and not encrypted.
std::string check_key_pair(std::string_view certificate_pem, std::string_view key_pem);
// When the leaf ended ("2026-01-31"), "" where it is still good at `now` (seconds since 1970).
std::string expired_on(std::string_view certificate_pem, std::int64_t now);
// Whether the leaf names `host`, or all that "*.example.com" stands for. False for no certificate.
bool serves_host(std::string_view certificate_pem, const std::string& host);

}  // namespace ropewalk::controller
