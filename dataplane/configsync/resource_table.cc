#include "dataplane/configsync/resource_table.h"

#include "dataplane/configsync/references.h"
#include "dataplane/configsync/unknown_fields.h"

#include <algorithm>
#include <cassert>

namespace ropewalk::configsync {
namespace {

using config::v1::Resource;

bool same(const ResourceMap& a, const ResourceMap& b) {
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) {
    return x.first == y.first && x.second->hash() == y.second->hash();
  });
}

bool differ_in_host_sets_only(const ResourceMap& a, const ResourceMap& b) {
  auto x = a.begin();
  auto y = b.begin();
  const auto is_host_set = [](const auto& entry) { return entry->second->has_host_set(); };
  while (x != a.end() || y != b.end()) {
    if (y == b.end() || (x != a.end() && x->first < y->first)) {
      if (!is_host_set(x++)) return false;
    } else if (x == a.end() || y->first < x->first) {
      if (!is_host_set(y++)) return false;
    } else {
      if (x->second->hash() != y->second->hash() && !(is_host_set(x) && is_host_set(y)))
        return false;
      ++x;
      ++y;
    }
  }
  return true;
}

std::string refusal_of(const Resource& resource, const ResourceTable::Check& check) {
  if (std::string unknown = find_unknown(resource); !unknown.empty())
    return unknown + " is not known to this data plane; it needs a newer version";
  if (resource.kind_case() == Resource::KIND_NOT_SET) return "the resource is empty";
  return check(resource);
}

}  // namespace

void ResourceTable::accept(Transaction& transaction) {
  for (const std::string& name : transaction.removals) {
    wanted_.erase(name);
    refused_.erase(name);
  }
  for (const auto& resource : transaction.upserts) {
    wanted_[resource->name()] = {resource, refusal_of(*resource, check_)};
    refused_.erase(resource->name());
  }
}

// Trying again what apply() refused costs a compilation, so it is done only where the outcome can
// differ.
void ResourceTable::retry_refused(const Transaction& transaction) {
  if (refused_.empty()) return;
  std::set<std::string> touched;
  std::set<int> kinds;
  for (const auto& resource : transaction.upserts) {
    if (resource->has_host_set()) continue;
    touched.insert(resource->name());
    kinds.insert(resource->kind_case());
  }
  for (const std::string& name : transaction.removals) {
    touched.insert(name);
    if (const auto found = in_force_.find(name); found != in_force_.end())
      kinds.insert(found->second->kind_case());
  }
  std::erase_if(refused_, [&](const std::string& name) {
    Wanted& wanted = wanted_.at(name);
    const References references = references_of(*wanted.resource);
    const auto hit = [&](const std::string& used) { return touched.contains(used); };
    const bool again = !touched.empty() &&
                       (!in_force_.contains(name) || kinds.contains(wanted.resource->kind_case()) ||
                        std::ranges::any_of(references.needed, hit) ||
                        std::ranges::any_of(references.wanted, hit));
    if (again) wanted.problem.clear();
    return again;
  });
}

bool ResourceTable::only_known_host_sets(const Transaction& transaction) const {
  return ever_applied_ && transaction.removals.empty() &&
         std::ranges::all_of(transaction.upserts, [&](const auto& resource) {
           const std::string& name = resource->name();
           const auto wanted = wanted_.find(name);
           const auto current = in_force_.find(name);
           return wanted != wanted_.end() && wanted->second.problem.empty() &&
                  resource->has_host_set() && !troubled_.contains(name) &&
                  current != in_force_.end() && current->second->has_host_set();
         });
}

ResourceTable::Step ResourceTable::begin(Transaction transaction) {
  assert(!pending_);
  retry_refused(transaction);
  const bool fast = transaction.removals.empty() && !transaction.upserts.empty() &&
                    only_known_host_sets(transaction);
  accept(transaction);
  pending_.emplace();
  pending_->transaction = std::move(transaction);
  if (fast && only_known_host_sets(pending_->transaction)) {
    pending_->resolution = {in_force_, troubled_};
    for (const auto& resource : pending_->transaction.upserts)
      pending_->resolution.set[resource->name()] = resource;
    return {Apply{pending_->resolution.set, true}, {}};
  }
  return attempt();
}

ResourceTable::Step ResourceTable::attempt() {
  pending_->resolution = resolve(wanted_, in_force_, pending_->unusable);
  const ResourceMap& next = pending_->resolution.set;
  if (ever_applied_ && same(in_force_, next)) return finish();
  const bool host_sets_only = ever_applied_ && differ_in_host_sets_only(in_force_, next);
  return {Apply{next, host_sets_only}, {}};
}

ResourceTable::Step ResourceTable::applied(const std::vector<Refusal>& refusals) {
  assert(pending_);
  bool news = false;
  for (const Refusal& refusal : refusals) {
    const auto served = pending_->resolution.set.find(refusal.name);
    if (served == pending_->resolution.set.end()) continue;
    news = true;
    const auto wanted = wanted_.find(refusal.name);
    if (wanted != wanted_.end() && wanted->second.problem.empty() &&
        wanted->second.resource->hash() == served->second->hash()) {
      wanted->second.problem = refusal.message.empty() ? "it cannot be served" : refusal.message;
      refused_.insert(refusal.name);
      const auto before = in_force_.find(refusal.name);
      if (before == in_force_.end() || before->second->hash() != served->second->hash()) continue;
    }
    pending_->unusable.insert(refusal.name);
  }
  if (news) return attempt();
  ever_applied_ = true;
  return finish();
}

ResourceTable::Step ResourceTable::finish() {
  Pending done = std::move(*pending_);
  pending_.reset();
  in_force_ = std::move(done.resolution.set);
  const std::map<std::string, Trouble> before = std::move(troubled_);
  troubled_ = std::move(done.resolution.troubled);

  sync::v1::Acknowledgement out;
  out.set_revision(done.transaction.revision);
  out.set_lane(done.transaction.lane);
  const auto applied = [&](const std::string& name) {
    auto& held = *out.add_applied();
    held.set_name(name);
    held.set_hash(wanted_.at(name).resource->hash());
  };
  const auto rejected = [&](const std::string& name, const Trouble& trouble) {
    auto& rejection = *out.add_rejected();
    rejection.set_name(name);
    rejection.set_hash(wanted_.at(name).resource->hash());
    rejection.set_message(trouble.message);
    rejection.set_serves_last_good(trouble.serves_last_good);
  };
  std::set<std::string> answered;
  for (const auto& resource : done.transaction.upserts)
    if (answered.insert(resource->name()).second && !troubled_.contains(resource->name()))
      applied(resource->name());
  for (const std::string& name : done.transaction.removals)
    if (!answered.contains(name)) out.add_removed(name);
  for (const auto& [name, trouble] : before)
    if (!troubled_.contains(name) && wanted_.contains(name) && !answered.contains(name))
      applied(name);
  for (const auto& [name, trouble] : troubled_) {
    const auto old = before.find(name);
    if (answered.contains(name) || old == before.end() || old->second != trouble)
      rejected(name, trouble);
  }
  return {{}, std::move(out)};
}

void ResourceTable::restart() {
  assert(!pending_);
  wanted_.clear();
  refused_.clear();
  troubled_.clear();
  for (const auto& [name, resource] : in_force_) wanted_.emplace(name, Wanted{resource, {}});
}

std::vector<sync::v1::Held> ResourceTable::held() const {
  std::vector<sync::v1::Held> out;
  out.reserve(in_force_.size());
  for (const auto& [name, resource] : in_force_) {
    auto& held = out.emplace_back();
    held.set_name(name);
    held.set_hash(resource->hash());
  }
  return out;
}

}  // namespace ropewalk::configsync
