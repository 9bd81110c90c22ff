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

// Hashing may take half of the machine, no more.
std::size_t threads_of_machine() {
  return std::clamp<std::size_t>(std::thread::hardware_concurrency() / 2, 1, 4);
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

bool PasswordCheck::check(std::string hash, std::string password, std::string_view client_address,
                          std::function<void(bool)> done) {
  std::string client = network_of(client_address);
  const std::lock_guard lock(mutex_);
  if (jobs_.size() >= kMostWaiting) return false;
  std::size_t& of_client = of_clients_[client];
  if (of_client >= kMostOfOneClient) return false;
  ++of_client;
  jobs_.push_back({std::move(hash), std::move(password), std::move(client), std::move(done)});
  while (threads_.size() < threads_of_machine()) threads_.emplace_back([this] { work(); });
  wake_.notify_one();
  return true;
}

void PasswordCheck::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (stopping_) return;
    const Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    const bool right = matches(job.hash, job.password);
    const std::string digest = right ? digest_of(job.hash, job.password) : std::string();
    lock.lock();
    if (right) {
      if (known_.size() >= kMostKnown) known_.clear();
      known_.insert(digest);
    }
    if (const auto client = of_clients_.find(job.client); --client->second == 0)
      of_clients_.erase(client);
    lock.unlock();
    job.done(right);
    lock.lock();
  }
}

}  // namespace ropewalk::auth
