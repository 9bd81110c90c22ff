#include "common/stream_tls.h"

#include "common/files.h"
#include "common/strings.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

namespace ropewalk {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

Bio memory(const std::string& pem) {
  return {BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free};
}

// Never asks a terminal for a pass phrase.
int no_pass_phrase(char*, int, int, void*) { return 0; }

Certificate first_certificate(const std::string& pem) {
  return {PEM_read_bio_X509(memory(pem).get(), nullptr, no_pass_phrase, nullptr), &X509_free};
}

std::unexpected<Error> bad(std::string_view flag, const std::string& file, std::string_view why) {
  ERR_clear_error();
  return fail(Kind::tls, std::string(flag) + " " + file + ": " + std::string(why));
}

Result<TlsPem> load(const TlsFiles& files) {
  TlsPem pem;
  struct Part {
    std::string_view flag;
    const std::string& file;
    std::string& text;
  };
  for (const Part& part : {Part{"--tls-cert", files.certificate, pem.certificate},
                           Part{"--tls-key", files.private_key, pem.private_key},
                           Part{"--tls-ca", files.ca, pem.ca}}) {
    if (part.file.empty())
      return fail(Kind::tls,
                  std::string(part.flag) +
                      " is missing: the stream needs --tls-cert, --tls-key and --tls-ca");
    auto text = read_file(part.file);
    if (!text) return fail(Kind::tls, std::string(part.flag) + ": " + text.error().message);
    part.text = std::move(*text);
  }
  const Certificate leaf = first_certificate(pem.certificate);
  if (!leaf) return bad("--tls-cert", files.certificate, "expected a certificate in PEM form");
  const Key key(
      PEM_read_bio_PrivateKey(memory(pem.private_key).get(), nullptr, no_pass_phrase, nullptr),
      &EVP_PKEY_free);
  if (!key)
    return bad("--tls-key", files.private_key, "expected a private key in PEM form, not encrypted");
  if (X509_check_private_key(leaf.get(), key.get()) != 1)
    return bad("--tls-key", files.private_key,
               "does not belong to the certificate in " + files.certificate);
  if (!first_certificate(pem.ca))
    return bad("--tls-ca", files.ca, "expected one or more certificates in PEM form");
  return pem;
}

}  // namespace

TlsSource tls_from_files(TlsFiles files) {
  return [files = std::move(files)] { return load(files); };
}

bool is_loopback(std::string_view host_port) {
  std::string_view host = host_port.substr(0, host_port.rfind(':'));
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  if (iequals(host, "localhost") || host == "::1") return true;
  in_addr v4{};
  return inet_pton(AF_INET, std::string(host).c_str(), &v4) == 1 && (ntohl(v4.s_addr) >> 24) == 127;
}

}  // namespace ropewalk
