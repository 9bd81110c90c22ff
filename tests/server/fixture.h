// A gateway on a free port, and resources for it: written by hand, or loaded from a
// KrakenD document.
#pragma once

#include "config/load.h"
#include "dataplane/configsync/resource_table.h"
#include "dataplane/server/gateway.h"
#include "tests/server/peers.h"

#include <gmock/gmock.h>

#include <csignal>
#include <string>
#include <vector>

namespace ropewalk::server {

using config::v1::Resource;
using configsync::ResourceMap;
using testing::Backend;
using testing::Client;
using ::testing::EndsWith;
using testing::get;
using ::testing::HasSubstr;
using testing::json_answer;
using ::testing::Not;
using ::testing::StartsWith;
using namespace std::chrono_literals;

inline void add(ResourceMap& all, Resource resource) {
  std::string name = resource.name();
  resource.clear_hash();
  resource.set_hash(resource.SerializeAsString());
  all[name] = std::make_shared<const Resource>(std::move(resource));
}

inline void add_hosts(ResourceMap& all, const std::string& name,
                      const std::vector<std::uint16_t>& ports) {
  Resource resource;
  resource.set_name("hosts/" + name);
  resource.mutable_host_set();
  for (const std::uint16_t port : ports) {
    auto& host = *resource.mutable_host_set()->add_hosts();
    host.set_address("127.0.0.1");
    host.set_port(port);
  }
  add(all, resource);
}

struct PartOf {
  std::string hosts;
  std::string pattern;
  std::string group;
};

inline void add_endpoint(ResourceMap& all, const std::string& path,
                         const std::vector<PartOf>& parts,
                         config::v1::Encoding output = config::v1::ENCODING_JSON,
                         std::chrono::nanoseconds timeout = 2s, const std::string& method = "GET") {
  Resource endpoint;
  endpoint.set_name("endpoint/* " + method + " " + path);
  endpoint.mutable_endpoint()->set_method(method);
  endpoint.mutable_endpoint()->set_path(path);
  endpoint.mutable_endpoint()->set_output_encoding(output);
  endpoint.mutable_endpoint()->set_timeout_ns(timeout.count());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    Resource backend;
    backend.set_name("backend/* " + method + " " + path + "#" + parts[i].hosts + std::to_string(i));
    backend.mutable_backend()->set_host_set("hosts/" + parts[i].hosts);
    backend.mutable_backend()->set_url_pattern(parts[i].pattern);
    backend.mutable_backend()->set_method(method);
    backend.mutable_backend()->set_group(parts[i].group);
    if (output == config::v1::ENCODING_NO_OP) backend.mutable_backend()->set_encoding(output);
    endpoint.mutable_endpoint()->add_backends(backend.name());
    add(all, backend);
  }
  add(all, endpoint);
}

class GatewayTest : public ::testing::Test {
 protected:
  explicit GatewayTest(std::size_t workers = 2) : gateway_(options(workers)) {
    std::signal(SIGPIPE, SIG_IGN);  // as the program does: OpenSSL writes to peers that are gone
    EXPECT_TRUE(gateway_.listen({{"127.0.0.1", 0, false}}));
  }
  static Gateway::Options options(std::size_t workers = 2) {
    Gateway::Options out;
    out.workers = workers;
    out.compile.identity = compile::Identity::of("");
    return out;
  }
  std::uint16_t port() const { return gateway_.listeners().front().port; }

  Gateway gateway_;
};

// A Backend's answer: the request line.
inline std::string echo(const std::string& head) {
  return json_answer("{\"line\":\"" + head.substr(0, head.find('\r')) + "\"}");
}

// PORT1, PORT2 ... in the document are the ports of the peers.
inline ResourceMap load(std::string document, const std::vector<std::uint16_t>& ports) {
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const std::string name = "PORT" + std::to_string(i + 1);
    for (std::size_t at; (at = document.find(name)) != std::string::npos;)
      document.replace(at, name.size(), std::to_string(ports[i]));
  }
  ResourceMap all;
  auto loaded = config::load_text(document, config::Syntax::json, "krakend.json", {});
  EXPECT_TRUE(loaded) << loaded.error().message;
  if (loaded)
    for (Resource& resource : loaded->resources) add(all, std::move(resource));
  return all;
}

}  // namespace ropewalk::server
