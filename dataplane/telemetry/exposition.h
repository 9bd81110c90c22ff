// Writes the Prometheus text format 0.0.4. Pure.
#pragma once

#include "dataplane/telemetry/metrics.h"

#include <initializer_list>
#include <string>
#include <string_view>

namespace ropewalk::telemetry {

struct Label {
  std::string_view name;
  std::string_view value;  // any text; escaped
};
using Labels = std::initializer_list<Label>;

class Exposition {
 public:
  // Begins a family; its samples follow before the next one begins. `type`: counter, gauge or
  // histogram.
  void family(std::string_view name, std::string_view type, std::string_view help);
  void sample(std::uint64_t value, Labels labels = {});
  void sample(double value, Labels labels = {});
  void sample(const Histogram& histogram, Labels labels);  // in seconds

  std::string take() { return std::move(out_); }

 private:
  void series(std::string_view suffix, Labels labels, std::string_view le = {});

  std::string out_;
  std::string name_;
};

}  // namespace ropewalk::telemetry
