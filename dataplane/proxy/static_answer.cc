#include "dataplane/proxy/static_answer.h"

namespace ropewalk::proxy {

bool applies(compile::FixedAnswer::When when, const AnswerState& state) {
  using enum compile::FixedAnswer::When;
  switch (when) {
    case always:
      return true;
    case success:
      return !state.errored;
    case errored:
      return state.errored;
    case complete:
      return !state.errored && state.has_answer && state.complete;
    case incomplete:
      return !state.has_answer || !state.complete;
  }
  return false;
}

void add_fixed(json::Value& data, const compile::FixedAnswer& fixed) {
  if (!data.is_object()) data = json::Value::object();
  for (const json::Value::Member& member : fixed.data.members()) data.set(member.key, member.value);
}

}  // namespace ropewalk::proxy
