// Which port of a Service is called, and how (design 5.4). Pure; internal to the translator.
#pragma once

#include "controller/translate/memory.h"
#include "controller/translate/spec.h"

#include <expected>

namespace ropewalk::controller {

std::expected<SelectedPort, Problem> select_port(const Service& service,
                                                 const BackendSettings& settings);

}  // namespace ropewalk::controller
