#include "dataplane/filters/lua/lua.h"
#include "dataplane/filters/lua/pool.h"

#include "ropewalk/config/v1/config.pb.h"

#include <algorithm>

namespace ropewalk::lua {
namespace {

using pipeline::Passage;
using pipeline::Step;

// "/a/{id}/b-:key" -> id, key
std::vector<std::string> names_in(std::string_view path) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < path.size(); ++at) {
    if (path[at] != '{' && path[at] != ':') continue;
    const std::size_t end = std::min(path.find_first_of("}/", at), path.size());
    std::string_view name = path.substr(at + 1, end - at - 1);
    if (path[at] == ':') name = name.substr(0, name.find_first_of("/"));
    if (!name.empty()) out.emplace_back(name);
    at = end;
  }
  return out;
}

class LuaGate final : public pipeline::Gate {
 public:
  LuaGate(Program program, bool service, std::vector<std::string> parameters)
      : pool_(std::make_shared<Pool>(std::move(program))),
        service_(service),
        parameters_(std::move(parameters)) {}

  bool needs_body() const override { return pool_->program().mentions("body"); }

  Step run(Passage& passage) const override {
    auto begun = Session::begin(pool_, passage.services());
    if (!begun) {
      passage.answer(500, "", "");
      return Step::done;
    }
    const std::shared_ptr<Session> session = std::move(*begun);
    session->run.passage = &passage;
    session->run.parameter_names = parameters_;
    const Vm::Outcome outcome = session->execute({Chunk::sources, Chunk::pre});
    if (outcome != Vm::Outcome::waiting) return finish(passage, *session, outcome);
    const pipeline::PassageWaker waker = passage.suspend();
    session->wait(
        passage.services(), [waker] { return waker.passage() != nullptr; },
        [this, waker, session = session.get()](Vm::Outcome later) {
          Passage* const waiting = waker.passage();
          if (waiting) waker.resume(finish(*waiting, *session, later));
        });
    return Step::wait;
  }

 private:
  // The text is for the log: clients get the status.
  Step finish(Passage& passage, Session& session, Vm::Outcome outcome) const {
    if (outcome == Vm::Outcome::done) return Step::next;
    const Failure failure = session.failure();
    if (service_ || failure.status == 0)
      passage.answer(500, "", "");
    else
      passage.answer(failure.status, failure.content_type, "");
    return Step::done;
  }

  std::shared_ptr<Pool> pool_;
  bool service_;
  std::vector<std::string> parameters_;
};

}  // namespace

Result<std::shared_ptr<const pipeline::Gate>> make_gate(const pipeline::Site& site) {
  auto program = Program::parse(site.text);
  if (!program) return std::unexpected(program.error());
  if (!program->has(Chunk::sources) && !program->has(Chunk::pre)) return nullptr;
  if (const auto vm = Vm::make(*program); !vm) return std::unexpected(vm.error());
  const bool service = site.level == config::Level::service;
  std::vector<std::string> parameters;
  if (site.endpoint) parameters = names_in(site.endpoint->path());
  return std::make_shared<const LuaGate>(std::move(*program), service, std::move(parameters));
}

}  // namespace ropewalk::lua
