// The entries of a Service: one from flat keys, or those of the list in `endpoints`. Internal to
// the translator.
#pragma once

#include "controller/translate/annotation_reader.h"
#include "controller/translate/spec.h"

#include <string>
#include <string_view>

namespace ropewalk::controller {

// Fills spec.entries; what concerns no single entry goes to spec.problems.
void read_entries(const AnnotationReader& reader, ServiceSpec& spec);

// The part of read_entries that reads the annotation `endpoints`.
void read_entry_list(std::string_view text, ServiceSpec& spec);

// `join`: "[namespace/]name", seen from `service`.
Value<ObjectKey> parse_join(std::string_view text, const ObjectKey& service);

// Sets path, method and wildcard rules of a route from its object; on failure the claim is unknown
// and the entry has a problem.
void read_claim(EntrySpec& entry);

// The first key below `extra_config` that names a file or loads a script; "" when there is none.
std::string file_or_script_in(const nlohmann::json& extra_config);

}  // namespace ropewalk::controller
