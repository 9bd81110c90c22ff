#include "controller/snapshot/desired.h"

#include "controller/translate/translate.h"

#include <algorithm>

namespace ropewalk::controller {
namespace {

constexpr std::string_view kStandInPrefix = "held:";
constexpr char kKeptPart = '+';

std::shared_ptr<const config::v1::Resource> with_hash(const config::v1::Resource& resource,
                                                      std::string hash) {
  auto copy = std::make_shared<config::v1::Resource>(resource);
  copy->set_hash(std::move(hash));
  return copy;
}

bool same(const HostChoices& a, const HostChoices& b) {
  return std::ranges::equal(a, b, [](const auto& one, const auto& other) {
    return one.first == other.first && one.second->hash() == other.second->hash();
  });
}

// Both arguments sorted by name: one walk over the two.
std::vector<std::string> differences(const Desired& before, const Desired& after) {
  std::vector<std::string> out;
  std::set<std::string> held_changed;
  for (const std::string& name : before.held)
    if (!after.held.contains(name)) held_changed.insert(name);
  for (const std::string& name : after.held)
    if (!before.held.contains(name)) held_changed.insert(name);

  for (const auto& [name, choices] : after.host_choices) {
    const auto old = before.host_choices.find(name);
    if (old == before.host_choices.end() || !same(old->second, choices)) held_changed.insert(name);
  }

  auto a = before.resources.begin();
  auto b = after.resources.begin();
  std::set<std::string> changed = std::move(held_changed);
  while (a != before.resources.end() || b != after.resources.end()) {
    if (b == after.resources.end() || (a != before.resources.end() && a->first < b->first)) {
      changed.insert(a->first);
      ++a;
    } else if (a == before.resources.end() || b->first < a->first) {
      changed.insert(b->first);
      ++b;
    } else {
      if (a->second->hash() != b->second->hash()) changed.insert(a->first);
      ++a;
      ++b;
    }
  }
  out.assign(changed.begin(), changed.end());
  return out;
}

}  // namespace

bool is_stand_in(std::string_view hash) { return hash.starts_with(kStandInPrefix); }

std::string_view content_hash_of(std::string_view wire_hash) {
  if (is_stand_in(wire_hash)) wire_hash.remove_prefix(kStandInPrefix.size());
  return wire_hash.substr(0, wire_hash.find(kKeptPart));
}

std::shared_ptr<const config::v1::Resource> with_kept_parts(const config::v1::Resource& endpoint,
                                                            const std::vector<KeptPart>& parts) {
  auto out = std::make_shared<config::v1::Resource>(endpoint);
  auto& backends = *out->mutable_endpoint()->mutable_backends();
  backends.Clear();
  auto part = parts.begin();
  for (int i = 0; i <= endpoint.endpoint().backends_size(); ++i) {
    for (; part != parts.end() && part->position <= i; ++part) {
      *backends.Add() = part->backend;
      out->set_hash(out->hash() + kKeptPart + part->backend);
    }
    if (i < endpoint.endpoint().backends_size()) *backends.Add() = endpoint.endpoint().backends(i);
  }
  return out;
}

std::shared_ptr<const Desired> DesiredBuilder::build(const Translation& translation, Extent extent,
                                                     const std::set<std::string>& unreadable) {
  static const Desired kNothing;
  const Desired& before = last_ ? *last_ : kNothing;
  auto next = std::make_shared<Desired>();
  next->held = translation.held;
  next->held_services = translation.held_services;
  next->possible_parts = translation.possible_parts;
  for (const auto& [name, choices] : translation.host_choices) {
    HostChoices& shared = next->host_choices[name];  // also where there is none to choose
    for (const auto& [choice, resource] : choices)
      shared[choice] = std::make_shared<config::v1::Resource>(resource);
  }
  next->unreadable_namespaces = unreadable;
  next->extent = extent;
  next->stays_changed = next->held_services != before.held_services ||
                        next->possible_parts != before.possible_parts ||
                        next->unreadable_namespaces != before.unreadable_namespaces ||
                        next->extent != before.extent;
  for (const config::v1::Resource& resource : translation.resources) {
    const bool stands_in = translation.held.contains(resource.name());
    std::string hash = (stands_in ? std::string(kStandInPrefix) : std::string()) + resource.hash();
    const auto old = before.resources.find(resource.name());
    next->resources[resource.name()] = old != before.resources.end() && old->second->hash() == hash
                                           ? old->second
                                           : with_hash(resource, std::move(hash));
  }
  next->changed = differences(before, *next);
  if (last_ && next->changed.empty() && !next->stays_changed) return last_;
  next->sequence = before.sequence + 1;
  last_ = next;
  return last_;
}

}  // namespace ropewalk::controller
