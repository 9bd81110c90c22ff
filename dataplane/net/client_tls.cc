#include "dataplane/net/client_tls.h"

#include "common/strings.h"
#include "dataplane/net/session_cache.h"
#include "dataplane/net/tls_material.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <map>
#include <mutex>

namespace ropewalk::net {
namespace {

// What the callbacks need. Owned by the SSL_CTX, because handshakes may outlive the ClientTls.
struct State {
  std::vector<KeyPair> pairs;
  std::vector<std::string> pins;  // SHA-256 of public keys
  bool verified = true;           // chain and name
  SessionCache sessions;
};

int state_index() {
  static const int index = SSL_CTX_get_ex_new_index(
      0, nullptr, nullptr, nullptr, [](void*, void* object, CRYPTO_EX_DATA*, int, long, void*) {
        delete static_cast<State*>(object);
      });
  return index;
}

State& state_of(const SSL* ssl) {
  return *static_cast<State*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), state_index()));
}

// What the certificate that failed to verify says; kept with the SSL for explain().
struct Refused {
  std::string names;
  std::string expires;
};

int refused_index() {
  static const int index = SSL_get_ex_new_index(
      0, nullptr, nullptr, nullptr, [](void*, void* object, CRYPTO_EX_DATA*, int, long, void*) {
        delete static_cast<Refused*>(object);
      });
  return index;
}

std::string date(std::int64_t seconds) {
  const std::time_t time = seconds;
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[16];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d", &parts)};
}

// Names come from the peer: anything that is no host name character is replaced.
std::string printable(std::string text) {
  for (char& c : text)
    if (c <= ' ' || c >= 0x7f || c == '"') c = '?';
  if (text.size() > 100) text = text.substr(0, 100) + "...";
  return text;
}

int on_verify(int ok, X509_STORE_CTX* verification) {
  if (ok) return ok;
  auto* ssl = static_cast<SSL*>(
      X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const X509* leaf = X509_STORE_CTX_get0_cert(verification);
  const X509* at_fault = X509_STORE_CTX_get_current_cert(verification);
  if (!leaf || SSL_get_ex_data(ssl, refused_index())) return ok;
  auto refused = std::make_unique<Refused>();
  std::size_t shown = 0;
  for (const std::string& name : dns_names(leaf)) {
    if (++shown > 5) break;
    if (!refused->names.empty()) refused->names += ", ";
    refused->names += printable(name);
  }
  refused->expires = date(not_after(at_fault ? at_fault : leaf));
  SSL_set_ex_data(ssl, refused_index(), refused.release());
  return ok;
}

bool issued_by_one_of(const KeyPair& pair, const STACK_OF(X509_NAME) * authorities) {
  const auto matches = [&](const X509* certificate) {
    for (int i = 0; i < sk_X509_NAME_num(authorities); ++i)
      if (X509_NAME_cmp(X509_get_issuer_name(certificate), sk_X509_NAME_value(authorities, i)) == 0)
        return true;
    return false;
  };
  if (matches(pair.leaf.get())) return true;
  for (int i = 0; i < sk_X509_num(pair.chain.get()); ++i)
    if (matches(sk_X509_value(pair.chain.get(), i))) return true;
  return false;
}

// Runs when the backend asks for a certificate: the first one that fits the authorities it names,
// the first of all when it names none, as in Go.
int on_client_certificate(SSL* ssl, void*) {
  const auto* authorities = SSL_get0_peer_CA_list(ssl);
  for (const KeyPair& pair : state_of(ssl).pairs) {
    if (sk_X509_NAME_num(authorities) > 0 && !issued_by_one_of(pair, authorities)) continue;
    return use_key_pair(ssl, pair) ? 1 : 0;
  }
  SSL_certs_clear(ssl);
  return 1;
}

int on_new_session(SSL* ssl, SSL_SESSION* session) {
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  // A copy: OpenSSL spoils the session of a connection that is freed without close_notify.
  if (name) state_of(ssl).sessions.put(name, OpensslPtr<SSL_SESSION>(SSL_SESSION_dup(session)));
  constexpr int kNotKept = 0;
  return kNotKept;
}

bool pinned(const X509* certificate, const std::vector<std::string>& pins) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  unsigned char* der = nullptr;
  const int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  if (length <= 0) return false;
  SHA256(der, static_cast<std::size_t>(length), digest);
  OPENSSL_free(der);
  const std::string_view found(reinterpret_cast<const char*>(digest), sizeof digest);
  return std::ranges::find(pins, found) != pins.end();
}

// In place of OpenSSL's own check where keys are pinned: that check, unless it is switched off, and
// one of the certificates must have a pinned key. What the peer merely shows proves nothing: only
// the chain that was verified counts, and without verification the peer's own certificate.
int check_pins(X509_STORE_CTX* verification, void*) {
  auto* ssl = static_cast<SSL*>(
      X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const State& state = state_of(ssl);
  if (state.verified && X509_verify_cert(verification) != 1) return 0;
  if (state.verified) {
    const STACK_OF(X509)* chain = X509_STORE_CTX_get0_chain(verification);
    for (int i = 0; i < sk_X509_num(chain); ++i)
      if (pinned(sk_X509_value(chain, i), state.pins)) return 1;
  } else if (pinned(X509_STORE_CTX_get0_cert(verification), state.pins)) {
    return 1;
  }
  X509_STORE_CTX_set_error(verification, X509_V_ERR_CERT_UNTRUSTED);
  return 0;
}

bool is_address(const std::string& host) {
  unsigned char bytes[16];
  return inet_pton(AF_INET, host.c_str(), bytes) == 1 ||
         inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

// "[::1]" and "host." as certificates write them.
std::string bare(std::string host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  if (host.ends_with('.')) host.pop_back();
  return host;
}

constexpr std::string_view kTrustHint =
    "; give its CA by client_tls.ca_certs (annotation ca-secret), or for development set "
    "client_tls.allow_insecure_connections (annotation allow-insecure-connections)";
constexpr std::string_view kNameHint =
    "; name the host as in the certificate (annotation tls-server-name), or for development set "
    "client_tls.allow_insecure_connections (annotation allow-insecure-connections)";
constexpr std::string_view kRenewHint =
    "; renew it, or for development set client_tls.allow_insecure_connections (annotation "
    "allow-insecure-connections)";

std::string explain_certificate(long code, const std::string& name, const Refused* refused) {
  const std::string reason = X509_verify_cert_error_string(code);
  const std::string of = "certificate of " + name;
  switch (code) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH: {
      const std::string names = refused ? refused->names : "";
      return of + " is for another name" +
             (names.empty() ? " (it has no DNS name in its subjectAltName)" : " (" + names + ")") +
             std::string(kNameHint);
    }
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return of + " has expired" + (refused ? " on " + refused->expires : "") +
             std::string(kRenewHint);
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return of + " is not valid yet" + std::string(kRenewHint);
    default:
      return of + " is not trusted: " + reason + std::string(kTrustHint);
  }
}

std::string explain_handshake(const std::string& name, const std::string& reason) {
  std::string out = "TLS handshake with " + name + " failed: " + reason;
  if (reason.contains("wrong version number") || reason.contains("http request"))
    out += "; the port does not speak TLS";
  else if (reason.contains("certificate required") || reason.contains("bad certificate"))
    out +=
        "; the backend asks for a client certificate: client_tls.client_certs (annotation "
        "client-cert-secret)";
  else if (reason.contains("protocol version") || reason.contains("unsupported protocol") ||
           reason.contains("no protocols available"))
    out += "; the TLS versions do not meet: client_tls.min_version, client_tls.max_version";
  return out;
}

}  // namespace

struct ClientTls::Impl {
  OpensslPtr<SSL_CTX> context;
  std::string server_name;
  std::string identity;
};

Result<std::shared_ptr<const ClientTls>> ClientTls::build(const config::v1::BackendTls* settings) {
  return build(settings, {});
}

Result<std::shared_ptr<const ClientTls>> ClientTls::build(const config::v1::BackendTls* settings,
                                                          const std::vector<std::string>& pins) {
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<const ClientTls>> known;
  static std::size_t enough = 0;

  auto impl = std::make_unique<Impl>();
  impl->identity = settings ? sha256_hex(settings->SerializeAsString()) : "default";
  for (const std::string& pin : pins) impl->identity += "/" + sha256_hex(pin);
  const std::lock_guard lock(mutex);
  // Not each time: a configuration asks for as many as there are.
  if (known.size() >= enough) {
    std::erase_if(known, [](const auto& entry) { return entry.second.expired(); });
    enough = 2 * known.size() + 16;
  }
  if (const auto found = known.find(impl->identity); found != known.end())
    if (auto shared = found->second.lock()) return shared;

  impl->context.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* context = impl->context.get();
  if (!context) return fail(Kind::internal, "OpenSSL cannot make a TLS context");
  const auto wrong = [](const char* key, const Error& error) {
    return fail(Kind::config, std::string(key) + ": " + error.message);
  };

  static const config::v1::BackendTls kDefaults;
  const config::v1::BackendTls& given = settings ? *settings : kDefaults;
  impl->server_name = given.server_name();
  ProtocolSettings protocol{
      settings ? given.min_version() : TLS1_2_VERSION, given.max_version(), {}, {}};
  protocol.cipher_suites.assign(given.cipher_suites().begin(), given.cipher_suites().end());
  protocol.curves.assign(given.curves().begin(), given.curves().end());
  if (auto applied = apply_protocol(context, std::move(protocol)); !applied)
    return wrong("client_tls", applied.error());

  auto state = std::make_unique<State>();
  for (const auto& certificate : given.client_certificates()) {
    auto pair = parse_key_pair(certificate.certificate_pem(), certificate.private_key_pem());
    if (!pair) return wrong("client_tls.client_certs", pair.error());
    state->pairs.push_back(std::move(*pair));
  }
  if (!state->pairs.empty()) SSL_CTX_set_cert_cb(context, on_client_certificate, nullptr);
  state->pins = pins;
  state->verified = !given.allow_insecure_connections();
  SSL_CTX_set_ex_data(context, state_index(), state.release());

  if (given.allow_insecure_connections()) {
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
  } else {
    if (auto trusted = trust(context, given.ca_pem(), given.disable_system_ca_pool()); !trusted)
      return wrong("client_tls.ca_certs", trusted.error());
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, on_verify);
  }
  if (!pins.empty()) {
    SSL_CTX_set_cert_verify_callback(context, check_pins, nullptr);
    if (given.allow_insecure_connections()) SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  }
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
  SSL_CTX_sess_set_new_cb(context, on_new_session);
  ERR_clear_error();

  std::shared_ptr<const ClientTls> made(new ClientTls(std::move(impl)));
  known[made->identity()] = made;
  return made;
}

ClientTls::ClientTls(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ClientTls::~ClientTls() = default;
SSL_CTX* ClientTls::context() const { return impl_->context.get(); }
const std::string& ClientTls::identity() const { return impl_->identity; }

void ClientTls::prepare(SSL* ssl, const std::string& host) const {
  const std::string name = bare(impl_->server_name.empty() ? host : impl_->server_name);
  X509_VERIFY_PARAM* parameters = SSL_get0_param(ssl);
  if (is_address(name)) {
    X509_VERIFY_PARAM_set1_ip_asc(parameters, name.c_str());
    return;
  }
  // Names in the subject do not count and "f*.example.com" is no wildcard: RFC 9525 6.3 and Go.
  X509_VERIFY_PARAM_set_hostflags(
      parameters, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  X509_VERIFY_PARAM_set1_host(parameters, name.c_str(), name.size());
  SSL_set_tlsext_host_name(ssl, name.c_str());
  if (const auto session = state_of(ssl).sessions.take(name)) SSL_set_session(ssl, session.get());
}

std::string ClientTls::explain(SSL* ssl, const std::string& host,
                               const std::string& fallback) const {
  const std::string name = impl_->server_name.empty() ? host : impl_->server_name;
  const long code = SSL_get_verify_result(ssl);
  if (code == X509_V_OK || SSL_get_verify_mode(ssl) == SSL_VERIFY_NONE)
    return explain_handshake(name, fallback);
  return explain_certificate(code, name,
                             static_cast<const Refused*>(SSL_get_ex_data(ssl, refused_index())));
}

}  // namespace ropewalk::net
