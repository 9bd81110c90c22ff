// Nanoseconds per projection and merge. `ninja json_bench && bin/json_bench`.
#include "dataplane/json/projection.h"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <vector>

namespace ropewalk::json {
namespace {

std::string padded(std::string text) {
  text.append(kPadding, ' ');
  return text;
}

std::string_view body_of(const std::string& padded) {
  return std::string_view(padded).substr(0, padded.size() - kPadding);
}

// A flat object of about `size` bytes; no two prefixes share a key.
std::string flat(char prefix, std::size_t size) {
  std::string text = "{";
  for (int i = 0; text.size() + 40 < size || i == 0; ++i) {
    if (i > 0) text += ',';
    text += '"' + std::string(1, prefix) + "_field_" + std::to_string(i) + "\":";
    switch (i % 4) {
      case 0:
        text += std::to_string(1000003 * i);
        break;
      case 1:
        text += "\"some text of the field\"";
        break;
      case 2:
        text += "true";
        break;
      default:
        text += std::to_string(i) + ".50";
    }
  }
  text += ",\"";
  text += prefix;
  text += "\":\"";
  while (text.size() + 2 < size) text += 'x';
  return text + "\"}";
}

// A list of small objects below one key, as APIs answer.
std::string nested(char prefix, std::size_t size) {
  std::string text = R"({"total":100,")" + std::string(1, prefix) + R"(_items":[)";
  for (int i = 0; text.size() + 90 < size; ++i) {
    if (i > 0) text += ',';
    text += R"({"id":)" + std::to_string(9007199254740993 + i) + R"(,"name":"item )" +
            std::to_string(i) + R"(","price":1.10,"tags":["a","b"],"stock":null})";
  }
  return text + "]}";
}

using Make = std::string (*)(char, std::size_t);

void merge(benchmark::State& state, Make make, const std::vector<Rules>& rules) {
  std::vector<Projection> projections;
  std::vector<std::string> bodies;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    projections.emplace_back(rules[i]);
    bodies.push_back(
        padded(make(static_cast<char>('a' + i), static_cast<std::size_t>(state.range(0)))));
  }
  auto scratch = make_scratch();
  std::vector<Partial> parts(rules.size());
  std::string out;
  std::int64_t bytes = 0;
  for (auto _ : state) {
    clear(*scratch);
    out.clear();
    for (std::size_t i = 0; i < parts.size(); ++i) {
      parts[i] = *projections[i].run(body_of(bodies[i]), *scratch);
    }
    append_merged(out, parts, *scratch);
    benchmark::DoNotOptimize(out.data());
  }
  for (const std::string& body : bodies) bytes += static_cast<std::int64_t>(body_of(body).size());
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * bytes);
  state.counters["in"] = static_cast<double>(bytes);
  state.counters["out"] = static_cast<double>(out.size());
}

const std::vector<Rules> kNone3(3);
const std::vector<Rules> kGroup3 = {{.group = "a"}, {.group = "b"}, {.group = "c"}};
const std::vector<Rules> kMixed3 = {{.allow = {"a_field_0", "a_field_2", "a_items"}},
                                    {.group = "b"},
                                    {.deny = {"c_field_1", "total"}}};

#define ROPEWALK_SIZES Arg(97)->Arg(2034)->Arg(19980)
BENCHMARK_CAPTURE(merge, one_no_rules, flat, std::vector<Rules>(1))->ROPEWALK_SIZES;
BENCHMARK_CAPTURE(merge, three_no_rules_flat, flat, kNone3)->ROPEWALK_SIZES;
BENCHMARK_CAPTURE(merge, three_no_rules_nested, nested, kNone3)->ROPEWALK_SIZES;
BENCHMARK_CAPTURE(merge, three_groups_flat, flat, kGroup3)->ROPEWALK_SIZES;
BENCHMARK_CAPTURE(merge, three_groups_nested, nested, kGroup3)->ROPEWALK_SIZES;
BENCHMARK_CAPTURE(merge, allow_group_deny_flat, flat, kMixed3)->ROPEWALK_SIZES;
BENCHMARK_CAPTURE(merge, allow_group_deny_nested, nested, kMixed3)->ROPEWALK_SIZES;
BENCHMARK_CAPTURE(merge, one_target_nested, nested, std::vector<Rules>{{.target = "a_items"}})
    ->ROPEWALK_SIZES;

// What the scanner's path costs: simdjson refuses what follows the value.
std::string refused(char prefix, std::size_t size) { return nested(prefix, size) + '"'; }
BENCHMARK_CAPTURE(merge, one_refused_by_simdjson, refused, std::vector<Rules>(1))->ROPEWALK_SIZES;

}  // namespace
}  // namespace ropewalk::json

BENCHMARK_MAIN();
