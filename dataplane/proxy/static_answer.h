// proxy.static: data that the configuration adds to the merged answer.
// Pure.
#pragma once

#include "common/json/value.h"
#include "dataplane/compile/graph.h"

namespace ropewalk::proxy {

// What came of the backends.
struct AnswerState {
  bool has_answer = false;
  bool complete = false;  // every backend gave what it should
  bool errored = false;   // some backend failed; error details are an answer, no error
};

bool applies(compile::FixedAnswer::When when, const AnswerState& state);

// Over whatever is there; null becomes an object.
void add_fixed(json::Value& data, const compile::FixedAnswer& fixed);

}  // namespace ropewalk::proxy
