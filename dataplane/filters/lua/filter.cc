#include "dataplane/filters/lua/lua.h"
#include "dataplane/filters/lua/pool.h"

#include "common/json/value.h"
#include "ropewalk/config/v1/config.pb.h"

namespace ropewalk::lua {
namespace {

using pipeline::Flow;
using pipeline::Step;

// Framing and connections are the gateway's, whatever a script sets.
void drop_framing(http::Fields& fields) {
  fields.erase_if([](const http::Field& field) {
    return field.id == http::FieldId::content_length ||
           field.id == http::FieldId::transfer_encoding || field.id == http::FieldId::connection ||
           field.id == http::FieldId::upgrade;
  });
}

// What statusCode() reads: of a no-op answer its own, and that of a failure whose details are all
// there is.
unsigned shown_status(const pipeline::Response& response) {
  if (response.raw) return response.status;
  if (!response.data.is_object() || response.data.members().size() != 1) return 0;
  const json::Value::Member& only = response.data.members().front();
  const json::Value* status =
      only.key.starts_with("error_") ? only.value.find("http_status_code") : nullptr;
  return status ? static_cast<unsigned>(status->as_integer().value_or(0)) : 0;
}

struct Place {
  bool backend = false;  // lua-backend, not lua-proxy
  bool no_op = false;
  bool shows_errors = false;  // router.return_error_msg
  std::string host;           // that a call of this backend goes to, as long as there is only one
};

class LuaFilter final : public pipeline::Filter {
 public:
  LuaFilter(Program program, Place place)
      : pool_(std::make_shared<Pool>(std::move(program))), place_(std::move(place)) {}

  Step on_request(Flow& flow) const override {
    const Program& program = pool_->program();
    if (!program.skip_next && !program.has(Chunk::sources) && !program.has(Chunk::pre))
      return Step::next;
    Session* session = open(flow);
    if (!session) return Step::fail;
    return finish(flow, session->execute({Chunk::sources, Chunk::pre}),
                  [this](Flow& done) { return after_request(done); });
  }

  Step on_response(Flow& flow) const override {
    // Beside an error nothing runs.
    if (!flow.error.message.empty()) return Step::next;
    if (!pool_->program().has(Chunk::post)) {
      // A null answer has become an object once a script could have seen it.
      if (!flow.response.raw && flow.response.data.is_null())
        flow.response.data = json::Value::object();
      return Step::next;
    }
    if (!flow.note() && !open(flow)) return Step::fail;
    return run_post(flow, Step::next);
  }

  // A script that makes calls waits for them, and the head of an answer that is passed on at once
  // waits for nobody.
  bool needs_answer_body() const override {
    const Program& program = pool_->program();
    return program.mentions("body") ||
           (program.has(Chunk::post) && program.mentions_beside_pre("http_response"));
  }
  bool needs_request_body() const override { return pool_->program().mentions("body"); }

 private:
  Session* session_of(Flow& flow) const { return static_cast<Session*>(flow.note().get()); }

  Session* open(Flow& flow) const {
    auto session = Session::begin(pool_, flow.services());
    if (!session) {
      flow.error = std::move(session.error());
      return nullptr;
    }
    Run& run = (*session)->run;
    run.request = &flow.request;
    run.backend = place_.backend;
    run.host = place_.host;
    flow.note() = *session;
    return session->get();
  }

  // Goes on with `next` when the scripts are done, now or later.
  template <class Next>
  Step finish(Flow& flow, Vm::Outcome outcome, Next next) const {
    if (outcome == Vm::Outcome::done) return next(flow);
    if (outcome == Vm::Outcome::failed) return failed(flow);
    const pipeline::Waker waker = flow.suspend();
    session_of(flow)->wait(
        flow.services(), [waker] { return waker.flow() != nullptr; },
        [this, waker, next](Vm::Outcome later) {
          Flow* const waiting = waker.flow();
          if (!waiting) return;
          waker.resume(later == Vm::Outcome::done ? next(*waiting) : failed(*waiting));
        });
    return Step::wait;
  }

  Step failed(Flow& flow) const {
    Failure failure = session_of(flow)->failure();
    flow.error = Error{.kind = Kind::internal, .message = std::move(failure.message)};
    flow.error.status = failure.status;
    // A type says that the text is the client's: only where error texts are shown at all.
    if (place_.shows_errors) flow.error.content_type = std::move(failure.content_type);
    return Step::fail;
  }

  Step after_request(Flow& flow) const {
    drop_framing(flow.request.headers);
    if (!pool_->program().skip_next) return Step::next;
    flow.response.status = 0;
    flow.response.complete = false;
    flow.response.raw = place_.no_op;
    flow.response.body.clear();
    flow.response.headers.clear();
    if (!place_.no_op) flow.response.data = json::Value::object();
    return pool_->program().has(Chunk::post) ? run_post(flow, Step::done) : done(flow);
  }

  Step done(Flow& flow) const {
    if (flow.response.raw && flow.response.status == 0) flow.response.status = 200;
    return Step::done;
  }

  Step run_post(Flow& flow, Step end) const {
    Session& session = *session_of(flow);
    Run& run = session.run;
    pipeline::Response& response = flow.response;
    run.response = &response;
    // What a backend's JSON answer came with is gone by now.
    if (place_.backend && !response.raw) response.headers.clear();
    run.answer_headers = &response.headers;
    run.answer_status = shown_status(response);
    if (!response.raw) run.data = Item(std::move(response.data));
    return finish(flow, session.execute(chunks_of_post(flow)),
                  [this, end](Flow& ended) { return after_post(ended, end); });
  }

  // Sources run once, before whatever comes first.
  std::vector<Chunk> chunks_of_post(Flow& flow) const {
    if (session_of(flow)->started()) return {Chunk::post};
    return {Chunk::sources, Chunk::post};
  }

  Step after_post(Flow& flow, Step end) const {
    Run& run = session_of(flow)->run;
    pipeline::Response& response = flow.response;
    if (run.not_finite) {
      flow.error = Error{.kind = Kind::internal, .message = "json: unsupported value"};
      return Step::fail;
    }
    if (response.raw) {
      response.status = run.answer_status;
    } else {
      auto data = run.heap.close(run.data);
      if (!data) {
        flow.error = std::move(data.error());
        return Step::fail;
      }
      response.data = std::move(*data);
      // An answer without data shows no fields.
      if (response.data.is_object() && response.data.members().empty()) response.headers.clear();
    }
    drop_framing(response.headers);
    flow.note().reset();
    return end == Step::done ? done(flow) : end;
  }

  std::shared_ptr<Pool> pool_;
  Place place_;
};

}  // namespace

Result<std::shared_ptr<const pipeline::Filter>> make_filter(const pipeline::Site& site) {
  auto program = Program::parse(site.text);
  if (!program) return std::unexpected(program.error());
  if (!program->skip_next && !program->has(Chunk::sources) && !program->has(Chunk::pre) &&
      !program->has(Chunk::post))
    return nullptr;
  if (const auto vm = Vm::make(*program); !vm) return std::unexpected(vm.error());
  Place place;
  place.backend = site.level == config::Level::backend;
  place.host = program->host;
  place.shows_errors = site.service && site.service->router().return_error_msg();
  if (place.backend && site.backend)
    place.no_op = site.backend->encoding() == config::v1::ENCODING_NO_OP;
  else if (site.endpoint)
    place.no_op = site.endpoint->output_encoding() == config::v1::ENCODING_NO_OP;
  return std::make_shared<const LuaFilter>(std::move(*program), std::move(place));
}

}  // namespace ropewalk::lua
