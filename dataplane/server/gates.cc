#include "dataplane/server/gates.h"

namespace ropewalk::server {

using pipeline::Step;

void Gates::reset() {
  arena.clear();
  params.clear();
  answer_fields.clear();
  if (!claims.is_null()) claims = nullptr;
  body = {};
}

void Gates::begin(GateList service, GateList on_route) {
  service_ = service;
  endpoint_ = on_route;
  reached_ = 0;
  wants_body_ = body_is_here_ = false;
}

const pipeline::Gate& Gates::gate(std::size_t index) const {
  return index < service_.size() ? *service_[index] : *endpoint_[index - service_.size()];
}

Step Gates::run(bool body_is_here) {
  body_is_here_ = body_is_here;
  wants_body_ = false;
  while (reached_ < service_.size() + endpoint_.size()) {
    const pipeline::Gate& next = gate(reached_);
    if (next.needs_body() && !body_is_here) {
      wants_body_ = true;
      return Step::wait;
    }
    ++reached_;
    const Step step = next.run(*this);
    if (step != Step::next) return step;
  }
  return Step::next;
}

void Gates::resumed(Step step) { owner_.on_gates(step == Step::next ? run(body_is_here_) : step); }

void Gates::refuse(unsigned status, std::string_view text) {
  const bool shown = owner_.shows_error_texts() && !text.empty();
  owner_.answer_for_gate(status, shown ? "text/plain; charset=utf-8" : "",
                         shown ? text : std::string_view());
}

bool Gates::behind_router() const {
  return reached_ > 0 && !gate(reached_ - 1).covers_everything();
}

void Gates::decorate(std::string& out) {
  if (answer_fields.empty() && reached_ == 0) return;
  const std::size_t begin = out.find("\r\n") + 2;
  // Before those of a backend, whose field of the same name is the second then.
  if (!answer_fields.empty()) out.insert(begin, answer_fields);
  if (reached_ == 0) return;
  std::string fields = out.substr(begin);
  for (std::size_t i = reached_; i-- > 0;) gate(i).on_answer(*this, fields);
  out.replace(begin, std::string::npos, fields);
}

}  // namespace ropewalk::server
