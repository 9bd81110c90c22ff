// qos/http-cache: answers of a backend kept in memory, around the HTTP call itself.
//
// KrakenD's rules, with those of RFC 9111
// where answers would reach the wrong client or be broken (design 7.5). While one request asks the
// backend for a key, others of any worker wait for its answer; the calls that concurrent_calls
// makes of one request do not wait for each other.
//
// A backend without both limits, and every `shared` one without them, keeps its answers in one
// common memory of 256 MiB.
#pragma once

#include "dataplane/pipeline/factory.h"

namespace ropewalk::http_cache {

Result<std::shared_ptr<const pipeline::Filter>> make_http_cache(const pipeline::Site& site);

}  // namespace ropewalk::http_cache
