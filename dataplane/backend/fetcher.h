// The gateway's own calls (pipeline::FetchRequest): key sets, tokens, requests of scripts. One per
// worker, on its thread.
#pragma once

#include "dataplane/backend/call.h"
#include "dataplane/pipeline/services.h"

#include <cstdint>
#include <memory>
#include <unordered_map>

namespace ropewalk::backend {

class Fetcher {
 public:
  Fetcher(Environment& environment, Pool& pool);
  ~Fetcher();

  // See pipeline::Services::fetch.
  void fetch(pipeline::FetchRequest request, pipeline::FetchDone done);
  // Ends all calls; nobody hears of them.
  void stop();

 private:
  class Fetch;
  void over(std::uint64_t id, pipeline::FetchDone done, Result<pipeline::FetchAnswer> outcome);

  Environment& environment_;
  Pool& pool_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Fetch>> running_;
  std::uint64_t next_ = 0;
  bool stopped_ = false;
};

}  // namespace ropewalk::backend
