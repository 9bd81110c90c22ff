// Certificates and keys in PEM, checked before they travel. Reading one takes some 0.1 to 0.4 ms
// and each translation asks again about all of them: what was found out goes from one to the next.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

typedef struct x509_st X509;

namespace ropewalk::controller {

struct Chain {
  std::string wrong;           // "" for good, else one line that names what is wrong
  std::shared_ptr<X509> leaf;  // the first certificate; null if there is none
};

// By SHA-256 of the texts. A value.
struct KnownPem {
  std::map<std::string, Chain> chains;
  std::map<std::string, std::string> pairs;  // what PemReader::check_key_pair said
};

// Lives for one translation.
class PemReader {
 public:
  explicit PemReader(const KnownPem& before) : before_(before) {}

  const Chain& chain(std::string_view pem);
  // The key must be the leaf's own and not encrypted. "" means good, else one line that names what
  // is wrong and never shows key material.
  const std::string& check_key_pair(std::string_view certificate_pem, std::string_view key_pem);
  // All that it was asked for, and nothing else.
  KnownPem take() { return std::move(now_); }

 private:
  const KnownPem& before_;
  KnownPem now_;
};

// When it ended ("2026-01-31"), "" where it is still good at `now` (seconds since 1970).
std::string expired_on(const X509& leaf, std::int64_t now);
// Whether it names `host`, or all that "*.example.com" stands for.
bool serves_host(X509& leaf, const std::string& host);

}  // namespace ropewalk::controller
