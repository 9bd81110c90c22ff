#include "dataplane/backend/dial.h"

#include <algorithm>
#include <utility>

namespace ropewalk::backend {

std::optional<Dial::Attempt> Dial::begin(std::vector<boost::asio::ip::address> addresses,
                                         bool by_family) {
  addresses_ = std::move(addresses);
  std::size_t split = addresses_.size();
  if (by_family && !addresses_.empty()) {
    const bool v4 = addresses_.front().is_v4();
    std::vector<boost::asio::ip::address> others;
    std::erase_if(addresses_, [&](const auto& address) {
      if (address.is_v4() == v4) return false;
      others.push_back(address);
      return true;
    });
    split = addresses_.size();
    addresses_.insert(addresses_.end(), others.begin(), others.end());
  }
  rows_ = {Row{0, split}, Row{split, addresses_.size()}};
  other_begun_ = false;
  return attempt(Lane::first);
}

bool Dial::other_waits() const { return !other_begun_ && rows_[1].next != rows_[1].end; }

std::optional<Dial::Attempt> Dial::waited() {
  if (!other_waits()) return {};
  other_begun_ = true;
  return attempt(Lane::other);
}

std::optional<Dial::Attempt> Dial::failed(Lane lane) {
  row(lane).under_way = false;
  if (auto next = attempt(lane)) return next;
  return waited();
}

bool Dial::lost() const {
  return std::ranges::all_of(rows_,
                             [](const Row& row) { return !row.under_way && row.next == row.end; });
}

std::optional<Dial::Attempt> Dial::attempt(Lane lane) {
  Row& from = row(lane);
  if (from.next == from.end) return {};
  from.under_way = true;
  return Attempt{lane, addresses_[from.next++]};
}

}  // namespace ropewalk::backend
