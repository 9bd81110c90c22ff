// The list behind `ropewalk-controller problems`: everything that is not as its author meant, in
// one place. Pure; the page /problems carries it as JSON.
#pragma once

#include "common/error.h"
#include "controller/app/fold.h"

#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::controller {

struct ReportedProblem {
  std::string object;  // "Service shop/products", "shop.yaml document 2", "data plane web-1"
  std::string reason;  // CamelCase
  std::string message;
  std::vector<std::string> held;  // names of resources that stay as they were
  bool operator==(const ReportedProblem&) const = default;
};

// Why a list may lack something.
inline const ReportedProblem kNothingPublished{
    "this controller", "NothingPublished", "nothing was published yet", {}};
inline const ReportedProblem kStandsBy{
    "this controller",
    "StandsBy",
    "data planes are connected to the replica that leads (the holder of the Lease): ask that one",
    {}};

std::vector<ReportedProblem> list_problems(const Translation& translation, const Feedback& feedback,
                                           const std::vector<NodeReport>& nodes,
                                           const std::vector<SourceProblem>& source,
                                           const std::string& gateway_config_error);

std::string problems_to_json(const std::vector<ReportedProblem>& problems);
Result<std::vector<ReportedProblem>> problems_from_json(std::string_view text);
// For a terminal: a column each for object, reason and message; held names below.
std::string problems_table(const std::vector<ReportedProblem>& problems);

}  // namespace ropewalk::controller
