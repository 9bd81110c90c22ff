#include "dataplane/app/discovery.h"

#include "common/log.h"
#include "config/hash.h"
#include "dataplane/net/srv.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace ropewalk::app {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::nanoseconds kUsualTtl = 30s;
constexpr auto kLongestLookup = 2s;

}  // namespace

struct Discovery::Search {
  struct Name {
    config::DnsHosts from;
    std::vector<net::SrvHost> hosts = {};
    bool asked = false;  // and answered, well or not
    bool failed = false;
  };

  Search(std::function<void()> on_change, std::string dns_servers)
      : changed(std::move(on_change)),
        servers(std::move(dns_servers)),
        thread([this](std::stop_token stop) { run(std::move(stop)); }) {}

  void run(std::stop_token stop) {
    std::unique_lock lock(mutex);
    while (!stop.stop_requested()) {
      std::vector<std::string> host_sets;
      std::vector<std::string> asked_for;
      for (const auto& [host_set, name] : names) {
        // Between two turns only what is new.
        if (name.asked && !due) continue;
        host_sets.push_back(host_set);
        asked_for.push_back(name.from.name);
      }
      due = false;
      if (!asked_for.empty()) {
        lock.unlock();
        auto records = net::look_up(asked_for, kLongestLookup, servers);
        lock.lock();
        bool news = false;
        for (std::size_t i = 0; i < host_sets.size(); ++i)
          if (const auto found = names.find(host_sets[i]); found != names.end())
            news = take(found->second, std::move(records[i])) || news;
        answered.notify_all();
        if (news) changed();
      }
      const bool more =
          std::ranges::any_of(names, [](const auto& name) { return !name.second.asked; });
      if (!more)
        due = !wanted.wait_for(lock, stop, ttl, [this] {
          return std::ranges::any_of(names, [](const auto& name) { return !name.second.asked; });
        });
    }
  }

  // True when the name has other hosts than before.
  static bool take(Name& name, Result<std::vector<net::SrvRecord>> records) {
    name.asked = true;
    if (!records && !name.failed)
      log::warning("no SRV records, hosts stay as they are",
                   {{"name", name.from.name}, {"error", records.error().message}});
    name.failed = !records;
    if (!records) return false;
    std::vector<net::SrvHost> hosts = net::hosts_of(std::move(*records));
    if (hosts == name.hosts) return false;
    name.hosts = std::move(hosts);
    return true;
  }

  const std::function<void()> changed;
  const std::string servers;

  mutable std::mutex mutex;  // of what follows
  std::condition_variable_any wanted;
  std::condition_variable answered;
  std::map<std::string, Name> names;  // by host set
  std::chrono::nanoseconds ttl = kUsualTtl;
  bool due = false;  // all names are asked for again

  std::jthread thread;
};

Discovery::Discovery(std::function<void()> changed, std::string servers)
    : changed_(std::move(changed)), servers_(std::move(servers)) {}

Discovery::~Discovery() = default;

void Discovery::find(const std::vector<config::DnsHosts>& names, std::chrono::nanoseconds ttl) {
  if (names.empty()) return;
  if (!search_) search_ = std::make_unique<Search>(changed_, servers_);
  Search& search = *search_;
  std::unique_lock lock(search.mutex);
  search.ttl = ttl.count() > 0 ? ttl : kUsualTtl;
  for (const config::DnsHosts& name : names)
    search.names.try_emplace(name.host_set, Search::Name{.from = name});
  search.wanted.notify_all();
  search.answered.wait_for(lock, kLongestLookup, [&search] {
    return std::ranges::all_of(search.names, [](const auto& name) { return name.second.asked; });
  });
}

void Discovery::keep(const std::vector<config::DnsHosts>& names) {
  if (names.empty()) return search_.reset();
  const std::lock_guard lock(search_->mutex);
  std::erase_if(search_->names, [&](const auto& known) {
    return std::ranges::find(names, known.first, &config::DnsHosts::host_set) == names.end();
  });
}

configsync::ResourceMap Discovery::with_hosts(configsync::ResourceMap resources) const {
  if (!search_) return resources;
  const std::lock_guard lock(search_->mutex);
  for (const auto& [host_set, name] : search_->names) {
    const auto found = resources.find(host_set);
    if (found == resources.end()) continue;
    config::v1::Resource filled = *found->second;
    filled.mutable_host_set()->clear_hosts();
    for (const net::SrvHost& from : name.hosts) {
      config::v1::HostSet::Host* host = filled.mutable_host_set()->add_hosts();
      host->set_tls(name.from.tls);
      host->set_address(from.name);
      host->set_port(from.port);
    }
    filled.set_hash(config::content_hash(filled));
    found->second = std::make_shared<const config::v1::Resource>(std::move(filled));
  }
  return resources;
}

void Discovery::update(const configsync::ResourceMap& resources,
                       configsync::Applier& applier) const {
  applier.apply_host_sets(with_hosts(resources), [](const auto& refused) {
    for (const configsync::Refusal& each : refused)
      log::error("hosts found by DNS are not taken over: " + each.message, {{"name", each.name}});
  });
}

}  // namespace ropewalk::app
