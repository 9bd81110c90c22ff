#include "dataplane/filters/bot_detector/bot_detector.h"

#include "dataplane/filters/bot_detector/agents.h"
#include "dataplane/filters/bot_detector/verdicts.h"
#include "dataplane/pipeline/block.h"
#include "dataplane/pipeline/gate.h"

namespace ropewalk::filters {
namespace {

using pipeline::Passage;
using pipeline::Step;

class BotDetector final : public pipeline::Gate {
 public:
  BotDetector(std::shared_ptr<const Agents> agents, std::size_t cache_size)
      : agents_(std::move(agents)),
        verdicts_(cache_size ? std::make_unique<Verdicts>(cache_size) : nullptr) {}

  Step run(Passage& passage) const override {
    // Of several such fields the first counts.
    if (!is_bot(passage.head->fields.value(http::FieldId::user_agent))) return Step::next;
    passage.answer(403, "", "");
    return Step::done;
  }

 private:
  bool is_bot(std::string_view agent) const {
    if (!verdicts_ || agent.empty()) return agents_->is_bot(agent);
    if (const auto known = verdicts_->find(agent)) return *known;
    const bool bot = agents_->is_bot(agent);
    verdicts_->keep(agent, bot);
    return bot;
  }

  std::shared_ptr<const Agents> agents_;
  std::unique_ptr<Verdicts> verdicts_;  // has a lock of its own
};

}  // namespace

Result<std::shared_ptr<const pipeline::Gate>> make_bot_detector(const pipeline::Site& site) {
  const auto block = json::parse(site.text);
  if (!block) return std::unexpected(block.error());
  auto agents =
      Agents::make({pipeline::texts_of(*block, "allow"), pipeline::texts_of(*block, "deny"),
                    pipeline::texts_of(*block, "patterns"),
                    pipeline::flag_of(*block, "empty_user_agent_is_bot")});
  if (!agents) return std::unexpected(agents.error());
  const auto cached = static_cast<std::size_t>(pipeline::number_of(*block, "cache_size"));
  return std::make_shared<const BotDetector>(std::move(*agents), cached);
}

}  // namespace ropewalk::filters
