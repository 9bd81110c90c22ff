#include "controller/objects/parse.h"

#include "controller/objects/base64.h"

#include <nlohmann/json.hpp>

#include <utility>

namespace ropewalk::controller {
namespace {

using nlohmann::json;

// Carries the path of the first violation out of nested readers; the public functions turn it into
// an Error.
struct Violation {
  std::string path;
  std::string expected;
};

[[noreturn]] void violated(const std::string& path, const std::string& expected) {
  throw Violation{path, expected};
}

const json* member(const json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::string text(const json& object, const char* name, const std::string& path) {
  const json* value = member(object, name);
  if (!value) return {};
  if (!value->is_string()) violated(path + name, "a string");
  return value->get<std::string>();
}

bool flag(const json& object, const char* name, const std::string& path, bool otherwise) {
  const json* value = member(object, name);
  if (!value) return otherwise;
  if (!value->is_boolean()) violated(path + name, "true or false");
  return value->get<bool>();
}

std::int64_t integer(const json& object, const char* name, const std::string& path) {
  const json* value = member(object, name);
  if (!value) return 0;
  if (!value->is_number_integer()) violated(path + name, "a whole number");
  return value->get<std::int64_t>();
}

std::uint16_t port(const json& object, const char* name, const std::string& path) {
  const std::int64_t value = integer(object, name, path);
  if (value < 0 || value > 65535) violated(path + name, "a number from 1 to 65535");
  return static_cast<std::uint16_t>(value);
}

const json& object_at(const json& parent, const char* name, const std::string& path) {
  static const json empty = json::object();
  const json* value = member(parent, name);
  if (!value) return empty;
  if (!value->is_object()) violated(path + name, "an object");
  return *value;
}

const json& list_at(const json& parent, const char* name, const std::string& path) {
  static const json empty = json::array();
  const json* value = member(parent, name);
  if (!value) return empty;
  if (!value->is_array()) violated(path + name, "a list");
  return *value;
}

template <class Read>
void each_object(const json& list, const std::string& path, Read read) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string at = path + "[" + std::to_string(i) + "]";
    if (!list[i].is_object()) violated(at, "an object");
    read(list[i], at + ".");
  }
}

std::map<std::string, std::string> text_map(const json& parent, const char* name,
                                            const std::string& path) {
  std::map<std::string, std::string> out;
  for (const auto& [key, value] : object_at(parent, name, path).items()) {
    if (!value.is_string()) {
      violated(path + name + "." + key, "a string (put the value in quotes)");
    }
    out.emplace(key, value.get<std::string>());
  }
  return out;
}

std::string decoded(const std::string& in, const std::string& path) {
  auto out = decode_base64(in);
  if (!out) violated(path, "base64");
  return std::move(*out);
}

ObjectMeta read_meta(const json& value) {
  const json& in = object_at(value, "metadata", "");
  const std::string path = "metadata.";
  ObjectMeta out;
  out.namespace_ = text(in, "namespace", path);
  out.name = text(in, "name", path);
  if (out.name.empty()) violated(path + "name", "a name");
  out.uid = text(in, "uid", path);
  out.resource_version = text(in, "resourceVersion", path);
  out.creation_timestamp = text(in, "creationTimestamp", path);
  out.generation = integer(in, "generation", path);
  out.labels = text_map(in, "labels", path);
  out.annotations = text_map(in, "annotations", path);
  return out;
}

// targetPort is IntOrString.
std::string int_or_string(const json& object, const char* name, const std::string& path) {
  const json* value = member(object, name);
  if (!value) return {};
  if (value->is_number_integer()) return std::to_string(value->get<std::int64_t>());
  if (!value->is_string()) violated(path + name, "a number or a name");
  return value->get<std::string>();
}

std::vector<Condition> read_conditions(const json& service) {
  std::vector<Condition> out;
  const json& status = object_at(service, "status", "");
  each_object(list_at(status, "conditions", "status."), "status.conditions",
              [&](const json& in, const std::string& path) {
                out.push_back({.type = text(in, "type", path),
                               .status = text(in, "status", path),
                               .reason = text(in, "reason", path),
                               .message = text(in, "message", path),
                               .last_transition_time = text(in, "lastTransitionTime", path),
                               .observed_generation = integer(in, "observedGeneration", path)});
              });
  return out;
}

Service read_service(const json& value) {
  Service out;
  out.meta = read_meta(value);
  const json& spec = object_at(value, "spec", "");
  if (std::string type = text(spec, "type", "spec."); !type.empty()) out.type = std::move(type);
  out.external_name = text(spec, "externalName", "spec.");
  each_object(list_at(spec, "ports", "spec."), "spec.ports",
              [&](const json& in, const std::string& path) {
                ServicePort entry;
                entry.name = text(in, "name", path);
                if (std::string p = text(in, "protocol", path); !p.empty()) {
                  entry.protocol = std::move(p);
                }
                entry.app_protocol = text(in, "appProtocol", path);
                entry.port = port(in, "port", path);
                if (entry.port == 0) violated(path + "port", "a number from 1 to 65535");
                entry.target_port = int_or_string(in, "targetPort", path);
                out.ports.push_back(std::move(entry));
              });
  out.conditions = read_conditions(value);
  return out;
}

EndpointSlice read_endpoint_slice(const json& value) {
  EndpointSlice out;
  out.meta = read_meta(value);
  out.address_type = text(value, "addressType", "");
  if (const auto label = out.meta.labels.find("kubernetes.io/service-name");
      label != out.meta.labels.end()) {
    out.service_name = label->second;
  }
  each_object(list_at(value, "endpoints", ""), "endpoints",
              [&](const json& in, const std::string& path) {
                Endpoint entry;
                const json& addresses = list_at(in, "addresses", path);
                for (std::size_t i = 0; i < addresses.size(); ++i) {
                  if (!addresses[i].is_string()) {
                    violated(path + "addresses[" + std::to_string(i) + "]", "a string");
                  }
                  entry.addresses.push_back(addresses[i].get<std::string>());
                }
                const json& conditions = object_at(in, "conditions", path);
                const std::string below = path + "conditions.";
                entry.ready = flag(conditions, "ready", below, true);
                entry.serving = flag(conditions, "serving", below, entry.ready);
                entry.terminating = flag(conditions, "terminating", below, false);
                out.endpoints.push_back(std::move(entry));
              });
  each_object(list_at(value, "ports", ""), "ports", [&](const json& in, const std::string& path) {
    EndpointPort entry;
    entry.name = text(in, "name", path);
    if (std::string p = text(in, "protocol", path); !p.empty()) entry.protocol = std::move(p);
    entry.port = port(in, "port", path);
    out.ports.push_back(std::move(entry));
  });
  return out;
}

// stringData exists in files only: the API server folds it into data, where it wins.
Secret read_secret(const json& value) {
  Secret out;
  out.meta = read_meta(value);
  out.type = text(value, "type", "");
  for (const auto& [key, encoded] : text_map(value, "data", "")) {
    out.data.emplace(key, decoded(encoded, "data." + key));
  }
  for (auto& [key, plain] : text_map(value, "stringData", "")) {
    out.data.insert_or_assign(key, plain);
  }
  return out;
}

ConfigMap read_config_map(const json& value) {
  ConfigMap out;
  out.meta = read_meta(value);
  out.data = text_map(value, "data", "");
  for (const auto& [key, encoded] : text_map(value, "binaryData", "")) {
    out.data.emplace(key, decoded(encoded, "binaryData." + key));
  }
  return out;
}

template <class T>
Object share(T value) {
  return std::make_shared<const T>(std::move(value));
}

std::unexpected<Error> refused(const Violation& violation) {
  return fail(Kind::config, violation.path + ": expected " + violation.expected, Origin::control);
}

}  // namespace

const char* to_string(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::service:
      return "Service";
    case ObjectKind::endpoint_slice:
      return "EndpointSlice";
    case ObjectKind::secret:
      return "Secret";
    case ObjectKind::config_map:
      return "ConfigMap";
  }
  return "";
}

const ObjectMeta& meta_of(const Object& object) {
  return std::visit([](const auto& value) -> const ObjectMeta& { return value->meta; }, object);
}

ObjectKey key_of(const Object& object) {
  const ObjectMeta& meta = meta_of(object);
  return {meta.namespace_, meta.name};
}

std::optional<ObjectKind> kind_of(const json& value) {
  if (!value.is_object()) return {};
  const auto kind = value.find("kind");
  const auto version = value.find("apiVersion");
  if (kind == value.end() || version == value.end() || !kind->is_string() ||
      !version->is_string()) {
    return {};
  }
  const auto& name = kind->get_ref<const std::string&>();
  const auto& group = version->get_ref<const std::string&>();
  if (group == "discovery.k8s.io/v1") {
    if (name == "EndpointSlice") return ObjectKind::endpoint_slice;
    return {};
  }
  if (group != "v1") return {};
  if (name == "Service") return ObjectKind::service;
  if (name == "Secret") return ObjectKind::secret;
  if (name == "ConfigMap") return ObjectKind::config_map;
  return {};
}

Result<Object> parse_object(ObjectKind kind, const json& value) {
  try {
    if (!value.is_object()) violated("document", "an object");
    switch (kind) {
      case ObjectKind::service:
        return share(read_service(value));
      case ObjectKind::endpoint_slice:
        return share(read_endpoint_slice(value));
      case ObjectKind::secret:
        return share(read_secret(value));
      case ObjectKind::config_map:
        return share(read_config_map(value));
    }
    return fail(Kind::internal, "unknown kind of object", Origin::control);
  } catch (const Violation& violation) {
    return refused(violation);
  } catch (const json::exception& error) {
    return fail(Kind::config, error.what(), Origin::control);
  }
}

Result<std::optional<Object>> parse_object(std::string_view text) {
  const json value = json::parse(text, nullptr, false);
  if (value.is_discarded()) return fail(Kind::config, "not JSON", Origin::control);
  const auto kind = kind_of(value);
  if (!kind) return std::nullopt;
  auto object = parse_object(*kind, value);
  if (!object) return std::unexpected(object.error());
  return std::move(*object);
}

void insert(ObjectSet& set, Object object) {
  ObjectKey key = key_of(object);
  struct Visitor {
    ObjectSet& set;
    ObjectKey& key;
    void operator()(std::shared_ptr<const Service>& v) { set.services[key] = std::move(v); }
    void operator()(std::shared_ptr<const EndpointSlice>& v) {
      set.endpoint_slices[key] = std::move(v);
    }
    void operator()(std::shared_ptr<const Secret>& v) { set.secrets[key] = std::move(v); }
    void operator()(std::shared_ptr<const ConfigMap>& v) { set.config_maps[key] = std::move(v); }
  };
  std::visit(Visitor{set, key}, object);
}

Result<std::vector<Condition>> parse_conditions(const json& service) {
  try {
    if (!service.is_object()) violated("document", "an object");
    return read_conditions(service);
  } catch (const Violation& violation) {
    return refused(violation);
  } catch (const json::exception& error) {
    return fail(Kind::config, error.what(), Origin::control);
  }
}

}  // namespace ropewalk::controller
