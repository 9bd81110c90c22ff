// extra_config."validation/json-schema" of an endpoint: what a request's body has to be.
#pragma once

#include "common/error.h"
#include "common/json_schema/json_schema.h"
#include "config/extra.h"
#include "config/files.h"

#include <memory>
#include <string>
#include <string_view>

namespace ropewalk::config {

// From a document: the text that travels in extra_config, with every document that a `$ref` leads
// to. A schema that cannot be used is refused, whatever KrakenD makes of it. `files` null: a `$ref`
// to a file is refused.
std::string read_json_schema(const ExtraValue& extra, Files* files, Diagnostics& diagnostics);
// The reverse, for the data plane. Errors: Kind::config.
Result<std::shared_ptr<const json_schema::Validator>> parse_json_schema(std::string_view text);

}  // namespace ropewalk::config
