// A subset of Go's text/template with the functions of Sprig that configurations use: what
// KrakenD's flexible configuration is written in. Own work with own limits: output, steps and depth
// are bounded, nothing is read but what `include` and `env` are given.
//
// One thread. Errors: "file:line:column: template: what is wrong", of Kind::config where Go would
// not take the template either, Kind::not_found for a function of Go or Sprig that this build
// lacks, Kind::too_large for one of these limits.
#pragma once

#include "common/error.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace ropewalk::config::templates {

struct Environment {
  std::function<std::string(const std::string& name)> include;
  std::function<std::optional<std::string>(const std::string& name)> variable;
  // Told of each action that wrote "<no value>" where it stands, once: "file:line:column" and the
  // action's own text.
  std::function<void(const std::string& place, const std::string& action)> no_value;
  std::size_t most_output = std::size_t{32} << 20;  // bytes
  std::size_t most_made = std::size_t{256} << 20;   // bytes of all texts and lists on the way
  std::uint64_t most_steps = 5'000'000;
  int most_depth = 500;  // of nested actions and template calls together
};

class Engine {
 public:
  explicit Engine(Environment environment);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine();

  // The text becomes the template `name`, and so do its {{define}}s; a later one of the same name
  // wins, unless it holds nothing but white space. `file` is how errors call it.
  Result<void> add(const std::string& name, const std::string& file, std::string text);

  // `data` is the dot and $ at the beginning.
  Result<std::string> execute(const std::string& name, const nlohmann::json& data) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ropewalk::config::templates
