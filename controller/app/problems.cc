#include "controller/app/problems.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace ropewalk::controller {
namespace {

using nlohmann::json;

std::string text(const ObjectKey& key) { return key.namespace_ + "/" + key.name; }

void add_service(std::vector<ReportedProblem>& out, const ObjectStatus& status,
                 const ServiceStatus& said, const std::set<std::string>& held) {
  const std::string object = "Service " + text(status.service);
  if (!status.accepted) {
    ReportedProblem problem{object, status.reason, status.message, {}};
    for (const std::string& name : status.resources)
      if (held.contains(name)) problem.held.push_back(name);
    out.push_back(std::move(problem));
  }
  for (const Condition& condition : said.conditions)
    if (condition.type == kProgrammedCondition && condition.reason == "Rejected")
      out.push_back({object, condition.reason, condition.message, {}});
}

}  // namespace

std::vector<ReportedProblem> list_problems(const Translation& translation, const Feedback& feedback,
                                           const std::vector<NodeReport>& nodes,
                                           const std::vector<SourceProblem>& source,
                                           const std::string& gateway_config_error) {
  std::vector<ReportedProblem> out;
  for (const SourceProblem& problem : source)
    out.push_back({problem.where, "Source", problem.message, {}});
  if (!gateway_config_error.empty())
    out.push_back({"gateway configuration", "Invalid", gateway_config_error, {}});
  for (const std::string& problem : translation.gateway_problems)
    out.push_back({"gateway", "InvalidReference", problem, {}});
  for (std::size_t i = 0; i < translation.statuses.size() && i < feedback.statuses.size(); ++i)
    add_service(out, translation.statuses[i], feedback.statuses[i], translation.held);
  for (const NodeReport& node : nodes)
    if (!node.connected)
      out.push_back({"data plane " + node.id,
                     "Disconnected",
                     "it serves what it had when the stream ended",
                     {}});
  return out;
}

std::string problems_to_json(const std::vector<ReportedProblem>& problems) {
  json out = json::array();
  for (const ReportedProblem& problem : problems)
    out.push_back({{"object", problem.object},
                   {"reason", problem.reason},
                   {"message", problem.message},
                   {"held", problem.held}});
  return json{{"problems", std::move(out)}}.dump(2, ' ', false, json::error_handler_t::replace) +
         "\n";
}

Result<std::vector<ReportedProblem>> problems_from_json(std::string_view text) {
  try {
    std::vector<ReportedProblem> out;
    for (const json& item : json::parse(text).at("problems"))
      out.push_back({item.at("object").get<std::string>(), item.at("reason").get<std::string>(),
                     item.at("message").get<std::string>(),
                     item.at("held").get<std::vector<std::string>>()});
    return out;
  } catch (const json::exception& error) {
    return fail(Kind::decode, std::string("not a list of problems: ") + error.what());
  }
}

std::string problems_table(const std::vector<ReportedProblem>& problems) {
  if (problems.empty()) return "no problems\n";
  std::size_t objects = 6;
  std::size_t reasons = 6;
  for (const ReportedProblem& problem : problems) {
    objects = std::max(objects, problem.object.size());
    reasons = std::max(reasons, problem.reason.size());
  }
  const auto padded = [](std::string cell, std::size_t width) {
    cell.resize(std::max(width, cell.size()) + 2, ' ');
    return cell;
  };
  std::string out = padded("OBJECT", objects) + padded("REASON", reasons) + "MESSAGE\n";
  for (const ReportedProblem& problem : problems) {
    out += padded(problem.object, objects) + padded(problem.reason, reasons) + problem.message;
    out += '\n';
    for (const std::string& name : problem.held)
      out += padded("", objects) + padded("", reasons) + "held: " + name + "\n";
  }
  return out;
}

}  // namespace ropewalk::controller
