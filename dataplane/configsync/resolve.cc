#include "dataplane/configsync/resolve.h"

#include "dataplane/configsync/references.h"

#include <vector>

namespace ropewalk::configsync {
namespace {

using ResourcePtr = std::shared_ptr<const config::v1::Resource>;

struct Choice {
  ResourcePtr resource;  // null: nothing of that name is served
  bool as_wanted = false;
  std::string message;  // why it is not as wanted; "" for what is kept though nobody wants it
};

std::string lookup_key(const std::string& host, const std::string& method,
                       const std::string& path) {
  std::string key = host + ' ' + method + ' ';
  bool inside = false;  // names of parameters do not distinguish routes
  for (const char c : path) {
    if (c == '}') inside = false;
    if (!inside) key += c;
    if (c == '{') inside = true;
  }
  return key;
}

std::vector<std::string> claims(const config::v1::Endpoint& endpoint) {
  if (endpoint.hostnames().empty()) return {lookup_key("*", endpoint.method(), endpoint.path())};
  std::vector<std::string> out;
  for (const std::string& host : endpoint.hostnames())
    out.push_back(lookup_key(host, endpoint.method(), endpoint.path()));
  return out;
}

class Resolver {
 public:
  Resolver(const WantedMap& wanted, const ResourceMap& in_force,
           const std::set<std::string>& unusable)
      : wanted_(wanted), in_force_(in_force), unusable_(unusable) {}

  Resolution run() {
    choose_wanted();
    while (give_up_dangling()) {
    }
    yield_claims();
    count_new_users();
    while (keep_referenced()) {
    }
    return result();
  }

 private:
  ResourcePtr last_good(const std::string& name) const {
    const auto found = in_force_.find(name);
    return found == in_force_.end() || unusable_.contains(name) ? nullptr : found->second;
  }

  bool unchanged(const Choice& choice, const std::string& name) const {
    const auto before = last_good(name);
    return before && before->hash() == choice.resource->hash();
  }

  void fall_back(const std::string& name, std::string message) {
    choices_[name] = {last_good(name), false, std::move(message)};
  }

  bool present(const std::string& name) const {
    const auto found = choices_.find(name);
    return found != choices_.end() && found->second.resource;
  }

  void choose_wanted() {
    for (const auto& [name, wanted] : wanted_) {
      if (wanted.resource->has_service()) settings_ = name;
      if (wanted.problem.empty())
        choices_[name] = {wanted.resource, true, {}};
      else
        fall_back(name, wanted.problem);
    }
  }

  bool give_up_dangling() {
    bool changed = false;
    for (auto& [name, choice] : choices_) {
      if (!choice.as_wanted) continue;
      auto references = references_of(*choice.resource).needed;
      if (choice.resource->has_endpoint() && !settings_.empty()) references.push_back(settings_);
      for (const std::string& needed : references) {
        if (present(needed) || (unchanged(choice, name) && last_good(needed))) continue;
        const auto refused = wanted_.contains(needed) ? choices_.at(needed).message : "";
        fall_back(name, refused.empty() ? "refers to " + needed + ", which does not exist"
                                        : needed + " was refused: " + refused);
        changed = true;
        break;
      }
    }
    return changed;
  }

  void yield_claims() {
    std::map<std::string, std::string> taken;
    bool any_old = false;
    for (const auto& [name, choice] : choices_) {
      if (!choice.resource || !choice.resource->has_endpoint()) continue;
      any_old = any_old || !choice.as_wanted;
      if (!choice.as_wanted) continue;
      for (std::string& claim : claims(choice.resource->endpoint()))
        taken.emplace(std::move(claim), name);
    }
    if (!any_old) return;
    for (auto& [name, choice] : choices_) {
      if (choice.as_wanted || !choice.resource || !choice.resource->has_endpoint()) continue;
      for (const std::string& claim : claims(choice.resource->endpoint())) {
        const auto winner = taken.find(claim);
        if (winner == taken.end()) continue;
        choice.resource = nullptr;
        choice.message += "; its earlier version gave way to " + winner->second;
        break;
      }
    }
  }

  void count_new_users() {
    for (const auto& [name, choice] : choices_) {
      if (!choice.as_wanted) continue;
      for (std::string& used : references_of(*choice.resource).needed)
        used_by_new_.insert(std::move(used));
    }
  }

  bool keep_referenced() {
    std::map<std::string, Choice> kept;
    for (const auto& [name, choice] : choices_) {
      if (!choice.resource || (choice.as_wanted && !unchanged(choice, name))) continue;
      const References references = references_of(*choice.resource);
      for (const auto* names : {&references.needed, &references.wanted})
        for (const std::string& used : *names) keep(used, name, choice, kept);
    }
    for (auto& [name, choice] : kept) choices_[name] = std::move(choice);
    return !kept.empty();
  }

  void keep(const std::string& name, const std::string& user_name, const Choice& user,
            std::map<std::string, Choice>& kept) const {
    const auto before = last_good(name);
    if (!before) return;
    const auto found = choices_.find(name);
    if (found == choices_.end() || !found->second.resource) {
      kept[name] = {before, false, found == choices_.end() ? "" : found->second.message};
      return;
    }
    const Choice& chosen = found->second;
    if (user.as_wanted || !chosen.as_wanted || !chosen.resource->has_backend() ||
        used_by_new_.contains(name) || unchanged(chosen, name))
      return;
    kept[name] = {before, false, "waits for " + user_name + ", which was refused: " + user.message};
  }

  Resolution result() {
    Resolution out;
    for (auto& [name, choice] : choices_) {
      if (!choice.as_wanted && wanted_.contains(name))
        out.troubled[name] = {std::move(choice.message), choice.resource != nullptr};
      if (choice.resource) out.set.emplace(name, std::move(choice.resource));
    }
    return out;
  }

  const WantedMap& wanted_;
  const ResourceMap& in_force_;
  const std::set<std::string>& unusable_;
  // The settings of the gateway, with what protects every route: while they are wanted and cannot
  // be had, no new route is served without them.
  std::string settings_;
  std::map<std::string, Choice> choices_;
  std::set<std::string> used_by_new_;
};

}  // namespace

Resolution resolve(const WantedMap& wanted, const ResourceMap& in_force,
                   const std::set<std::string>& unusable) {
  return Resolver(wanted, in_force, unusable).run();
}

}  // namespace ropewalk::configsync
