#include "controller/app/gateway_config.h"

#include "common/file_watch.h"
#include "common/log.h"
#include "config/watched_file.h"

#include <filesystem>
#include <mutex>
#include <optional>
#include <utility>

namespace ropewalk::controller {

struct GatewayConfig::Impl {
  explicit Impl(std::string file, std::function<void()> changed)
      : path(std::move(file)), on_change(std::move(changed)) {}

  bool read() {
    auto loaded = file->load();
    // Data planes are given addresses; nobody here asks for SRV records.
    if (loaded && !loaded->discovered.empty())
      loaded = fail(Kind::config, path + ": sd dns (" + loaded->discovered.front().name +
                                      ") is for files of a data plane only");
    const std::scoped_lock lock(mutex);
    if (!loaded) {
      error = loaded.error().message;
      log::error(document ? "gateway configuration is not acceptable, the old one stays"
                          : "gateway configuration is not acceptable, data planes keep what they "
                            "have and are told addresses only",
                 {{"error", error}});
      return false;
    }
    for (const config::Warning& warning : loaded->warnings)
      log::warning(warning.severity == config::Severity::advice ? "configuration that may surprise"
                                                                : "configuration without effect",
                   {{"file", path}, {"path", warning.path}, {"message", warning.message}});
    error.clear();
    document = std::make_shared<const config::Loaded>(std::move(*loaded));
    return true;
  }

  void read_again() {
    const std::scoped_lock reading(one_reading);
    if (read()) log::info("gateway configuration replaced", {{"file", path}});
    on_change();
  }

  const std::string path;
  const std::function<void()> on_change;
  std::mutex one_reading;
  mutable std::mutex mutex;  // document and error
  Document document;
  std::string error;
  std::optional<config::WatchedFile> file;
  std::unique_ptr<FileWatch> watch;  // last: its thread ends before the rest
};

GatewayConfig::GatewayConfig(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
GatewayConfig::~GatewayConfig() = default;

Result<std::unique_ptr<GatewayConfig>> GatewayConfig::open(const std::string& path,
                                                           std::function<void()> on_change) {
  // A document that went bad stands in its place; a wrong name on the command line does not.
  if (!std::filesystem::exists(path))
    return fail(Kind::config, "--gateway-config " + path + ": there is no such file");
  auto impl = std::make_unique<Impl>(path, std::move(on_change));
  {
    // The watch stands before the first reading, so that no change falls between.
    Impl& self = *impl;
    const std::scoped_lock reading(self.one_reading);
    self.watch = std::make_unique<FileWatch>(std::vector{path}, [&self] { self.read_again(); });
    self.file.emplace(path, config::LoadOptions{},
                      [&self](auto files) { self.watch->set_paths(std::move(files)); });
    self.read();
  }
  return std::unique_ptr<GatewayConfig>(new GatewayConfig(std::move(impl)));
}

GatewayConfig::Document GatewayConfig::document() const {
  const std::scoped_lock lock(impl_->mutex);
  return impl_->document;
}

std::string GatewayConfig::error() const {
  const std::scoped_lock lock(impl_->mutex);
  return impl_->error;
}

}  // namespace ropewalk::controller
