// Namespaces of KrakenD's paid edition that the user agrees to run without (--allow-missing). They
// are taken out of the document, each with a warning, before anybody reads it. One thread.
#pragma once

#include "common/error.h"
#include "config/reader.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::config {

// In the paid edition and not in this build. plugin/*, queues, functions and other protocols are no
// such names: without them the gateway could not answer.
bool may_be_missing(std::string_view name);

// Errors (Kind::config): a name for which there is nothing to agree to, with what there is.
Result<void> check_allow_missing(const std::vector<std::string>& names);

void leave_out(nlohmann::json& document, const std::vector<std::string>& names,
               Diagnostics& diagnostics);

}  // namespace ropewalk::config
