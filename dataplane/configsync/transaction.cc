#include "dataplane/configsync/transaction.h"

namespace ropewalk::configsync {

Result<std::optional<Transaction>> Assembler::on_delta(sync::v1::Delta delta) {
  const auto broken = [&](const std::string& what) {
    return fail(Kind::protocol, "the controller sent " + what + " (revision " +
                                    std::to_string(delta.revision()) + ", part " +
                                    std::to_string(delta.part()) + ")");
  };
  if (delta.lane() != sync::v1::LANE_REST && delta.lane() != sync::v1::LANE_ENDPOINTS)
    return broken("a lane that this build does not know");
  auto& partial = partials_[delta.lane()];
  if (!partial) {
    if (delta.part() != 0) return broken("a transaction without its beginning");
    if (delta.revision() <= last_revision_) return broken("a revision out of order");
    last_revision_ = delta.revision();
    partial = Partial{};
    partial->transaction.revision = delta.revision();
    partial->transaction.lane = delta.lane();
  } else if (delta.revision() != partial->transaction.revision ||
             delta.part() != partial->next_part) {
    return broken("parts out of order");
  }
  ++partial->next_part;
  Transaction& transaction = partial->transaction;
  for (auto& resource : *delta.mutable_upserts()) {
    if (resource.name().empty() || resource.hash().empty())
      return broken("a resource without name or hash");
    transaction.upserts.push_back(
        std::make_shared<const config::v1::Resource>(std::move(resource)));
  }
  for (auto& name : *delta.mutable_removals()) transaction.removals.push_back(std::move(name));
  if (!delta.last()) return std::nullopt;
  transaction.complete = delta.complete();
  std::optional<Transaction> out = std::move(transaction);
  partial.reset();
  return out;
}

}  // namespace ropewalk::configsync
