#include "dataplane/filters/bot_detector/agents.h"

#include "common/utf8.h"

#include <re2/re2.h>

#include <algorithm>
#include <set>

namespace ropewalk::filters {
namespace {

class Detector final : public Agents {
 public:
  Detector(Rules rules, std::vector<std::unique_ptr<RE2>> patterns)
      : allow_(rules.allow.begin(), rules.allow.end()),
        deny_(rules.deny.begin(), rules.deny.end()),
        patterns_(std::move(patterns)),
        empty_is_bot_(rules.empty_is_bot) {}

  bool is_bot(std::string_view agent) const override {
    if (agent.empty()) return empty_is_bot_;
    if (allow_.contains(agent)) return false;
    if (deny_.contains(agent)) return true;
    if (patterns_.empty()) return false;
    if (std::ranges::all_of(agent, [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
      return matches(agent);
    // Go's expressions see bytes that are no UTF-8 as U+FFFD: `.` stands for one of them, too.
    return matches(to_utf8(agent));
  }

 private:
  bool matches(std::string_view agent) const {
    return std::ranges::any_of(patterns_, [&](const auto& pattern) {
      return RE2::PartialMatch(re2::StringPiece(agent.data(), agent.size()), *pattern);
    });
  }

  std::set<std::string, std::less<>> allow_;
  std::set<std::string, std::less<>> deny_;
  std::vector<std::unique_ptr<RE2>> patterns_;
  bool empty_is_bot_;
};

}  // namespace

Result<std::shared_ptr<const Agents>> Agents::make(Rules rules) {
  std::vector<std::unique_ptr<RE2>> patterns;
  RE2::Options options;
  options.set_log_errors(false);
  for (const std::string& text : rules.patterns) {
    auto pattern = std::make_unique<RE2>(text, options);
    if (!pattern->ok()) return fail(Kind::config, "patterns: " + pattern->error() + ": " + text);
    patterns.push_back(std::move(pattern));
  }
  return std::make_shared<const Detector>(std::move(rules), std::move(patterns));
}

}  // namespace ropewalk::filters
