// The router answers by the most specific host that has a route, and there by the method before
// "any": a later claim can take the requests of an earlier one without being equal to it. Within
// one namespace that is what its authors want; another namespace may not do it, nor may anybody to
// the gateway's own configuration. Internal to the translator; lives for one translation.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::controller {

// `host` as in EntrySpec::hostnames, "" for any; `method` "*" for any; `path` as in the model.
struct ClaimKey {
  std::string host;
  std::string method;
  std::string path;
};
std::string describe(const ClaimKey& claim);  // "GET /v1/products on shop.example.com"

class Shadows {
 public:
  // A claim that was won. `space` is the namespace of its owner, "" for the configuration.
  void add(const ClaimKey& claim, std::string space, std::string owner);

  // The earlier claim that this one would take requests from, as the rest of a sentence about it;
  // nothing when there is none.
  std::optional<std::string> over(const ClaimKey& claim, std::string_view space) const;

 private:
  struct Earlier {
    ClaimKey claim;
    std::string space;
    std::string owner;
  };
  using Paths =
      std::map<std::string, std::vector<Earlier>, std::less<>>;  // by identity of the path

  static std::optional<std::string> taken(const std::vector<Earlier>& earlier,
                                          const ClaimKey& claim, std::string_view space,
                                          bool same_host);
  std::map<std::string, Paths, std::less<>> hosts_;
};

}  // namespace ropewalk::controller
