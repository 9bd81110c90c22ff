#include "dataplane/app/telemetry.h"

#include "common/admin/admin_server.h"
#include "dataplane/app/log_settings.h"
#include "dataplane/pipeline/block.h"
#include "dataplane/telemetry/metric_points.h"
#include "dataplane/telemetry/otlp/exporter.h"
#include "dataplane/telemetry/otlp/http_sender.h"
#include "dataplane/telemetry/otlp_grpc/grpc_sender.h"
#include "dataplane/telemetry/stats.h"
#include "ropewalk/config/v1/config.pb.h"

#include <chrono>
#include <optional>

namespace ropewalk::app {
namespace {

using pipeline::flag_of;
using pipeline::number_of;
using pipeline::text_of;

std::string block_of(const config::v1::Service& service, const char* space) {
  const auto found = service.extra_config().find(space);
  return found == service.extra_config().end() ? std::string() : found->second;
}

bool layer(const json::Value& block, std::string_view name, std::string_view what) {
  const json::Value* value = block.find(name);
  return !value || !flag_of(*value, "disable_" + std::string(what));
}

const std::vector<json::Value>& list_of(const json::Value& block, std::string_view key) {
  static const std::vector<json::Value> none;
  const json::Value* value = block.find(key);
  return value && value->is_list() ? value->elements() : none;
}

telemetry::MetricLayers layers_of(const json::Value& block) {
  return {layer(block, "global", "metrics"), layer(block, "proxy", "metrics"),
          layer(block, "backend", "metrics"), false};
}

telemetry::TracerSettings tracer_settings(const json::Value& block) {
  telemetry::TracerSettings out;
  const json::Value* rate = block.find("trace_sample_rate");
  out.sample_rate = rate ? rate->as_double() : 1;
  out.request_spans = layer(block, "global", "traces") || layer(block, "proxy", "traces");
  out.backend_spans = layer(block, "backend", "traces");
  out.propagation = layer(block, "global", "propagation");
  out.skip_paths = block.find("skip_paths")
                       ? pipeline::texts_of(block, "skip_paths")
                       : std::vector<std::string>{"/__health", "/__debug/", "/__echo/", "/__stats"};
  return out;
}

telemetry::OtlpTarget target_of(const json::Value& exporter, std::int64_t period) {
  const std::string host = text_of(exporter, "host");
  const auto port = static_cast<std::uint16_t>(number_of(exporter, "port"));
  telemetry::OtlpTarget out;
  out.name = text_of(exporter, "name");
  if (out.name.empty()) out.name = host + ":" + std::to_string(port);
  out.sender = flag_of(exporter, "use_http") ? telemetry::make_http_sender(host, port)
                                             : telemetry::make_grpc_sender(host, port);
  out.traces = !flag_of(exporter, "disable_traces");
  out.metrics = !flag_of(exporter, "disable_metrics");
  const std::int64_t own = number_of(exporter, "period");
  out.period = std::chrono::seconds(own ? own : period);
  return out;
}

// A page with a listener of its own. A busy address is tried again with a later configuration.
struct Listener {
  std::string address, path, content_type;
  std::function<std::string()> page;
  std::unique_ptr<admin::AdminServer> server;
  std::chrono::steady_clock::time_point next_try{};

  void open() {
    const auto now = std::chrono::steady_clock::now();
    if (server || now < next_try) return;
    next_try = now + std::chrono::seconds(30);  // pods that come and go are configurations, too
    auto made = admin::AdminServer::listen(address);
    if (!made) {
      log::warning("no listener for telemetry, a later configuration tries again",
                   {{"path", path}, {"reason", made.error().message}});
      return;
    }
    server = std::move(*made);
    server->handle(path, [content_type = content_type, page = page](std::string_view) {
      return admin::Answer{200, content_type, page()};
    });
    server->start();
  }
};

}  // namespace

struct Telemetry::Impl {
  void apply_logging(const config::v1::Service& service);
  void apply_stats(const std::string& text);
  void apply_opentelemetry(const std::string& text, const std::string& service_name);

  Options options;
  std::string stats_text;
  std::string otel_text;
  std::shared_ptr<telemetry::Tracer> tracer;
  std::unique_ptr<telemetry::OtlpExporter> exporter;
  std::vector<Listener> prometheus;
  std::optional<Listener> stats;
};

void Telemetry::Impl::apply_logging(const config::v1::Service& service) {
  const LogSettings settings =
      log_settings(block_of(service, "telemetry/logging"), block_of(service, "telemetry/logstash"));
  if (options.access_log) options.access_log->use(settings.access);
  auto output = settings.output;
  if (output && options.log_level_given) output->level = options.log_level;
  if (output && options.log_format_given)
    output->style = options.log_format == log::Format::json ? log::Style::json : log::Style::text;
  log::configure(std::move(output));
}

void Telemetry::Impl::apply_stats(const std::string& text) {
  if (text == stats_text) return;
  stats_text = text;
  stats.reset();  // frees the port
  const auto block = json::parse(text);
  if (!block) return;
  const telemetry::StatsLayers layers{.router = !flag_of(*block, "router_disabled"),
                                      .proxy = !flag_of(*block, "proxy_disabled"),
                                      .backend = !flag_of(*block, "backend_disabled")};
  const auto page = [collect = options.collect, layers, command = options.command_line] {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return telemetry::render_stats(
        collect(), layers, command,
        std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
  };
  stats = Listener{text_of(*block, "listen_address"),
                   "/__stats",
                   "application/json; charset=utf-8",
                   page,
                   nullptr,
                   {}};
}

void Telemetry::Impl::apply_opentelemetry(const std::string& text,
                                          const std::string& service_name) {
  if (text + service_name == otel_text) return;
  otel_text = text + service_name;
  exporter.reset();
  prometheus.clear();
  tracer.reset();
  const auto block = json::parse(text);
  if (!block) return;
  for (const json::Value& one : list_of(*block, "prometheus")) {
    telemetry::MetricLayers layers = layers_of(*block);
    layers.process = flag_of(one, "process_metrics");
    std::string ip = text_of(one, "listen_ip");
    if (ip.contains(':')) ip = "[" + ip + "]";
    const auto page = [collect = options.collect, layers] {
      return telemetry::render_prometheus(telemetry::metric_points(collect(), layers));
    };
    prometheus.push_back({ip + ":" + std::to_string(number_of(one, "port")),
                          "/metrics",
                          "text/plain; version=0.0.4; charset=utf-8",
                          page,
                          nullptr,
                          {}});
  }
  telemetry::OtlpExporter::Options exports;
  exports.resource = {text_of(*block, "service_name"), text_of(*block, "service_version"),
                      text_of(*block, "deploy_env")};
  if (exports.resource.service_name.empty()) exports.resource.service_name = service_name;
  if (exports.resource.service_name.empty()) exports.resource.service_name = "ropewalk";
  bool traces = false;
  for (const json::Value& one : list_of(*block, "otlp")) {
    exports.targets.push_back(target_of(one, number_of(*block, "metric_reporting_period")));
    traces = traces || exports.targets.back().traces;
  }
  if (exports.targets.empty()) return;
  if (traces) tracer = std::make_shared<telemetry::Tracer>(tracer_settings(*block));
  exports.tracer = tracer;
  exports.collect = [collect = options.collect, layers = layers_of(*block)] {
    return telemetry::metric_points(collect(), layers);
  };
  exporter = std::make_unique<telemetry::OtlpExporter>(std::move(exports));
}

Telemetry::Telemetry(Options options) : impl_(std::make_unique<Impl>()) {
  impl_->options = std::move(options);
}

Telemetry::~Telemetry() = default;

void Telemetry::apply(const config::v1::Service& service) {
  impl_->apply_logging(service);
  impl_->apply_stats(block_of(service, "telemetry/metrics"));
  impl_->apply_opentelemetry(block_of(service, "telemetry/opentelemetry"), service.name());
  if (impl_->stats) impl_->stats->open();
  for (Listener& one : impl_->prometheus) one.open();
}

std::shared_ptr<telemetry::Tracer> Telemetry::tracer() const { return impl_->tracer; }

}  // namespace ropewalk::app
