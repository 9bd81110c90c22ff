#include "config/extra/opentelemetry.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace ropewalk::config {
namespace {

using nlohmann::json;

constexpr double kMostPort = 65535;

// One object of the block, read leniently.
class Block {
 public:
  Block(const json& object, std::string path, Diagnostics& diagnostics)
      : reader_(object, std::move(path), diagnostics) {}

  bool flag(std::string_view key) {
    const json* value = reader_.find(key);
    if (value && !value->is_boolean()) warn(key, "true or false", *value);
    return value && value->is_boolean() && value->get<bool>();
  }

  std::string text(std::string_view key) {
    const json* value = reader_.find(key);
    if (value && !value->is_string()) warn(key, "a text", *value);
    return value && value->is_string() ? value->get<std::string>() : std::string();
  }

  double number(std::string_view key, double fallback, double lowest, double highest) {
    const json* value = reader_.find(key);
    if (!value) return fallback;
    if (value->is_number() && value->get<double>() >= lowest && value->get<double>() <= highest)
      return value->get<double>();
    warn(key, "a number from " + json(lowest).dump() + " to " + json(highest).dump(), *value);
    return fallback;
  }

  int whole(std::string_view key, double fallback, double lowest, double highest) {
    return static_cast<int>(number(key, fallback, lowest, highest));
  }

  json texts(std::string_view key) {
    json out = json::array();
    const json* value = reader_.find(key);
    if (value && !value->is_array()) warn(key, "a list of texts", *value);
    if (value && value->is_array())
      for (const json& entry : *value)
        if (entry.is_string()) out.push_back(entry);
    return out;
  }

  std::vector<std::pair<const json*, std::string>> objects(std::string_view key) {
    std::vector<std::pair<const json*, std::string>> out;
    const json* value = reader_.find(key);
    if (!value) return out;
    if (!value->is_array()) {
      warn(key, "a list", *value);
      return out;
    }
    for (std::size_t i = 0; i < value->size(); ++i)
      if ((*value)[i].is_object()) out.emplace_back(&(*value)[i], child(reader_.path_of(key), i));
    return out;
  }

  const json* object(std::string_view key) {
    const json* value = reader_.find(key);
    if (value && !value->is_object()) warn(key, "an object", *value);
    return value && value->is_object() ? value : nullptr;
  }

  void warn(std::string_view key, const std::string& expected, const json& value) {
    reader_.diagnostics().warn(reader_.path_of(key),
                               "ignored: expected " + expected + ", got " + shown(value));
  }
  Reader& reader() { return reader_; }

 private:
  Reader reader_;
};

json read_prometheus(const json& value, std::string path, Diagnostics& diagnostics) {
  Block block(value, std::move(path), diagnostics);
  json out{{"name", block.text("name")},
           {"port", block.whole("port", 9090, 1, kMostPort)},
           {"listen_ip", block.text("listen_ip")},
           {"process_metrics", block.flag("process_metrics")}};
  const bool disabled = block.flag("disable_metrics");
  block.reader().ignore("go_metrics", "there are none: this is no Go program", Severity::advice);
  block.reader().finish();
  return disabled ? json() : out;
}

json read_otlp(const json& value, std::string path, Diagnostics& diagnostics) {
  Block block(value, std::move(path), diagnostics);
  const bool http = block.flag("use_http");
  json out{{"name", block.text("name")},
           {"host", block.text("host")},
           {"port", block.whole("port", http ? 4318 : 4317, 1, kMostPort)},
           {"use_http", http},
           {"disable_metrics", block.flag("disable_metrics")},
           {"disable_traces", block.flag("disable_traces")},
           {"period", block.whole("custom_metric_reporting_period", 0, 0, 86400)}};
  block.reader().finish();
  if (!out["host"].get_ref<const std::string&>().empty()) return out;
  diagnostics.warn(block.reader().path_of("host"), "ignored: an exporter without a host");
  return {};
}

json read_layer(Block& layers, std::string_view name) {
  json out{{"disable_metrics", false}, {"disable_traces", false}, {"disable_propagation", false}};
  const json* value = layers.object(name);
  if (!value) return out;
  Block layer(*value, layers.reader().path_of(name), layers.reader().diagnostics());
  for (const char* key : {"disable_metrics", "disable_traces", "disable_propagation"})
    out[key] = layer.flag(key);
  for (const char* key : {"report_headers", "metrics_static_attributes", "traces_static_attributes",
                          "semantic_convention", "skip_headers"})
    layer.reader().ignore(key, "not supported yet and without effect");
  layer.reader().finish();
  return out;
}

// The stages of a backend: a disable_stage of each kind switches that kind off.
json read_backend_layer(Block& layers) {
  json out{{"disable_metrics", false}, {"disable_traces", false}};
  const json* value = layers.object("backend");
  if (!value) return out;
  Block layer(*value, layers.reader().path_of("backend"), layers.reader().diagnostics());
  for (const auto& [key, target] :
       {std::pair{"metrics", "disable_metrics"}, std::pair{"traces", "disable_traces"}}) {
    const json* stages = layer.object(key);
    if (!stages) continue;
    Block block(*stages, layer.reader().path_of(key), layers.reader().diagnostics());
    out[target] = block.flag("disable_stage");
    for (const char* detail : {"round_trip", "read_payload", "detailed_connection",
                               "static_attributes", "report_headers", "skip_headers"})
      block.reader().ignore(detail, "not supported yet and without effect");
    block.reader().finish();
  }
  layer.reader().finish();
  return out;
}

}  // namespace

std::string read_opentelemetry(const ExtraValue& extra, Diagnostics& diagnostics) {
  if (!extra.value->is_object()) {
    diagnostics.warn(extra.path, "ignored: expected an object, got " + shown(*extra.value));
    return {};
  }
  Block root(*extra.value, extra.path, diagnostics);
  json out{{"service_name", root.text("service_name")},
           {"service_version", root.text("service_version")},
           {"deploy_env", root.text("deploy_env")},
           {"metric_reporting_period", root.whole("metric_reporting_period", 30, 1, 86400)},
           {"trace_sample_rate", root.number("trace_sample_rate", 1, 0, 1)},
           {"prometheus", json::array()},
           {"otlp", json::array()}};
  if (root.reader().has("skip_paths")) out["skip_paths"] = root.texts("skip_paths");
  if (const json* exporters = root.object("exporters")) {
    Block block(*exporters, root.reader().path_of("exporters"), diagnostics);
    for (const auto& [value, path] : block.objects("prometheus"))
      if (json one = read_prometheus(*value, path, diagnostics); !one.is_null())
        out["prometheus"].push_back(std::move(one));
    for (const auto& [value, path] : block.objects("otlp"))
      if (json one = read_otlp(*value, path, diagnostics); !one.is_null())
        out["otlp"].push_back(std::move(one));
    block.reader().finish();
  }
  static const json none = json::object();
  const json* given = root.object("layers");
  Block layers(given ? *given : none, root.reader().path_of("layers"), diagnostics);
  out["global"] = read_layer(layers, "global");
  out["proxy"] = read_layer(layers, "proxy");
  out["backend"] = read_backend_layer(layers);
  layers.reader().finish();
  root.reader().finish();
  if (!out["prometheus"].empty() || !out["otlp"].empty())
    return out.dump(-1, ' ', false, json::error_handler_t::replace);
  diagnostics.warn(extra.path, "without effect: no exporter");
  return {};
}

std::string read_metrics(const ExtraValue& extra, Diagnostics& diagnostics) {
  if (!extra.value->is_object()) {
    diagnostics.warn(extra.path, "ignored: expected an object, got " + shown(*extra.value));
    return {};
  }
  Block block(*extra.value, extra.path, diagnostics);
  std::string address = block.text("listen_address");
  if (address.empty()) address = ":8090";
  json out{{"listen_address", address}};
  for (const char* key : {"proxy_disabled", "router_disabled", "backend_disabled"})
    if (block.flag(key)) out[key] = true;
  const bool disabled = block.flag("endpoint_disabled");
  block.reader().ignore("collection_time");  // the page is never older than the question
  block.reader().finish();
  return disabled ? std::string() : out.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace ropewalk::config
