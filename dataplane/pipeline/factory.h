// How filters and gates come out of a configuration: one table, in the order in which requests
// meet them, each row a namespace of `extra_config` at one level.
#pragma once

#include "common/error.h"
#include "config/registry.h"
#include "dataplane/pipeline/filter.h"
#include "dataplane/pipeline/gate.h"
#include "dataplane/pipeline/state.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ropewalk::config::v1 {
class Service;
class Endpoint;
class Backend;
}  // namespace ropewalk::config::v1

namespace ropewalk::pipeline {

// Where a filter will stand.
struct Site {
  config::Level level = config::Level::service;
  std::string_view text;  // the namespace's JSON text, as config/extra/<namespace> wrote it
  std::string_view id;    // name of the resource: equal over reloads
  const config::v1::Service* service = nullptr;
  const config::v1::Endpoint* endpoint = nullptr;  // at endpoint and backend level
  const config::v1::Backend* backend = nullptr;    // at backend level
  StateRegistry* states = nullptr;                 // null: nothing outlives the configuration
  // What the gateway calls itself towards backends, and where a client library would speak.
  std::string_view user_agent;
  std::string_view narrowed_user_agent;

  // As StateRegistry::get.
  template <class T, class... Args>
  std::shared_ptr<T> state(const std::string& key, Args&&... args) const {
    if (!states) return std::make_shared<T>(std::forward<Args>(args)...);
    return states->get<T>(key, std::forward<Args>(args)...);
  }
};

enum class Stage : std::uint8_t { service_gate, endpoint_gate, proxy, backend, client };

using MakeGate = Result<std::shared_ptr<const Gate>> (*)(const Site&);
using MakeFilter = Result<std::shared_ptr<const Filter>> (*)(const Site&);

struct Factory {
  std::string_view space;  // "qos/ratelimit/router"
  config::Level level;     // whose extra_config it is read from
  Stage stage;
  MakeGate gate = nullptr;      // service_gate, endpoint_gate
  MakeFilter filter = nullptr;  // the others
  // A block without effect yields a null pointer: no filter, no error.
};

// In the order of requests within each stage.
std::span<const Factory> factories();

}  // namespace ropewalk::pipeline
