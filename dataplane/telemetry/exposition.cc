#include "dataplane/telemetry/exposition.h"

#include <fmt/format.h>

#include <iterator>

namespace ropewalk::telemetry {
namespace {

void append_label(std::string& out, std::string_view name, std::string_view value) {
  out += out.back() == '{' ? "" : ",";
  out += name;
  out += "=\"";
  for (const char c : value) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

}  // namespace

void Exposition::family(std::string_view name, std::string_view type, std::string_view help) {
  name_ = name;
  fmt::format_to(std::back_inserter(out_), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

void Exposition::series(std::string_view suffix, Labels labels, std::string_view le) {
  out_ += name_;
  out_ += suffix;
  if (labels.size() != 0 || !le.empty()) {
    out_ += '{';
    for (const Label& label : labels) append_label(out_, label.name, label.value);
    if (!le.empty()) append_label(out_, "le", le);
    out_ += '}';
  }
  out_ += ' ';
}

void Exposition::sample(std::uint64_t value, Labels labels) {
  series("", labels);
  fmt::format_to(std::back_inserter(out_), "{}\n", value);
}

void Exposition::sample(double value, Labels labels) {
  series("", labels);
  fmt::format_to(std::back_inserter(out_), "{}\n", value);
}

void Exposition::sample(const Histogram& histogram, Labels labels) {
  static const auto kBounds = [] {
    std::array<std::string, kLatencyBounds.size()> out;
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = fmt::format("{}", kLatencyBounds[i] / 1e6);
    return out;
  }();
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < kBounds.size(); ++i) {
    below += histogram.buckets[i];
    series("_bucket", labels, kBounds[i]);
    fmt::format_to(std::back_inserter(out_), "{}\n", below);
  }
  series("_bucket", labels, "+Inf");
  fmt::format_to(std::back_inserter(out_), "{}\n", histogram.count);
  series("_sum", labels);
  fmt::format_to(std::back_inserter(out_), "{}\n", static_cast<double>(histogram.sum_us) / 1e6);
  series("_count", labels);
  fmt::format_to(std::back_inserter(out_), "{}\n", histogram.count);
}

}  // namespace ropewalk::telemetry
