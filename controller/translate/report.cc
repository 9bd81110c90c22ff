// What Services are told: one status each, and an Event for everything that is wrong (rule 6).
#include "common/utf8.h"
#include "controller/translate/limits.h"
#include "controller/translate/state.h"

#include <algorithm>

namespace ropewalk::controller {
namespace {

// Conditions hold 32,768 characters; nobody reads more than this.
constexpr std::size_t kLongest = 1024;

std::string cut(const std::string& text) { return cut_utf8(to_utf8(text), kLongest, "..."); }

std::vector<Problem> all_problems(const ServiceState& state) {
  std::vector<Problem> out;
  std::set<std::string_view> said;
  const auto add = [&](const std::vector<Problem>& problems) {
    for (const Problem& problem : problems)
      if (said.insert(problem.message).second) out.push_back(problem);
  };
  add(state.spec.problems);
  add(state.spec.lost);
  for (const EntrySpec& entry : state.spec.entries) add(entry.problems);
  add(state.not_callable);
  add(state.refused);
  if (!state.spec.exposed)
    out.push_back({kNotExposed,
                   "ropewalk.dev/expose is not \"true\": its other keys have no "
                   "effect"});
  return out;
}

void report_one(Translation& out, const ServiceState& state) {
  const auto problems = all_problems(state);
  ObjectStatus status;
  status.service = state.spec.key;
  status.uid = state.spec.service->meta.uid;
  status.version = state.spec.version;
  status.resources.assign(state.resources.begin(), state.resources.end());
  status.accepted = problems.empty();
  status.reason = problems.empty() ? "Accepted" : problems.front().reason;
  if (problems.empty()) {
    for (const std::string& text : state.serves)
      status.message += (status.message.empty() ? "" : ", ") + text;
  } else {
    status.message = joined(problems, {});
  }
  for (const Problem& warning : state.warnings)
    status.message += (status.message.empty() ? "" : "; ") + warning.message;
  status.message = cut(status.message);
  std::size_t told = 0;
  const auto tell = [&](const std::string& reason, const std::string& message) {
    if (told++ < kMaxEvents)
      out.events.push_back({status.service, status.uid, Severity::warning, reason, cut(message)});
  };
  for (const Problem& problem : state.spec.exposed ? problems : std::vector<Problem>{})
    if (!is_pending(problem)) tell(problem.reason, problem.message);  // that passes by itself
  for (const Problem& warning : state.warnings) tell(warning.reason, warning.message);
  for (const std::string& notice : state.notices) tell("Ignored", notice);
  if (state.has_unknown_routes()) out.held_services.insert(state.text());
  out.statuses.push_back(std::move(status));
}

}  // namespace

void report(Work& work) {
  std::vector<const ServiceState*> states;
  for (const auto& state : work.services) states.push_back(state.get());
  std::ranges::sort(states, {}, [](const ServiceState* state) { return state->spec.key; });
  for (const ServiceState* state : states) report_one(work.out, *state);
}

}  // namespace ropewalk::controller
