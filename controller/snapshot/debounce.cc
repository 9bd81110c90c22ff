#include "controller/snapshot/debounce.h"

#include <algorithm>

namespace ropewalk::controller {

void Debounce::on_change(Change change, Clock::time_point now) {
  const bool after_quiet = !last_change_ || now - *last_change_ >= limits_.idle;
  last_change_ = now;
  if (!first_waiting_) {
    first_waiting_ = now;
    only_endpoints_ = true;
    if (after_quiet) {
      deadline_ = now;
      only_endpoints_ = change == Change::endpoints;
      return;
    }
  }
  only_endpoints_ = only_endpoints_ && change == Change::endpoints;
  if (deadline_ && *deadline_ <= now) return;  // due already, the owner's timer is on its way
  deadline_ = std::min(now + (only_endpoints_ ? limits_.quiet_endpoints : limits_.quiet),
                       *first_waiting_ + limits_.longest);
}

bool Debounce::fire(Clock::time_point now) {
  if (!deadline_ || now < *deadline_) return false;
  deadline_.reset();
  first_waiting_.reset();
  return true;
}

}  // namespace ropewalk::controller
