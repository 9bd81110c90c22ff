// Which port of a Service is called, and how (design 5.4). Pure; internal to the translator.
#pragma once

#include "controller/translate/spec.h"

#include <cstdint>
#include <expected>
#include <string>

namespace ropewalk::controller {

struct SelectedPort {
  std::string name;  // of the Service port, which is also the name in its EndpointSlices
  std::uint16_t number = 0;
  bool tls = false;
};

std::expected<SelectedPort, Problem> select_port(const Service& service,
                                                 const BackendSettings& settings);

}  // namespace ropewalk::controller
