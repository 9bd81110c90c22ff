#include "dataplane/configsync/client.h"

#include "common/log.h"
#include "dataplane/configsync/client_session.h"
#include "dataplane/configsync/client_stream.h"
#include "dataplane/configsync/state_file.h"
#include "dataplane/configsync/sync_loop.h"

#include <sys/stat.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <random>
#include <thread>

namespace ropewalk::configsync {
namespace {

using Clock = SyncLoop::Clock;

ClientSession::Options session_options(const SyncOptions& options, Applier& applier) {
  ClientSession::Options out;
  out.node.set_id(options.node_id);
  out.node.set_gateway(options.gateway);
  out.node.set_build(options.build);
  out.node.set_schema_version(kSchemaVersion);
  for (const std::string& name : options.extra_config_namespaces)
    out.node.add_extra_config_namespaces(name);
  out.check = [&applier](const config::v1::Resource& resource) { return applier.check(resource); };
  out.random = [engine = std::mt19937_64(std::random_device{}())]() mutable {
    return std::uniform_real_distribution<double>()(engine);
  };
  out.first_retry = options.first_retry;
  out.longest_retry = options.longest_retry;
  out.patience = options.patience;
  return out;
}

bool is_directory(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool has_port(const std::string& target) {
  const auto colon = target.rfind(':');
  return colon != std::string::npos && colon != 0 && colon + 1 < target.size() &&
         std::all_of(target.begin() + static_cast<std::ptrdiff_t>(colon) + 1, target.end(),
                     [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

class SyncClient::Impl {
 public:
  Impl(SyncOptions options, Applier& applier)
      : options_(std::move(options)),
        applier_(applier),
        session_(session_options(options_, applier)),
        loop_(std::make_shared<SyncLoop>()) {
    if (!options_.state_dir.empty()) state_file_.emplace(options_.state_dir, options_.gateway);
  }

  Result<void> start();
  void stop();
  SyncStatus status() const;

 private:
  void perform(ClientSession::Actions actions);
  void connect();
  void closed(const ClientStream::End& end);
  void settled(const ClientSession::Settled& event);
  std::optional<Clock::time_point> tick();
  void save_if_due(Clock::time_point now, bool now_or_never);
  void publish_status(Clock::time_point now);
  ResourceMap load_snapshot() const;

  const SyncOptions options_;
  Applier& applier_;
  std::thread thread_;

  // Sync thread only.
  ClientSession session_;
  std::optional<StateFile> state_file_;
  std::shared_ptr<ClientStream> stream_;
  std::uint64_t generation_ = 0;  // of stream_: events of an earlier one are ignored
  std::optional<TlsPem> last_tls_;
  std::string last_complaint_;
  bool was_connected_ = false;
  bool stopping_ = false;
  bool unsaved_ = false;
  bool save_failed_ = false;
  Clock::time_point save_at_;
  std::chrono::system_clock::time_point changed_at_;
  std::map<std::string, std::string> rejected_;

  const std::shared_ptr<SyncLoop> loop_;
  mutable std::mutex status_mutex_;
  SyncStatus status_;
};

Result<void> SyncClient::Impl::start() {
  if (!has_port(options_.target))
    return fail(Kind::config, "--controller " + options_.target + ": expected HOST:PORT");
  if (options_.tls) {
    auto pem = options_.tls();
    if (!pem) return std::unexpected(pem.error());
    last_tls_ = std::move(*pem);
  } else if (!options_.insecure_stream && !is_loopback(options_.target)) {
    return fail(Kind::config, "--controller " + options_.target +
                                  ": the stream needs --tls-cert, --tls-key and --tls-ca (or "
                                  "--insecure-stream: plaintext off loopback)");
  }
  if (state_file_ && !is_directory(options_.state_dir))
    return fail(Kind::io, "--state-dir " + options_.state_dir + ": expected a directory");
  thread_ = std::thread([this] {
    perform(session_.start(load_snapshot(), Clock::now()));
    loop_->run([this] { return tick(); });
  });
  return {};
}

void SyncClient::Impl::stop() {
  if (!thread_.joinable()) return;
  loop_->post([this] {
    stopping_ = true;
    save_if_due(Clock::now(), true);
    if (stream_)
      stream_->cancel();
    else
      loop_->end();
  });
  thread_.join();
}

ResourceMap SyncClient::Impl::load_snapshot() const {
  if (!state_file_) return {};
  auto loaded = state_file_->load();
  if (loaded) return std::move(*loaded);
  if (loaded.error().kind != Kind::not_found) log::warning(loaded.error().message);
  return {};
}

void SyncClient::Impl::perform(ClientSession::Actions actions) {
  for (auto& action : actions) {
    if (std::holds_alternative<ClientSession::Connect>(action)) {
      connect();
    } else if (auto* send = std::get_if<ClientSession::Send>(&action)) {
      if (stream_) stream_->send(std::move(send->report));
    } else if (auto* disconnect = std::get_if<ClientSession::Disconnect>(&action)) {
      log::error("the controller broke the protocol", {{"reason", disconnect->reason}});
      if (stream_) stream_->cancel();
    } else if (auto* apply = std::get_if<ClientSession::Apply>(&action)) {
      auto done = [this, loop = loop_](std::vector<Refusal> refusals) {
        loop->post([this, refusals = std::move(refusals)] {
          if (!stopping_) perform(session_.on_applied(refusals, Clock::now()));
        });
      };
      if (apply->host_sets_only)
        applier_.apply_host_sets(std::move(apply->all), std::move(done));
      else
        applier_.apply(std::move(apply->all), std::move(done));
    } else {
      settled(std::get<ClientSession::Settled>(action));
    }
  }
}

void SyncClient::Impl::connect() {
  if (options_.tls) {
    if (auto pem = options_.tls())
      last_tls_ = std::move(*pem);
    else
      log::warning("certificates of the stream are not usable, the earlier ones stay",
                   {{"error", pem.error().message}});
  }
  const std::uint64_t generation = ++generation_;
  const auto if_current = [this, loop = loop_, generation](auto action) {
    loop->post([this, generation, action = std::move(action)] {
      if (generation == generation_) action();
    });
  };
  ClientStream::Events events;
  events.opened = [this, if_current] { if_current([this] { perform(session_.on_open()); }); };
  events.received = [this, if_current](sync::v1::Delta delta) {
    auto shared = std::make_shared<sync::v1::Delta>(std::move(delta));
    if_current([this, shared] {
      if (!stopping_) perform(session_.on_delta(std::move(*shared)));
    });
  };
  events.closed = [this, if_current](const ClientStream::End& end) {
    if_current([this, end] { closed(end); });
  };
  stream_ = ClientStream::open(options_.target, last_tls_, options_.server_name, std::move(events));
}

void SyncClient::Impl::closed(const ClientStream::End& end) {
  stream_.reset();
  if (stopping_) {
    session_.on_closed(Clock::now());
    loop_->end();
    return;
  }
  // An unreachable controller is one line, not one per attempt.
  std::string complaint =
      end.status.error_message().empty() ? "the stream ended" : end.status.error_message();
  if (was_connected_ || complaint != last_complaint_)
    log::warning("no stream to the controller",
                 {{"controller", options_.target}, {"reason", complaint}});
  was_connected_ = false;
  last_complaint_ = std::move(complaint);
  perform(end.stands_by ? session_.on_turned_away(Clock::now()) : session_.on_closed(Clock::now()));
}

void SyncClient::Impl::settled(const ClientSession::Settled& event) {
  for (const auto& rejection : event.rejected)
    log::warning("configuration refused",
                 {{"resource", rejection.name()},
                  {"reason", rejection.message()},
                  {"serves_last_good", rejection.serves_last_good() ? "true" : "false"}});
  rejected_.clear();
  for (const auto& [name, trouble] : session_.troubled()) rejected_[name] = trouble.message;
  if (!event.changed) return;
  changed_at_ = std::chrono::system_clock::now();
  unsaved_ = true;
}

// The first change is written at once; a stream of changes costs at most one part in twenty of the
// thread's time.
void SyncClient::Impl::save_if_due(Clock::time_point now, bool now_or_never) {
  if (!state_file_ || !unsaved_ || (now < save_at_ && !now_or_never)) return;
  unsaved_ = false;
  const auto saved = state_file_->save(session_.in_force());
  if (!saved && !save_failed_)
    log::warning("the snapshot cannot be saved", {{"error", saved.error().message}});
  save_failed_ = !saved;
  const auto end = Clock::now();
  save_at_ = end + std::max<Clock::duration>(std::chrono::seconds(1), 20 * (end - now));
}

void SyncClient::Impl::publish_status(Clock::time_point now) {
  if (session_.connected() && !was_connected_) {
    was_connected_ = true;
    last_complaint_.clear();
    log::info("connected to the controller", {{"controller", options_.target}});
  }
  SyncStatus next = {session_.connected(),
                     session_.complete(),
                     session_.ready(now),
                     session_.serves_snapshot(),
                     session_.in_force().size(),
                     changed_at_,
                     rejected_};
  {
    const std::lock_guard lock(status_mutex_);
    if (next == status_) return;
    status_ = std::move(next);
  }
  if (options_.status_changed) options_.status_changed();
}

std::optional<Clock::time_point> SyncClient::Impl::tick() {
  const auto now = Clock::now();
  if (!stopping_) perform(session_.on_tick(now));
  save_if_due(now, false);
  publish_status(now);
  if (stopping_) return std::nullopt;
  auto next = session_.next_tick(now);
  if (unsaved_ && state_file_) next = next ? std::min(*next, save_at_) : save_at_;
  return next;
}

SyncStatus SyncClient::Impl::status() const {
  const std::lock_guard lock(status_mutex_);
  return status_;
}

SyncClient::SyncClient(SyncOptions options, Applier& applier)
    : impl_(std::make_unique<Impl>(std::move(options), applier)) {}
SyncClient::~SyncClient() { stop(); }
Result<void> SyncClient::start() { return impl_->start(); }
void SyncClient::stop() { impl_->stop(); }
bool SyncClient::connected() const { return impl_->status().connected; }
bool SyncClient::complete_received() const { return impl_->status().complete; }
bool SyncClient::ready() const { return impl_->status().ready; }
SyncStatus SyncClient::status() const { return impl_->status(); }

}  // namespace ropewalk::configsync
