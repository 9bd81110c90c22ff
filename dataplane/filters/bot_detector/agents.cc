#include "dataplane/filters/bot_detector/agents.h"

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
    return matches(as_utf8(agent));
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

// Length of the UTF-8 sequence that begins here, 0 when there is none (RFC 3629).
std::size_t sequence(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 && first <= 0xf4  ? 4
                             : first >= 0xe0 && first < 0xf0 ? 3
                             : first >= 0xc2 && first < 0xe0 ? 2
                                                             : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  const bool overlong = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90);
  const bool beyond = (first == 0xed && byte(1) > 0x9f) || (first == 0xf4 && byte(1) > 0x8f);
  return overlong || beyond ? 0 : length;
}

}  // namespace

std::string as_utf8(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = sequence(text);
    if (length == 0)
      out += "\xef\xbf\xbd";
    else
      out += text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(1, length));
  }
  return out;
}

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
