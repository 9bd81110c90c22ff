// Semantic versions.
#include "common/strings.h"
#include "config/template/functions.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <compare>
#include <optional>

namespace ropewalk::config::templates {
namespace {

struct Version {
  std::array<std::int64_t, 3> numbers{};
  int given = 0;  // how many numbers were written
  std::string prerelease;
  std::string metadata;
};

std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || text[0] == '-' || error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return out;
}

// "1.2", "v1.2.3-rc.1+7"; with `wild`, x and * stand for any number.
std::optional<Version> parse(std::string_view text, bool wild) {
  Version out;
  if (text.starts_with('v')) text.remove_prefix(1);
  if (const auto plus = text.find('+'); plus != std::string_view::npos) {
    out.metadata = text.substr(plus + 1);
    text = text.substr(0, plus);
  }
  if (const auto dash = text.find('-'); dash != std::string_view::npos) {
    out.prerelease = text.substr(dash + 1);
    text = text.substr(0, dash);
  }
  const auto parts = split(text, '.');
  if (parts.size() > 3) return std::nullopt;
  for (const std::string_view part : parts) {
    if (wild && (part == "x" || part == "X" || part == "*")) return out;
    const auto number = whole(part);
    if (!number) return std::nullopt;
    out.numbers[static_cast<std::size_t>(out.given++)] = *number;
  }
  return out;
}

std::strong_ordering compare_prerelease(const std::string& a, const std::string& b) {
  if (a == b) return std::strong_ordering::equal;
  if (a.empty()) return std::strong_ordering::greater;
  if (b.empty()) return std::strong_ordering::less;
  const auto ours = split(a, '.');
  const auto theirs = split(b, '.');
  for (std::size_t i = 0; i < std::min(ours.size(), theirs.size()); ++i) {
    const auto one = whole(ours[i]);
    const auto other = whole(theirs[i]);
    std::strong_ordering order = ours[i] <=> theirs[i];
    if (one && other)
      order = *one <=> *other;
    else if (one || other)
      order = one ? std::strong_ordering::less : std::strong_ordering::greater;
    if (order != 0) return order;
  }
  return ours.size() <=> theirs.size();
}

std::strong_ordering compare(const Version& a, const Version& b) {
  if (const auto order = a.numbers <=> b.numbers; order != 0) return order;
  return compare_prerelease(a.prerelease, b.prerelease);
}

// The first version that is no longer in the range that `kept` leading numbers span.
Version next(const Version& version, int kept) {
  Version out = version;
  out.prerelease.clear();
  for (std::size_t i = 0; i < 3; ++i)
    if (static_cast<int>(i) >= kept) out.numbers[i] = 0;
  if (kept > 0) ++out.numbers[static_cast<std::size_t>(kept - 1)];
  return out;
}

bool below(const Version& a, const Version& b) { return compare(a, b) < 0; }

std::optional<bool> meets_one(std::string_view condition, const Version& version) {
  std::string_view sign;
  for (const std::string_view known : {">=", "=>", "<=", "=<", "!=", "=", ">", "<", "^", "~>", "~"})
    if (condition.starts_with(known)) {
      sign = known;
      break;
    }
  const auto limit = parse(trim(condition.substr(sign.size())), true);
  if (!limit) return std::nullopt;
  // A prerelease only meets a condition that has one.
  if (!version.prerelease.empty() && limit->prerelease.empty()) return false;
  const bool partly = limit->given < 3;
  const bool within =
      limit->given == 0 || (!below(version, *limit) && below(version, next(*limit, limit->given)));
  if (sign.empty() || sign == "=") return partly ? within : compare(version, *limit) == 0;
  if (sign == "!=") return partly ? !within : compare(version, *limit) != 0;
  if (sign == ">") return partly ? !below(version, *limit) && !within : below(*limit, version);
  if (sign == "<") return below(version, *limit);
  if (sign == ">=" || sign == "=>") return !below(version, *limit);
  if (sign == "<=" || sign == "=<")
    return partly ? below(version, *limit) || within : !below(*limit, version);
  if (limit->given == 0) return true;
  int kept = std::min(2, limit->given);
  if (sign == "^") {
    kept = 1;
    while (kept < limit->given && limit->numbers[static_cast<std::size_t>(kept - 1)] == 0) ++kept;
  }
  return !below(version, *limit) && below(version, next(*limit, kept));
}

// "a, b || c": one of the alternatives, all of its conditions.
std::optional<bool> meets(std::string_view text, const Version& version) {
  bool any = false;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find("||", at), text.size());
    bool all = true;
    for (const std::string_view comma : split(text.substr(at, end - at), ',')) {
      const auto one = meets_one(trim(comma), version);
      if (!one) return std::nullopt;
      all = all && *one;
    }
    any = any || all;
    at = end + 2;
  }
  return any;
}

Answer make(Context& context, Arguments& a) {
  const auto version = parse(a[0].text(), false);
  if (!version) return refuse("Invalid Semantic Version");
  Map& out = context.heap.map();
  out.struct_name = "*semver.Version";
  constexpr std::array<const char*, 3> kNames{"Major", "Minor", "Patch"};
  for (std::size_t i = 0; i < 3; ++i) {
    out.items[kNames[i]] = Value::of64(version->numbers[i]);
    out.text += (i ? "." : "") + std::to_string(version->numbers[i]);
  }
  out.items["Prerelease"] = Value::of(version->prerelease);
  out.items["Metadata"] = Value::of(version->metadata);
  out.items["Original"] = a[0];
  if (!version->prerelease.empty()) out.text += "-" + version->prerelease;
  if (!version->metadata.empty()) out.text += "+" + version->metadata;
  return Value::of(&out);
}
Answer compare_to(Context&, Arguments& a) {
  const auto version = parse(a[1].text(), false);
  if (!version) return refuse("Invalid Semantic Version");
  const auto result = meets(a[0].text(), *version);
  if (!result) return refuse("improper constraint: " + a[0].text());
  return Value::of(*result);
}

constexpr auto kVersionFunctions = std::to_array<Function>({
    {"semver", "s", make},
    {"semverCompare", "ss", compare_to},
});

}  // namespace

std::span<const Function> version_functions() { return kVersionFunctions; }

}  // namespace ropewalk::config::templates
