#include "dataplane/filters/auth/password_check.h"

#include <arpa/inet.h>
#include <crypt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <memory>

namespace ropewalk::auth {
namespace {

bool matches(const std::string& hash, const std::string& password) {
  const auto scratch = std::make_unique<crypt_data>();
  const char* computed = crypt_r(password.c_str(), hash.c_str(), scratch.get());
  return computed && hash.size() == std::string_view(computed).size() &&
         CRYPTO_memcmp(computed, hash.data(), hash.size()) == 0;
}

// Hashing may take half of what serves requests, no more.
std::size_t threads_beside(std::size_t workers) {
  return std::clamp<std::size_t>(workers / 2, 1, 4);
}

std::string network_of(std::string_view address) {
  in6_addr parsed{};
  const std::string text(address);
  if (::inet_pton(AF_INET6, text.c_str(), &parsed) != 1) return text;
  return {reinterpret_cast<const char*>(parsed.s6_addr), 8};
}

}  // namespace

PasswordCheck::PasswordCheck() : secret_(32, '\0') {
  RAND_bytes(reinterpret_cast<unsigned char*>(secret_.data()), static_cast<int>(secret_.size()));
}

PasswordCheck::~PasswordCheck() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

std::string PasswordCheck::digest_of(const std::string& hash, std::string_view password) const {
  const std::string text = hash + std::string(1, '\0') + std::string(password);
  unsigned char out[EVP_MAX_MD_SIZE];
  std::size_t length = 0;
  if (!EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, secret_.data(), secret_.size(),
                 reinterpret_cast<const unsigned char*>(text.data()), text.size(), out, sizeof out,
                 &length))
    return {};
  return {reinterpret_cast<const char*>(out), length};
}

bool PasswordCheck::known(const std::string& hash, std::string_view password) {
  const std::string digest = digest_of(hash, password);
  const std::lock_guard lock(mutex_);
  return known_.contains(digest);
}

bool PasswordCheck::check(std::string hash, std::string password, const Asker& asker,
                          std::function<void(bool)> done) {
  std::string digest = digest_of(hash, password);
  std::string client = network_of(asker.client_address);
  const std::lock_guard lock(mutex_);
  if (const auto same = jobs_.find(digest); same != jobs_.end()) {
    same->second.done.push_back(std::move(done));
    return true;
  }
  if (queue_.size() >= kMostWaiting) return false;
  std::size_t& of_client = of_clients_[client];
  if (of_client >= kMostOfOneClient && queue_.size() >= kMostWaiting / 2) return false;
  ++of_client;
  queue_.push_back(digest);
  Job& job = jobs_[std::move(digest)];
  job = {std::move(hash), std::move(password), std::move(client), {}};
  job.done.push_back(std::move(done));
  while (threads_.size() < threads_beside(asker.workers)) threads_.emplace_back([this] { work(); });
  wake_.notify_one();
  return true;
}

void PasswordCheck::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    const std::string digest = std::move(queue_.front());
    queue_.pop_front();
    const std::string hash = jobs_.at(digest).hash;
    const std::string password = jobs_.at(digest).password;
    lock.unlock();
    const bool right = matches(hash, password);
    lock.lock();
    const auto job = jobs_.extract(digest);
    if (right) {
      if (known_.size() >= kMostKnown) known_.clear();
      known_.insert(digest);
    }
    if (const auto client = of_clients_.find(job.mapped().client); --client->second == 0)
      of_clients_.erase(client);
    lock.unlock();
    for (const auto& done : job.mapped().done) done(right);
    lock.lock();
  }
}

}  // namespace ropewalk::auth
