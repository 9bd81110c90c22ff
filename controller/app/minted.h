// The stream's certificates as the Kubernetes side makes them, for the push server that asks at
// every handshake. Owned by main; any thread.
#pragma once

#include "common/stream_tls.h"

#include <mutex>
#include <optional>
#include <utility>

namespace ropewalk::controller {

class MintedCertificates {
 public:
  void put(TlsPem pem) {
    const std::scoped_lock lock(mutex_);
    pem_ = std::move(pem);
  }

  bool ready() const {
    const std::scoped_lock lock(mutex_);
    return pem_.has_value();
  }

  // Lives no longer than this object.
  TlsSource source() const {
    return [this]() -> Result<TlsPem> {
      const std::scoped_lock lock(mutex_);
      if (!pem_) return fail(Kind::unavailable, "the stream's certificates are not made yet");
      return *pem_;
    };
  }

 private:
  mutable std::mutex mutex_;
  std::optional<TlsPem> pem_;
};

}  // namespace ropewalk::controller
