// The KrakenD document of --gateway-config: read at start, read again when a file of it changes; a
// bad one keeps the old one, and there is none before the first good one. Owned by the controller;
// any thread.
#pragma once

#include "common/error.h"
#include "config/load.h"

#include <functional>
#include <memory>
#include <string>

namespace ropewalk::controller {

class GatewayConfig {
 public:
  using Document = std::shared_ptr<const config::Loaded>;

  // The only error is that there is no such file. A document that is not acceptable is logged: a
  // controller that would not start with it could not follow addresses either. `on_change` runs on
  // the file watch's thread, after the document was replaced or became bad.
  static Result<std::unique_ptr<GatewayConfig>> open(const std::string& path,
                                                     std::function<void()> on_change);
  ~GatewayConfig();

  Document document() const;  // null before the first good one
  std::string error() const;  // of the newest version, "" when it is in force

 private:
  struct Impl;
  explicit GatewayConfig(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ropewalk::controller
