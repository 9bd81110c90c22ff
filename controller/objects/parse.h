// JSON of the Kubernetes API -> typed objects. Pure; any thread. Never throws; an error names the
// path inside the object and what was expected ("spec.ports[0].port: expected a number from 1 to
// 65535"). Fields that Ropewalk does not use are not looked at.
#pragma once

#include "common/error.h"
#include "controller/objects/objects.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>

namespace ropewalk::controller {

enum class ObjectKind : std::uint8_t { service, endpoint_slice, secret, config_map };

// Alternatives in the order of ObjectKind: `ObjectKind{object.index()}`.
using Object = std::variant<std::shared_ptr<const Service>, std::shared_ptr<const EndpointSlice>,
                            std::shared_ptr<const Secret>, std::shared_ptr<const ConfigMap>>;

const char* to_string(ObjectKind kind);  // "Service"
const ObjectMeta& meta_of(const Object& object);
ObjectKey key_of(const Object& object);

// The kind that apiVersion and kind name; nothing for kinds (or versions) that are not ours.
std::optional<ObjectKind> kind_of(const nlohmann::json& value);

// `value` is one object of that kind; items of a list carry neither kind nor apiVersion.
Result<Object> parse_object(ObjectKind kind, const nlohmann::json& value);

// One object as text; nothing for kinds that are not ours.
Result<std::optional<Object>> parse_object(std::string_view json);

// Puts `object` into its map in `set`, replacing the one of the same name.
void insert(ObjectSet& set, Object object);

// status.conditions as the Service carries them.
Result<std::vector<Condition>> parse_conditions(const nlohmann::json& service);

}  // namespace ropewalk::controller
