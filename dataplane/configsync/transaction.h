// Parts of Deltas put together to transactions. Sync thread only.
#pragma once

#include "common/error.h"
#include "ropewalk/sync/v1/sync.pb.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ropewalk::configsync {

struct Transaction {
  std::uint64_t revision = 0;
  sync::v1::Lane lane = sync::v1::LANE_REST;
  std::vector<std::shared_ptr<const config::v1::Resource>> upserts;
  std::vector<std::string> removals;
  bool complete = false;
};

// One per stream. An error means that the controller broke the protocol: end the stream.
class Assembler {
 public:
  // The transaction, when `delta` was the last part of it.
  Result<std::optional<Transaction>> on_delta(sync::v1::Delta delta);

 private:
  struct Partial {
    Transaction transaction;
    std::uint32_t next_part = 0;
  };
  std::array<std::optional<Partial>, 2> partials_;  // by lane
  std::uint64_t last_revision_ = 0;
};

}  // namespace ropewalk::configsync
