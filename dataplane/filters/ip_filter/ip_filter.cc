#include "dataplane/filters/ip_filter/ip_filter.h"

#include "common/strings.h"
#include "dataplane/http/client_address.h"
#include "dataplane/pipeline/block.h"
#include "dataplane/pipeline/gate.h"

#include <algorithm>
#include <optional>

namespace ropewalk::filters {
namespace {

using pipeline::Passage;
using pipeline::Step;

class IpFilter final : public pipeline::Gate {
 public:
  IpFilter(http::TrustedProxies networks, bool allow,
           std::optional<http::ClientAddressSettings> address)
      : networks_(std::move(networks)), allow_(allow), address_(std::move(address)) {}

  bool covers_everything() const override { return true; }

  Step run(Passage& passage) const override {
    const bool listed = address_ ? networks_.trusts(http::client_address(
                                       passage.peer_address, passage.head->fields, *address_))
                                 : networks_.trusts(passage.client_address);
    if (listed == allow_) return Step::next;
    passage.answer(403, "", "");
    return Step::done;
  }

 private:
  http::TrustedProxies networks_;  // those of CIDR
  bool allow_;
  // None: the address by the rules of the service.
  std::optional<http::ClientAddressSettings> address_;
};

}  // namespace

Result<std::shared_ptr<const pipeline::Gate>> make_ip_filter(const pipeline::Site& site) {
  const auto plugins = json::parse(site.text);
  if (!plugins) return std::unexpected(plugins.error());
  const json::Value* block = plugins->find("ip-filter");
  if (!block) return nullptr;
  const auto listed = pipeline::texts_of(*block, "CIDR");
  // An empty list would stand for the private networks.
  if (listed.empty()) return fail(Kind::config, "ip-filter: CIDR has no network");
  auto networks = http::TrustedProxies::parse(listed);
  if (!networks) return std::unexpected(networks.error());
  std::optional<http::ClientAddressSettings> address;
  const auto headers = pipeline::texts_of(*block, "client_ip_headers");
  const auto proxies = pipeline::texts_of(*block, "trusted_proxies");
  if (!headers.empty() || !proxies.empty()) {
    address.emplace();
    if (!headers.empty()) address->headers = headers;
    auto trusted = http::TrustedProxies::parse(proxies);
    if (!trusted) return std::unexpected(trusted.error());
    address->trusted = std::move(*trusted);
  }
  return std::make_shared<const IpFilter>(std::move(*networks), pipeline::flag_of(*block, "allow"),
                                          std::move(address));
}

}  // namespace ropewalk::filters
