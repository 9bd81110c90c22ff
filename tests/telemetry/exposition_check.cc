#include "tests/telemetry/exposition_check.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace ropewalk::telemetry {
namespace {

bool is_name(std::string_view text, bool colon) {
  if (text.empty() || (text[0] >= '0' && text[0] <= '9')) return false;
  return std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (colon && c == ':');
  });
}

struct Sample {
  std::string name;
  std::map<std::string, std::string> labels;
  double value = 0;
};

// `{a="b",c="d"}` at the start of `rest`; takes it off.
bool read_labels(std::string_view& rest, std::map<std::string, std::string>& labels) {
  rest.remove_prefix(1);
  while (!rest.empty() && rest[0] != '}') {
    const auto equals = rest.find("=\"");
    if (equals == std::string_view::npos) return false;
    const std::string name(rest.substr(0, equals));
    if (!is_name(name, false) || name.starts_with("__")) return false;
    rest.remove_prefix(equals + 2);
    std::string value;
    while (!rest.empty() && rest[0] != '"') {
      if (rest[0] == '\\') {
        if (rest.size() < 2 || (rest[1] != 'n' && rest[1] != '"' && rest[1] != '\\')) return false;
        value += rest[1] == 'n' ? '\n' : rest[1];
        rest.remove_prefix(2);
        continue;
      }
      value += rest[0];
      rest.remove_prefix(1);
    }
    if (rest.empty() || !labels.emplace(name, value).second) return false;
    rest.remove_prefix(1);
    if (rest.starts_with(",") && rest.size() > 1 && rest[1] != '}')
      rest.remove_prefix(1);
    else if (!rest.starts_with("}"))
      return false;
  }
  if (rest.empty()) return false;
  rest.remove_prefix(1);
  return true;
}

std::optional<Sample> read_sample(std::string_view line) {
  Sample sample;
  const auto end = line.find_first_of("{ ");
  if (end == std::string_view::npos) return std::nullopt;
  sample.name = line.substr(0, end);
  if (!is_name(sample.name, true)) return std::nullopt;
  line.remove_prefix(end);
  if (line[0] == '{' && !read_labels(line, sample.labels)) return std::nullopt;
  if (!line.starts_with(' ')) return std::nullopt;
  const std::string number(line.substr(1));
  char* stop = nullptr;
  sample.value = std::strtod(number.c_str(), &stop);
  if (number.empty() || *stop != '\0' || number.find_first_of(" xX") != std::string::npos)
    return std::nullopt;
  return sample;
}

class Checker {
 public:
  ParsedMetrics run(std::string_view text) {
    if (!text.ends_with('\n')) out_.error = "no newline at the end";
    while (!text.empty() && out_.error.empty()) {
      const auto end = text.find('\n');
      line(text.substr(0, end));
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    if (out_.error.empty()) close_family();
    return std::move(out_);
  }

 private:
  void wrong(std::string_view line, std::string_view why) {
    out_.error = std::string(why) + ": " + std::string(line);
  }

  void line(std::string_view text) {
    if (text.starts_with("# HELP ")) return help(text);
    if (text.starts_with("# TYPE ")) return type(text);
    if (text.starts_with("#") || text.empty()) return wrong(text, "stray line");
    const auto sample = read_sample(text);
    if (!sample) return wrong(text, "not a sample");
    take(text, *sample);
  }

  void help(std::string_view text) {
    close_family();
    if (!out_.error.empty()) return;
    const std::string name(text.substr(7, text.find(' ', 7) - 7));
    if (!is_name(name, true) || text.find(' ', 7) == std::string_view::npos)
      return wrong(text, "HELP without text");
    if (!seen_.insert(name).second) return wrong(text, "second HELP");
    family_ = name;
    type_.clear();
  }

  void type(std::string_view text) {
    const auto space = text.find(' ', 7);
    if (space == std::string_view::npos || text.substr(7, space - 7) != family_ || !type_.empty())
      return wrong(text, "TYPE does not follow its HELP");
    type_ = text.substr(space + 1);
    if (type_ != "counter" && type_ != "gauge" && type_ != "histogram")
      return wrong(text, "unknown type");
    if ((type_ == "counter") != family_.ends_with("_total"))
      return wrong(text, "counters and only counters end with _total");
    out_.types[family_] = type_;
  }

  void take(std::string_view text, const Sample& sample) {
    if (type_.empty()) return wrong(text, "sample before TYPE");
    if (!out_.samples.emplace(text.substr(0, text.rfind(' ')), sample.value).second)
      return wrong(text, "series twice");
    if (type_ == "histogram") return take_histogram(text, sample);
    if (sample.name != family_) return wrong(text, "sample of another family");
    if (sample.labels.contains("le")) return wrong(text, "le outside of a histogram");
    if (type_ == "counter" && !(sample.value >= 0)) return wrong(text, "negative counter");
  }

  struct Histogram {
    std::vector<std::pair<double, double>> buckets;  // le, count
    std::optional<double> sum, count;
  };

  void take_histogram(std::string_view text, const Sample& sample) {
    auto labels = sample.labels;
    const std::string le = labels.contains("le") ? labels.extract("le").mapped() : "";
    Histogram& histogram = histograms_[labels];
    const bool bucket = sample.name == family_ + "_bucket";
    if (bucket != !le.empty()) return wrong(text, "le belongs to buckets");
    if (bucket) {
      const double bound = le == "+Inf" ? INFINITY : std::strtod(le.c_str(), nullptr);
      if (!histogram.buckets.empty() && (bound <= histogram.buckets.back().first ||
                                         sample.value < histogram.buckets.back().second))
        return wrong(text, "buckets must grow");
      histogram.buckets.emplace_back(bound, sample.value);
    } else if (sample.name == family_ + "_sum") {
      histogram.sum = sample.value;
    } else if (sample.name == family_ + "_count") {
      histogram.count = sample.value;
    } else {
      wrong(text, "sample of another family");
    }
  }

  void close_family() {
    for (const auto& [labels, histogram] : histograms_) {
      if (histogram.buckets.empty() || !std::isinf(histogram.buckets.back().first))
        return wrong(family_, "no +Inf bucket");
      if (!histogram.sum || histogram.count != histogram.buckets.back().second)
        return wrong(family_, "sum or count missing or wrong");
    }
    histograms_.clear();
    if (!family_.empty() && type_.empty()) wrong(family_, "no TYPE");
  }

  ParsedMetrics out_;
  std::set<std::string> seen_;
  std::string family_;
  std::string type_;
  std::map<std::map<std::string, std::string>, Histogram> histograms_;
};

}  // namespace

ParsedMetrics check_exposition(std::string_view text) { return Checker().run(text); }

}  // namespace ropewalk::telemetry
