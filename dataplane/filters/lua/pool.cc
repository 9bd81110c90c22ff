#include "dataplane/filters/lua/pool.h"

#include "common/strings.h"
#include "dataplane/filters/lua/url.h"

#include <algorithm>
#include <utility>

namespace ropewalk::lua {
namespace {

constexpr int kMostRedirects = 10;
constexpr std::size_t kMostBody = std::size_t{8} << 20;

const std::string* find(const std::vector<std::pair<std::string, std::string>>& fields,
                        std::string_view name) {
  for (const auto& [key, value] : fields)
    if (iequals(key, name)) return &value;
  return nullptr;
}

// The call that a redirect asks for, by Go's rules; credentials stay with their host.
bool follow(pipeline::FetchRequest& request, const pipeline::FetchAnswer& answer) {
  const std::string* location = find(answer.headers, "Location");
  const unsigned status = answer.status;
  const bool same_method = status == 307 || status == 308;
  if (!location || (!same_method && status != 301 && status != 302 && status != 303)) return false;
  const auto target = resolve_url(request.url, *location);
  if (!target) return false;
  const std::string_view from = origin_of(request.url);
  const std::string_view to = origin_of(*target);
  const bool downgrade = request.url.starts_with("https:") && !target->starts_with("https:");
  std::erase_if(request.headers, [&](const auto& field) {
    if (iequals(field.first, "Referer")) return true;
    if (from == to && !downgrade) return false;
    return iequals(field.first, "Authorization") || iequals(field.first, "Cookie") ||
           iequals(field.first, "Proxy-Authorization");
  });
  if (!downgrade) request.headers.emplace_back("Referer", request.url);
  if (!same_method) {
    if (request.method != "GET" && request.method != "HEAD") request.method = "GET";
    request.body.clear();
    std::erase_if(request.headers,
                  [](const auto& field) { return iequals(field.first, "Content-Type"); });
  }
  request.url = *target;
  return true;
}

}  // namespace

Result<std::unique_ptr<Vm>> Pool::take(std::size_t worker) {
  if (worker < kWorkers && !idle_[worker].empty()) {
    std::unique_ptr<Vm> out = std::move(idle_[worker].back());
    idle_[worker].pop_back();
    return out;
  }
  return Vm::make(program_);
}

void Pool::give(std::size_t worker, std::unique_ptr<Vm> vm) {
  if (worker < kWorkers && vm->healthy() && idle_[worker].size() < kIdle)
    idle_[worker].push_back(std::move(vm));
}

Result<std::shared_ptr<Session>> Session::begin(std::shared_ptr<Pool> pool,
                                                pipeline::Services& services) {
  auto vm = pool->take(services.worker);
  if (!vm) return std::unexpected(vm.error());
  return std::shared_ptr<Session>(new Session(std::move(pool), services.worker, std::move(*vm)));
}

Session::~Session() {
  vm_->end();
  pool_->give(worker_, std::move(vm_));
}

Vm::Outcome Session::execute(std::vector<Chunk> chunks) {
  chunks_ = std::move(chunks);
  std::erase_if(chunks_, [&](Chunk chunk) { return !pool_->program().has(chunk); });
  next_ = 0;
  return go_on(Vm::Outcome::done);
}

Vm::Outcome Session::go_on(Vm::Outcome outcome) {
  while (outcome == Vm::Outcome::done && next_ < chunks_.size()) {
    outcome = vm_->start(chunks_[next_], run);
    ++next_;
    started_ = true;
  }
  return outcome;
}

Failure Session::failure() const {
  return judge(vm_->error(), pool_->program(), chunks_[next_ - 1]);
}

void Session::wait(pipeline::Services& services, std::function<bool()> wanted,
                   std::function<void(Vm::Outcome)> done) {
  wanted_ = std::move(wanted);
  done_ = std::move(done);
  pipeline::FetchRequest request = std::move(*run.fetch);
  request.max_body = kMostBody;
  call(services, std::move(request), 0);
}

void Session::call(pipeline::Services& services, pipeline::FetchRequest request, int redirects) {
  pipeline::FetchRequest sent = request;
  services.fetch(std::move(sent),
                 [self = shared_from_this(), &services, request = std::move(request),
                  redirects](Result<pipeline::FetchAnswer> answer) {
                   if (self->wanted_())
                     self->answered(services, request, std::move(answer), redirects);
                 });
}

void Session::answered(pipeline::Services& services, const pipeline::FetchRequest& request,
                       Result<pipeline::FetchAnswer> answer, int redirects) {
  if (answer) {
    pipeline::FetchRequest next = request;
    if (follow(next, *answer)) {
      if (redirects < kMostRedirects) {
        call(services, std::move(next), redirects + 1);
        return;
      }
      answer = fail(Kind::protocol, "stopped after 10 redirects");
    }
  }
  const Vm::Outcome outcome = go_on(answer ? vm_->resume_with(run.handle(std::move(*answer)))
                                           : vm_->resume_with(answer.error().message));
  if (outcome == Vm::Outcome::waiting)
    wait(services, std::move(wanted_), std::move(done_));
  else
    std::exchange(done_, nullptr)(outcome);
}

}  // namespace ropewalk::lua
