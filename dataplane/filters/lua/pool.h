// The states of one script, per worker, so that a request does not pay for making one; and the
// session of a request that borrows one. Taking and giving back: on the worker only.
#pragma once

#include "dataplane/filters/lua/run.h"
#include "dataplane/filters/lua/vm.h"
#include "dataplane/pipeline/services.h"

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace ropewalk::lua {

class Pool {
 public:
  explicit Pool(Program program) : program_(std::move(program)) {}
  const Program& program() const { return program_; }

  // Errors (internal): no memory.
  Result<std::unique_ptr<Vm>> take(std::size_t worker);
  void give(std::size_t worker, std::unique_ptr<Vm> vm);

 private:
  static constexpr std::size_t kWorkers = 256;  // those beyond make a state for each request
  static constexpr std::size_t kIdle = 64;

  const Program program_;
  std::array<std::vector<std::unique_ptr<Vm>>, kWorkers> idle_;
};

// The scripts of one request: sources, pre and post in one state. Calls that scripts make are
// carried out between the steps.
class Session : public std::enable_shared_from_this<Session> {
 public:
  static Result<std::shared_ptr<Session>> begin(std::shared_ptr<Pool> pool,
                                                pipeline::Services& services);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Run run;

  // Runs `chunks` one after another.
  Vm::Outcome execute(std::vector<Chunk> chunks);
  // After `waiting`: carries out the call and goes on; `done` is called with done or failed, later
  // and only while `wanted()`.
  void wait(pipeline::Services& services, std::function<bool()> wanted,
            std::function<void(Vm::Outcome)> done);
  bool started() const { return started_; }  // any chunk has run
  // After `failed`.
  Failure failure() const;

 private:
  Session(std::shared_ptr<Pool> pool, std::size_t worker, std::unique_ptr<Vm> vm)
      : run(pool->program().limits.memory),
        pool_(std::move(pool)),
        worker_(worker),
        vm_(std::move(vm)) {}
  Vm::Outcome go_on(Vm::Outcome outcome);
  void call(pipeline::Services& services, pipeline::FetchRequest request, int redirects);
  void answered(pipeline::Services& services, const pipeline::FetchRequest& request,
                Result<pipeline::FetchAnswer> answer, int redirects);

  std::shared_ptr<Pool> pool_;
  std::size_t worker_;
  std::unique_ptr<Vm> vm_;
  std::vector<Chunk> chunks_;
  std::size_t next_ = 0;
  bool started_ = false;
  std::function<bool()> wanted_;
  std::function<void(Vm::Outcome)> done_;
};

}  // namespace ropewalk::lua
