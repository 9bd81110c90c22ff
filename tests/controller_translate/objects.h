// Services and EndpointSlices for tests, without YAML.
#pragma once

#include "controller/objects/objects.h"

#include <map>
#include <memory>
#include <string>

namespace ropewalk::controller {

struct Sketch {
  std::string name;
  std::map<std::string, std::string> annotations;  // without the prefix
  std::string namespace_ = "shop";
  std::string created = "2026-01-01T00:00:00Z";
  std::vector<ServicePort> ports = {{.name = "http", .port = 8080}};
};

inline void add(ObjectSet& set, const Sketch& sketch) {
  auto service = std::make_shared<Service>();
  service->meta.name = sketch.name;
  service->meta.namespace_ = sketch.namespace_;
  service->meta.creation_timestamp = sketch.created;
  service->meta.uid = sketch.namespace_ + "-" + sketch.name;
  for (const auto& [key, value] : sketch.annotations)
    service->meta.annotations["ropewalk.dev/" + key] = value;
  service->ports = sketch.ports;
  set.services[{sketch.namespace_, sketch.name}] = service;
  auto slice = std::make_shared<EndpointSlice>();
  slice->meta.name = sketch.name + "-1";
  slice->meta.namespace_ = sketch.namespace_;
  slice->service_name = sketch.name;
  slice->address_type = "IPv4";
  slice->ports = {{.name = "http", .port = 8080}};
  slice->endpoints = {{.addresses = {"10.0.0.1"}}};
  set.endpoint_slices[{sketch.namespace_, slice->meta.name}] = slice;
}

}  // namespace ropewalk::controller
