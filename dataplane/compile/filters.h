// extra_config of one level -> filters and gates, by the table of pipeline/factory.h. Pure but for
// the states that live on.
#pragma once

#include "dataplane/pipeline/chain.h"
#include "dataplane/pipeline/factory.h"

#include <memory>
#include <vector>

namespace ropewalk::compile {

using Gates = std::vector<std::shared_ptr<const pipeline::Gate>>;

// `site` without its text. Error (Kind::config): "extra_config.\"<namespace>\": ...".
Result<Gates> make_gates(const pipeline::Site& site, pipeline::Stage stage);
Result<pipeline::Filters> make_filters(const pipeline::Site& site, pipeline::Stage stage);

// Stands where the gates of the service could not be made: answers 503 to everything.
std::shared_ptr<const pipeline::Gate> closed_gate();

}  // namespace ropewalk::compile
