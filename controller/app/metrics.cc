#include "controller/app/metrics.h"

#include "common/version.h"

#include <fmt/format.h>
#include <algorithm>

namespace ropewalk::controller {
namespace {

class Text {
 public:
  void family(std::string_view name, std::string_view type, std::string_view help) {
    out_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
  }
  void sample(std::string_view name, std::string_view labels, double value) {
    out_ += fmt::format("{}{} {}\n", name, labels, value);
  }
  void gauge(std::string_view name, std::string_view help, double value) {
    family(name, "gauge", help);
    sample(name, "", value);
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

}  // namespace

std::string render_metrics(const ControllerFigures& figures, const Translation& translation,
                           const std::vector<NodeReport>& nodes) {
  const auto accepted =
      std::ranges::count_if(translation.statuses, [](const auto& s) { return s.accepted; });
  const auto connected = std::ranges::count_if(nodes, [](const auto& n) { return n.connected; });
  std::size_t rejected = 0;
  for (const NodeReport& node : nodes) rejected += node.rejected.size();

  Text text;
  text.family("ropewalk_controller_build_info", "gauge", "Version of the program.");
  text.sample("ropewalk_controller_build_info", fmt::format("{{version=\"{}\"}}", kVersion), 1);
  text.family("ropewalk_controller_translations_total", "counter", "Translations published.");
  text.sample("ropewalk_controller_translations_total", "",
              static_cast<double>(figures.translations));
  text.family("ropewalk_controller_translation_seconds_total", "counter",
              "Time from a change of objects to its publication, summed up.");
  text.sample("ropewalk_controller_translation_seconds_total", "", figures.translation_seconds);
  text.gauge("ropewalk_controller_resources", "Resources of the newest translation.",
             static_cast<double>(figures.resources));
  text.gauge("ropewalk_controller_held_resources", "Resources that stay as they were.",
             static_cast<double>(translation.held.size()));
  text.family("ropewalk_controller_services", "gauge", "Annotated Services.");
  text.sample("ropewalk_controller_services", "{accepted=\"true\"}", static_cast<double>(accepted));
  text.sample("ropewalk_controller_services", "{accepted=\"false\"}",
              static_cast<double>(translation.statuses.size()) - static_cast<double>(accepted));
  text.family("ropewalk_controller_data_planes", "gauge", "Data planes of this gateway.");
  text.sample("ropewalk_controller_data_planes", "{connected=\"true\"}",
              static_cast<double>(connected));
  text.sample("ropewalk_controller_data_planes", "{connected=\"false\"}",
              static_cast<double>(nodes.size()) - static_cast<double>(connected));
  text.gauge("ropewalk_controller_rejected_resources", "Rejections, over all data planes.",
             static_cast<double>(rejected));
  text.gauge("ropewalk_controller_leading",
             "1 on the replica that writes status and has the data planes' streams.",
             figures.leading ? 1 : 0);
  text.gauge("ropewalk_controller_gateway_config_rejected",
             "1 while the newest gateway.config is not acceptable and the one before is in force.",
             figures.gateway_config_rejected ? 1 : 0);
  return text.take();
}

}  // namespace ropewalk::controller
