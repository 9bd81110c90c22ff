#include "dataplane/filters/martian/martian.h"

#include "dataplane/filters/martian/modifier.h"

#include <algorithm>
#include <cstdint>

namespace ropewalk::martian {
namespace {

using pipeline::Flow;
using pipeline::Step;

// fifo.Group, and priority.Group in its order: highest first, of equal ones the later listed first.
class Group final : public Modifier {
 public:
  Group(std::vector<Scoped> members, bool go_on)
      : members_(std::move(members)), go_on_after_errors_(go_on) {}
  Result<void> request(Exchange& exchange) const override {
    return each([&](const Scoped& member) { return member.request(exchange); });
  }
  Result<void> response(Exchange& exchange) const override {
    return each([&](const Scoped& member) { return member.response(exchange); });
  }
  bool replaces_answer_body() const override {
    return std::ranges::any_of(members_, [](const Scoped& member) {
      return member.on_response && member.modifier->replaces_answer_body();
    });
  }
  bool replaces_request_body() const override {
    return std::ranges::any_of(members_, [](const Scoped& member) {
      return member.on_request && member.modifier->replaces_request_body();
    });
  }

 private:
  template <class Apply>
  Result<void> each(Apply apply) const {
    Result<void> out;
    for (const Scoped& member : members_) {
      auto done = apply(member);
      if (done) continue;
      if (!go_on_after_errors_) return done;
      if (out) out = std::move(done);
    }
    return out;
  }
  std::vector<Scoped> members_;
  bool go_on_after_errors_;
};

class MartianFilter final : public pipeline::Filter {
 public:
  MartianFilter(Scoped root, std::string host) : root_(std::move(root)), host_(std::move(host)) {}

  Step on_request(Flow& flow) const override {
    Exchange exchange(flow.request, flow.response, host_);
    if (auto done = root_.request(exchange); !done) return failed(flow, std::move(done.error()));
    if (auto done = exchange.commit(); !done) return failed(flow, std::move(done.error()));
    if (!exchange.skips_call) return Step::next;
    flow.response.status = 200;
    flow.response.headers.clear();
    flow.response.body.clear();
    return on_response(flow) == Step::next ? Step::done : Step::fail;
  }

  Step on_response(Flow& flow) const override {
    Exchange exchange(flow.request, flow.response, host_);
    if (auto done = root_.response(exchange); !done) return failed(flow, std::move(done.error()));
    return Step::next;
  }

  bool needs_answer_body() const override {
    return root_.on_response && root_.modifier->replaces_answer_body();
  }
  bool needs_request_body() const override {
    return root_.on_request && root_.modifier->replaces_request_body();
  }

 private:
  static Step failed(Flow& flow, Error error) {
    flow.error = std::move(error);
    return Step::fail;
  }

  Scoped root_;
  std::string host_;
};

Error unusable(std::string_view what) {
  return Error{.kind = Kind::config,
               .message = "modifier/martian: cannot use " + std::string(what)};
}

}  // namespace

std::string text_of(const json::Value& fields, const char* key) {
  const json::Value* value = fields.find(key);
  return value && value->is_string() ? value->string() : std::string();
}

std::int64_t integer_of(const json::Value& fields, const char* key) {
  const json::Value* value = fields.find(key);
  return value ? value->as_integer().value_or(0) : 0;
}

bool flag_of(const json::Value& fields, const char* key) {
  const json::Value* value = fields.find(key);
  return value && value->is_boolean() && value->boolean();
}

Result<ModifierPtr> build_group(const std::string& name, const json::Value& fields) {
  const bool priorities = name == "priority.Group";
  if (!priorities && name != "fifo.Group") return nullptr;
  std::vector<std::pair<std::int64_t, Scoped>> members;
  if (const json::Value* list = fields.find("modifiers"); list && list->is_list())
    for (const json::Value& entry : list->elements()) {
      const json::Value* node = priorities ? entry.find("modifier") : &entry;
      if (!node) return std::unexpected(unusable(name));
      auto built = build(*node);
      if (!built) return std::unexpected(built.error());
      members.emplace_back(priorities ? integer_of(entry, "priority") : 0, std::move(*built));
    }
  if (priorities) {
    std::ranges::reverse(members);
    std::ranges::stable_sort(members, std::greater<>(),
                             [](const auto& member) { return member.first; });
  }
  std::vector<Scoped> out;
  for (auto& [priority, member] : members) out.push_back(std::move(member));
  return std::make_unique<Group>(std::move(out), flag_of(fields, "aggregateErrors"));
}

Result<Scoped> build(const json::Value& node) {
  if (!node.is_object() || node.members().size() != 1) return std::unexpected(unusable("a node"));
  const std::string& name = node.members().front().key;
  const json::Value& fields = node.members().front().value;
  Scoped out;
  for (const auto family :
       {build_header, build_url, build_answer, build_files, build_filter, build_group}) {
    auto built = family(name, fields);
    if (!built) return std::unexpected(built.error());
    if (*built) out.modifier = std::move(*built);
  }
  if (!out.modifier) return std::unexpected(unusable(name));
  if (const json::Value* scope = fields.find("scope"); scope && scope->is_list()) {
    const auto named = [&](const char* wanted) {
      return std::ranges::any_of(scope->elements(), [&](const json::Value& entry) {
        return entry.is_string() && entry.string() == wanted;
      });
    };
    out.on_request = named("request");
    out.on_response = named("response");
  }
  return out;
}

Result<std::shared_ptr<const pipeline::Filter>> make_filter(const pipeline::Site& site) {
  const auto document = json::parse(site.text);
  const json::Value* tree = document ? document->find("tree") : nullptr;
  if (!tree) return std::unexpected(unusable("this block"));
  auto root = build(*tree);
  if (!root) return std::unexpected(root.error());
  return std::make_shared<const MartianFilter>(std::move(*root), text_of(*document, "host"));
}

}  // namespace ropewalk::martian
