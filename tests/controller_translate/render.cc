#include "tests/controller_translate/render.h"

#include <yaml-cpp/yaml.h>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

namespace ropewalk::controller {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string duration(std::int64_t ns) {
  if (ns % 1'000'000'000 == 0) return std::to_string(ns / 1'000'000'000) + "s";
  if (ns % 1'000'000 == 0) return std::to_string(ns / 1'000'000) + "ms";
  return std::to_string(ns) + "ns";
}

YAML::Node to_yaml(const Message& message);

YAML::Node scalar(const Message& message, const FieldDescriptor& field, int index) {
  const auto& reflection = *message.GetReflection();
  const bool many = field.is_repeated();
  YAML::Node node;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return to_yaml(many ? reflection.GetRepeatedMessage(message, &field, index)
                          : reflection.GetMessage(message, &field));
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text = many ? reflection.GetRepeatedString(message, &field, index)
                                    : reflection.GetString(message, &field);
      if (field.type() == FieldDescriptor::TYPE_BYTES)
        node = "<" + std::to_string(text.size()) + " bytes>";
      else
        node = text;
      return node;
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      node = reflection.GetBool(message, &field);
      return node;
    case FieldDescriptor::CPPTYPE_ENUM:
      node = (many ? reflection.GetRepeatedEnum(message, &field, index)
                   : reflection.GetEnum(message, &field))
                 ->name();
      return node;
    case FieldDescriptor::CPPTYPE_INT64: {
      const std::int64_t value = reflection.GetInt64(message, &field);
      if (field.name().ends_with("_ns"))
        node = duration(value);
      else
        node = value;
      return node;
    }
    case FieldDescriptor::CPPTYPE_UINT32:
      node = many ? reflection.GetRepeatedUInt32(message, &field, index)
                  : reflection.GetUInt32(message, &field);
      return node;
    case FieldDescriptor::CPPTYPE_UINT64:
      node = reflection.GetUInt64(message, &field);
      return node;
    default:
      throw std::logic_error("render: a type that the model did not have: " + field.name());
  }
}

YAML::Node to_yaml(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  YAML::Node out(YAML::NodeType::Map);
  for (const FieldDescriptor* field : fields) {
    if (field->is_map()) {
      const int count = message.GetReflection()->FieldSize(message, field);
      std::map<std::string, std::string> entries;
      for (int i = 0; i < count; ++i) {
        const YAML::Node entry = scalar(message, *field, i);
        entries[entry["key"].as<std::string>()] = entry["value"].as<std::string>();
      }
      for (const auto& [key, value] : entries) out[field->name()][key] = value;
    } else if (field->is_repeated()) {
      YAML::Node list(YAML::NodeType::Sequence);
      const int count = message.GetReflection()->FieldSize(message, field);
      for (int i = 0; i < count; ++i) list.push_back(scalar(message, *field, i));
      if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE)
        list.SetStyle(YAML::EmitterStyle::Flow);
      out[field->name()] = list;
    } else {
      out[field->name()] = scalar(message, *field, 0);
    }
  }
  return out;
}

YAML::Node one(const config::v1::Resource& resource) {
  YAML::Node out;
  out["name"] = resource.name();
  YAML::Node origins(YAML::NodeType::Sequence);
  for (const auto& origin : resource.origins())
    origins.push_back(origin.kind() + " " + origin.namespace_() +
                      (origin.namespace_().empty() ? "" : "/") + origin.name());
  origins.SetStyle(YAML::EmitterStyle::Flow);
  if (origins.size() != 0) out["origins"] = origins;
  YAML::Node rest = to_yaml(resource);
  for (const char* known : {"name", "hash", "origins"}) rest.remove(known);
  for (const auto& entry : rest) {
    if (entry.second.size() == 1 && entry.second["hosts"]) {
      YAML::Node hosts(YAML::NodeType::Sequence);
      for (YAML::Node host : entry.second["hosts"]) {
        host.SetStyle(YAML::EmitterStyle::Flow);
        hosts.push_back(host);
      }
      out[entry.first.Scalar()]["hosts"] = hosts;
    } else {
      out[entry.first.Scalar()] = entry.second;
    }
  }
  return out;
}

template <class Set>
YAML::Node names(const Set& set) {
  YAML::Node out(YAML::NodeType::Sequence);
  for (const auto& name : set) out.push_back(name);
  return out;
}

std::string text(const ObjectKey& key) { return key.namespace_ + "/" + key.name; }

}  // namespace

std::string render(const Translation& translation) {
  YAML::Node out;
  out["resources"] = YAML::Node(YAML::NodeType::Sequence);
  for (const auto& resource : translation.resources)
    if (resource.name() != "service" || resource.origins_size() != 0)
      out["resources"].push_back(one(resource));
  if (!translation.held.empty()) out["held"] = names(translation.held);
  if (!translation.held_services.empty()) out["held_services"] = names(translation.held_services);
  for (const auto& [endpoint, parts] : translation.possible_parts)
    for (const PossiblePart& part : parts)
      out["possible_parts"][endpoint].push_back(part.service + " at " +
                                                std::to_string(part.position) +
                                                (part.backends.empty() ? "" : " held"));
  for (const auto& [name, choices] : translation.host_choices)
    for (const auto& [choice, resource] : choices)
      out["host_choices"][name][choice] = one(resource)["host_set"];
  if (!translation.gateway_problems.empty())
    out["gateway_problems"] = names(translation.gateway_problems);
  for (const ObjectStatus& status : translation.statuses) {
    YAML::Node node;
    node["service"] = text(status.service);
    node["accepted"] = status.accepted;
    node["reason"] = status.reason;
    node["message"] = status.message;
    if (!status.resources.empty()) node["resources"] = names(status.resources);
    out["statuses"].push_back(node);
  }
  for (const Event& event : translation.events)
    out["events"].push_back(text(event.service) + " " + event.reason + ": " + event.message);
  for (const ObjectKey& key : translation.referenced_secrets)
    out["referenced_secrets"].push_back(text(key));
  for (const ObjectKey& key : translation.referenced_config_maps)
    out["referenced_config_maps"].push_back(text(key));
  YAML::Emitter emitter;
  emitter << out;
  return std::string(emitter.c_str()) + "\n";
}

}  // namespace ropewalk::controller
