// EndpointSlices -> the addresses of a backend (design 5.7). Pure; internal to the
// translator.
#pragma once

#include "controller/objects/objects.h"
#include "controller/translate/ports.h"
#include "controller/translate/translate.h"

#include <map>
#include <vector>

namespace ropewalk::controller {

using SlicesByService = std::map<ObjectKey, std::vector<const EndpointSlice*>>;

SlicesByService slices_by_service(const ObjectSet& objects);

// The name that stands for the Service in Host, SNI and certificate.
std::string service_host_name(const Service& service);

// Sorted by address and port, each once.
config::v1::HostSet make_host_set(const Service& service, const SelectedPort& port,
                                  const std::vector<const EndpointSlice*>& slices,
                                  const Options& options);

}  // namespace ropewalk::controller
