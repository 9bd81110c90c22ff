#include "controller/translate/ports.h"

#include "common/strings.h"

#include <algorithm>
#include <array>

namespace ropewalk::controller {
namespace {

using Refusal = std::unexpected<Problem>;

bool is_http(const ServicePort& port) {
  if (!port.app_protocol.empty())
    return iequals(port.app_protocol, "http") || iequals(port.app_protocol, "https");
  return port.name.starts_with("http");
}

std::string describe(const std::vector<const ServicePort*>& ports) {
  std::string out;
  for (const ServicePort* port : ports)
    out += (out.empty() ? "" : ", ") + (port->name.empty() ? "" : port->name + " ") +
           std::to_string(port->port);
  return out;
}

std::expected<const ServicePort*, Problem> choose(const std::vector<const ServicePort*>& ports,
                                                  const BackendSettings& settings) {
  if (settings.port) {
    for (const ServicePort* port : ports)
      if (port->name == *settings.port || std::to_string(port->port) == *settings.port) return port;
    return Refusal(bad_value("port", "one of the Service's TCP ports (" + describe(ports) + ")",
                             *settings.port));
  }
  if (ports.size() == 1) return ports.front();
  const ServicePort* only = nullptr;
  for (const ServicePort* port : ports) {
    if (!is_http(*port)) continue;
    if (only) {
      only = nullptr;
      break;
    }
    only = port;
  }
  if (only) return only;
  return Refusal({kInvalidPort, "the Service has several ports (" + describe(ports) +
                                    ") and not exactly one is marked http or https: set "
                                    "ropewalk.dev/port"});
}

std::expected<bool, Problem> wants_tls(const ServicePort& port, const BackendSettings& settings) {
  if (settings.scheme) return *settings.scheme == "https";
  static constexpr std::array<std::string_view, 4> kUnsupported = {
      "kubernetes.io/h2c", "kubernetes.io/ws", "kubernetes.io/wss", "grpc"};
  if (std::ranges::any_of(kUnsupported,
                          [&](auto name) { return iequals(port.app_protocol, name); }))
    return Refusal({kInvalidPort, "appProtocol " + port.app_protocol +
                                      " is not supported yet: set ropewalk.dev/scheme if the port "
                                      "also speaks HTTP/1.1"});
  if (!port.app_protocol.empty()) return iequals(port.app_protocol, "https");
  return port.name.starts_with("https") || port.port == 443;
}

}  // namespace

std::expected<SelectedPort, Problem> select_port(const Service& service,
                                                 const BackendSettings& settings) {
  std::vector<const ServicePort*> ports;
  for (const ServicePort& port : service.ports)
    if (port.protocol == "TCP") ports.push_back(&port);
  ServicePort implied;
  if (ports.empty() && service.type == "ExternalName") {
    // Such a Service needs no ports: the number comes from `port` or from the scheme.
    const bool tls = settings.scheme && *settings.scheme == "https";
    const auto number = settings.port ? parse_integer(*settings.port) : Value<int>(tls ? 443 : 80);
    if (!number || *number < 1 || *number > 65535)
      return Refusal(bad_value("port", "a number from 1 to 65535", *settings.port));
    implied.port = static_cast<std::uint16_t>(*number);
    ports.push_back(&implied);
  }
  if (ports.empty()) return Refusal({kInvalidPort, "the Service has no TCP port"});
  auto chosen = &implied == ports.front() ? ports.front() : choose(ports, settings);
  if (!chosen) return Refusal(std::move(chosen.error()));
  const auto tls = wants_tls(**chosen, settings);
  if (!tls) return Refusal(tls.error());
  return SelectedPort{(*chosen)->name, (*chosen)->port, *tls};
}

}  // namespace ropewalk::controller
