#include "dataplane/proxy/shadow.h"

#include <memory>
#include <string>
#include <vector>

namespace ropewalk::proxy {
namespace {

// The client's request, when the client may be gone.
class FrozenPassage final : public pipeline::Passage {
 public:
  FrozenPassage(const pipeline::Passage& from, pipeline::Services& services) : services_(services) {
    const auto kept = [this](std::string_view text) { return arena.keep(std::string(text)); };
    head_ = *from.head;
    head_.method = kept(from.head->method);
    head_.target = kept(from.head->target);
    head_.path = kept(from.head->path);
    head_.query = kept(from.head->query);
    head_.host = kept(from.head->host);
    head_.fields.clear();
    for (const http::Field& field : from.head->fields)
      head_.fields.add(kept(field.name), kept(field.value), field.id);
    head = &head_;
    client_address = kept(from.client_address);
    peer_address = kept(from.peer_address);
    request_id = kept(from.request_id);
    tls = from.tls;
    endpoint = kept(from.endpoint);
    for (const pipeline::Param& param : from.params)
      params.push_back({kept(param.name), kept(param.value)});
    body = kept(from.body);
    claims = from.claims;
  }
  pipeline::Services& services() override { return services_; }
  void answer(unsigned, std::string_view, std::string_view) override {}
  void refuse(unsigned, std::string_view) override {}

 private:
  void resumed(pipeline::Step) override {}
  pipeline::Services& services_;
  http::RequestHead head_;
};

class ShadowRun final : public Background, public LegOwner {
 public:
  ShadowRun(WorkerContext& worker, Serving& serving, const compile::EndpointPlan& endpoint,
            std::size_t index, backend::Targets& targets, const pipeline::Request& from,
            const pipeline::Passage& passage, std::span<const std::string_view> values)
      : worker_(worker),
        serving_(&serving),
        passage_(passage, worker.services),
        leg_(worker, *this, index),
        timer_([](void* self) { static_cast<ShadowRun*>(self)->on_timer(); }, this) {
    const auto kept = [this](std::string_view text) {
      return request_.arena.keep(std::string(text));
    };
    request_.method = kept(from.method);
    request_.path = kept(from.path);
    for (const pipeline::Param& param : from.params)
      request_.params.push_back({kept(param.name), kept(param.value)});
    for (const http::Field& field : from.headers)
      request_.headers.add(kept(field.name), kept(field.value), field.id);
    request_.query = from.query;
    request_.body = kept(from.body);
    request_.has_body = from.has_body;
    for (const std::string_view value : values)
      values_.push_back(value.data() ? kept(value) : std::string_view());

    const compile::BackendPlan& plan = endpoint.shadows[index];
    job_.plan = &plan;
    job_.graph = &serving.graph();
    job_.serving = &serving;
    job_.targets = &targets;
    job_.from = &request_;
    job_.values = values_;
    if (request_.has_body && endpoint.sends_body_to_all)
      job_.body = {backend::RequestBody::whole, 0};
    job_.now = runtime::Clock::now();
    job_.deadline = job_.now + plan.shadow_timeout;
  }
  ~ShadowRun() override {
    leg_.cancel({Kind::cancelled, Origin::gateway, Retry::no, "the worker ends", 0, {}});
  }

  void begin(std::uint64_t id) {
    id_ = id;
    worker_.backends.wheel.arm(timer_, job_.deadline);
    leg_.start(job_);
  }

 private:
  void on_leg_done(Leg&) override { over(); }
  const pipeline::Passage& leg_passage() const override { return passage_; }
  void on_timer() {
    leg_.cancel({Kind::timeout, Origin::backend, Retry::no, "context deadline exceeded", 0, {}});
    over();
  }
  // The leg that calls is still on the stack.
  void over() {
    timer_.cancel();
    worker_.services.post([&worker = worker_, id = id_] { worker.background.erase(id); });
  }

  WorkerContext& worker_;
  ServingRef serving_;
  FrozenPassage passage_;
  pipeline::Request request_;
  std::vector<std::string_view> values_;
  Leg::Job job_;
  Leg leg_;
  runtime::Timer timer_;
  std::uint64_t id_ = 0;
};

}  // namespace

void start_shadow(WorkerContext& worker, Serving& serving, const compile::EndpointPlan& plan,
                  std::size_t index, backend::Targets& targets, const pipeline::Request& request,
                  const pipeline::Passage& passage, std::span<const std::string_view> values) {
  const std::uint64_t id = worker.next_background++;
  auto run =
      std::make_unique<ShadowRun>(worker, serving, plan, index, targets, request, passage, values);
  ShadowRun& started = *run;
  worker.background.emplace(id, std::move(run));
  started.begin(id);
}

}  // namespace ropewalk::proxy
