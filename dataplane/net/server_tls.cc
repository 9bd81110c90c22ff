#include "dataplane/net/server_tls.h"

#include "dataplane/net/certificate_choice.h"
#include "dataplane/net/reserved_names.h"
#include "dataplane/net/tls_material.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/tls1.h>

#include <array>

namespace ropewalk::net {
namespace {

// What the callbacks need. Owned by the SSL_CTX, because handshakes may outlive the ServerTls.
struct Selection {
  CertificateChoice choice;
  std::vector<KeyPair> pairs;
};

int selection_index() {
  static const int index = SSL_CTX_get_ex_new_index(
      0, nullptr, nullptr, nullptr, [](void*, void* object, CRYPTO_EX_DATA*, int, long, void*) {
        delete static_cast<Selection*>(object);
      });
  return index;
}

std::string_view name_of(const SSL* ssl) {
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  return name ? name : "";
}

// Called for every hello, with and without SNI.
int on_server_name(SSL* ssl, int* alert, void* argument) {
  const auto& selection = *static_cast<const Selection*>(argument);
  if (!selection.choice.candidates(name_of(ssl)).empty()) return SSL_TLSEXT_ERR_OK;
  *alert = SSL_AD_UNRECOGNIZED_NAME;
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

// Of several pairs for one name (RSA beside ECDSA) the first whose signatures the client can check.
int on_server_certificate(SSL* ssl, void* argument) {
  const auto& selection = *static_cast<const Selection*>(argument);
  const auto candidates = selection.choice.candidates(name_of(ssl));
  if (candidates.empty()) return 0;
  std::size_t chosen = candidates.front();
  if (candidates.size() > 1) {
    for (const std::size_t candidate : candidates) {
      const KeyPair& pair = selection.pairs[candidate];
      if (!(SSL_check_chain(ssl, pair.leaf.get(), pair.key.get(), pair.chain.get()) &
            CERT_PKEY_VALID))
        continue;
      chosen = candidate;
      break;
    }
  }
  return use_key_pair(ssl, selection.pairs[chosen]) ? 1 : 0;
}

int on_alpn(SSL*, const unsigned char** out, unsigned char* out_length,
            const unsigned char* offered, unsigned offered_length, void*) {
  static constexpr std::array<unsigned char, 9> kHttp11 = {8,   'h', 't', 't', 'p',
                                                           '/', '1', '.', '1'};
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_length, kHttp11.data(), kHttp11.size(), offered,
                            offered_length) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;  // no_application_protocol, RFC 7301 3.2
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

Result<void> require_client_certificates(SSL_CTX* context, const config::v1::ServerTls& settings) {
  if (auto trusted = trust(context, settings.client_ca_pem(), settings.disable_system_ca_pool());
      !trusted)
    return fail(Kind::config, "tls.ca_certs: " + trusted.error().message);
  if (!settings.client_ca_pem().empty()) {
    // Named in the request, so that clients with several certificates find the right one.
    const auto authorities = parse_certificates(settings.client_ca_pem());
    if (!authorities) return std::unexpected(authorities.error());
    for (const auto& authority : *authorities) SSL_CTX_add_client_CA(context, authority.get());
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return {};
}

std::vector<std::string> served_names(const config::v1::TlsSecret& secret, const KeyPair& pair) {
  if (secret.hostnames_size() != 0) return {secret.hostnames().begin(), secret.hostnames().end()};
  auto names = dns_names(pair.leaf.get());
  if (names.empty())
    if (std::string name = common_name(pair.leaf.get()); !name.empty())
      names.push_back(std::move(name));
  return names;
}

Result<KeyPair> parse(const std::string& name, const config::v1::TlsSecret& secret) {
  auto pair = parse_key_pair(secret.certificate_pem(), secret.private_key_pem());
  if (!pair) return fail(pair.error().kind, name + ": " + pair.error().message);
  return pair;
}

}  // namespace

struct ServerTls::Impl {
  OpensslPtr<SSL_CTX> context;
  std::vector<CertificateInfo> certificates;
};

Result<CertificateInfo> check_tls_secret(const std::string& name,
                                         const config::v1::TlsSecret& secret) {
  const auto pair = parse(name, secret);
  if (!pair) return std::unexpected(pair.error());
  return CertificateInfo{name, not_after(pair->leaf.get())};
}

Result<std::shared_ptr<const ServerTls>> ServerTls::build(const config::v1::ServerTls& settings,
                                                          const std::vector<Secret>& secrets,
                                                          bool first_is_default) {
  if (first_is_default && secrets.empty())
    return fail(Kind::config, "tls: no certificate, expected at least one pair under keys");
  auto impl = std::make_unique<Impl>();
  impl->context.reset(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* context = impl->context.get();
  if (!context) return fail(Kind::internal, "OpenSSL cannot make a TLS context");

  ProtocolSettings protocol{settings.min_version(), settings.max_version(), {}, {}};
  protocol.cipher_suites.assign(settings.cipher_suites().begin(), settings.cipher_suites().end());
  protocol.curves.assign(settings.curves().begin(), settings.curves().end());
  if (auto applied = apply_protocol(context, std::move(protocol)); !applied)
    return fail(Kind::config, "tls: " + applied.error().message);

  auto selection = std::make_unique<Selection>(
      Selection{.choice = CertificateChoice(first_is_default ? CertificateChoice::Mode::files
                                                             : CertificateChoice::Mode::kubernetes),
                .pairs = {}});
  for (const Secret& secret : secrets) {
    if (only_reserves(*secret.secret)) {
      selection->choice.reserve(
          {secret.secret->hostnames().begin(), secret.secret->hostnames().end()});
      continue;
    }
    auto pair = parse(secret.name, *secret.secret);
    if (!pair) return std::unexpected(pair.error());
    selection->choice.add(served_names(*secret.secret, *pair), secret.secret->is_default());
    impl->certificates.push_back({secret.name, not_after(pair->leaf.get())});
    selection->pairs.push_back(std::move(*pair));
  }
  SSL_CTX_set_tlsext_servername_callback(context, on_server_name);
  SSL_CTX_set_tlsext_servername_arg(context, selection.get());
  SSL_CTX_set_cert_cb(context, on_server_certificate, selection.get());
  SSL_CTX_set_alpn_select_cb(context, on_alpn, nullptr);
  SSL_CTX_set_ex_data(context, selection_index(), selection.release());

  if (settings.require_client_certificate())
    if (auto required = require_client_certificates(context, settings); !required)
      return std::unexpected(required.error());

  // Tickets only, one per handshake: a second one costs CPU and clients rarely use it. Their keys
  // live as long as this context, so new settings end all sessions made under the old ones.
  static constexpr unsigned char kSessionContext[] = "ropewalk";
  SSL_CTX_set_session_id_context(context, kSessionContext, sizeof kSessionContext - 1);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 1);
  SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  ERR_clear_error();
  return std::shared_ptr<const ServerTls>(new ServerTls(std::move(impl)));
}

ServerTls::ServerTls(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ServerTls::~ServerTls() = default;
SSL_CTX* ServerTls::context() const { return impl_->context.get(); }
const std::vector<CertificateInfo>& ServerTls::certificates() const { return impl_->certificates; }

}  // namespace ropewalk::net
