#include "dataplane/compile/filters.h"

#include "ropewalk/config/v1/config.pb.h"

namespace ropewalk::compile {
namespace {

using pipeline::Factory;
using pipeline::Site;
using pipeline::Stage;

const auto& extra_config(const Site& site) {
  switch (site.level) {
    case config::Level::endpoint:
      return site.endpoint->extra_config();
    case config::Level::backend:
      return site.backend->extra_config();
    default:
      return site.service->extra_config();
  }
}

// Calls `make` for every row of the stage whose namespace the site has.
template <class Made, class Make>
Result<std::vector<Made>> make_all(Site site, Stage stage, Make make) {
  std::vector<Made> out;
  for (const Factory& factory : pipeline::factories()) {
    if (factory.stage != stage || factory.level != site.level) continue;
    const auto found = extra_config(site).find(std::string(factory.space));
    if (found == extra_config(site).end()) continue;
    site.text = found->second;
    auto made = make(factory, site);
    if (!made)
      return fail(Kind::config,
                  "extra_config.\"" + std::string(factory.space) + "\": " + made.error().message);
    if (*made) out.push_back(std::move(*made));
  }
  return out;
}

class ClosedGate final : public pipeline::Gate {
 public:
  pipeline::Step run(pipeline::Passage& passage) const override {
    passage.answer(503, "", "");
    return pipeline::Step::done;
  }
};

}  // namespace

Result<Gates> make_gates(const Site& site, Stage stage) {
  return make_all<std::shared_ptr<const pipeline::Gate>>(
      site, stage, [](const Factory& factory, const Site& at) { return factory.gate(at); });
}

Result<pipeline::Filters> make_filters(const Site& site, Stage stage) {
  return make_all<std::shared_ptr<const pipeline::Filter>>(
      site, stage, [](const Factory& factory, const Site& at) { return factory.filter(at); });
}

std::shared_ptr<const pipeline::Gate> closed_gate() { return std::make_shared<ClosedGate>(); }

}  // namespace ropewalk::compile
