#include "config/flexible.h"

#include "common/files.h"
#include "config/document.h"
#include "config/template/engine.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>

namespace ropewalk::config {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Variables = std::map<std::string, std::string>;

std::string value_of(const Variables& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string() : found->second;
}

class Compiler {
 public:
  Compiler(const std::string& path, const Variables& environment, const std::string& directory,
           const FileListener& listener)
      : path_(path), environment_(environment), directory_(directory), listener_(listener) {}

  Result<Compiled> run(std::string_view text) {
    read_settings();
    const auto templates = list(value_of(environment_, "FC_TEMPLATES"), ".tmpl");
    if (!problems_.empty())
      return fail(Kind::config, "loading flexible-config settings: " + problems_);
    out_.name = path_ + " (compiled)";
    auto compiled = evaluate(text, templates);
    for (const std::string& name : missing_)
      out_.warnings.push_back(
          {"include \"" + name + "\"", "no such file among the partials: empty"});
    if (!compiled && compiled.error().kind != Kind::config)
      return fail(Kind::config, compiled.error().message);
    if (!compiled) {
      out_.broken = compiled.error().message;
      out_.warnings.push_back(
          {"FC_ENABLE", "template broken, the file is read as it stands: " + out_.broken});
      out_.text = std::string(text);
      out_.name = path_;
      return std::move(out_);
    }
    out_.text = std::move(*compiled);
    if (auto done = write_out(); !done) return std::unexpected(done.error());
    return std::move(out_);
  }

 private:
  std::string full(const std::string& name) const {
    return (fs::path(directory_) / name).lexically_normal().string();
  }

  void problem(const std::string& name, const std::string& what) {
    problems_ += (problems_.empty() ? "" : "; ") + name + ": " + what;
  }

  // Files of a folder, not of its subfolders, by name.
  std::vector<fs::path> list(const std::string& folder, std::string_view suffix) {
    std::vector<fs::path> out;
    if (folder.empty()) return out;
    if (listener_) listener_(full(folder));
    std::error_code error;
    fs::directory_iterator entries(full(folder), error);
    if (error) {
      problem(folder, "cannot be listed: " + error.message());
      return out;
    }
    out_.folders.push_back(full(folder));
    for (const fs::directory_entry& entry : entries) {
      const std::string name = entry.path().filename().string();
      if (name.ends_with(suffix)) out.push_back(entry.path());
    }
    std::ranges::sort(out);
    return out;
  }

  std::optional<std::string> read(const fs::path& path) {
    out_.files.push_back(path.string());
    if (listener_) listener_(path.string());
    auto text = read_file(path.string());
    if (text) return std::move(*text);
    return std::nullopt;
  }

  void read_settings() {
    for (const fs::path& file : list(value_of(environment_, "FC_SETTINGS"), ".json")) {
      const auto text = read(file);
      if (!text) {
        problem(file.string(), "cannot be read");
        continue;
      }
      auto document = parse_json(*text, file.string());
      if (!document) {
        problems_ += (problems_.empty() ? "" : "; ") + document.error().message;
      } else if (document->is_null()) {
        settings_[file.stem().string()] = json::object();
      } else if (!document->is_object()) {
        problem(file.string(), "expected an object");
      } else {
        settings_[file.stem().string()] = std::move(*document);
      }
    }
  }

  Result<std::string> evaluate(std::string_view text, const std::vector<fs::path>& templates) {
    templates::Environment environment;
    environment.include = [this](const std::string& name) { return include(name); };
    environment.variable = [this](const std::string& name) -> std::optional<std::string> {
      const auto found = environment_.find(name);
      if (found == environment_.end()) return std::nullopt;
      return found->second;
    };
    environment.no_value = [this](const std::string& place, const std::string& action) {
      out_.warnings.push_back(
          {"{{ " + action + " }}", place + ": no value: <no value> is written"});
    };
    templates::Engine engine(std::move(environment));
    // First: what a file of the templates defines again takes its place.
    const std::string name = fs::path(path_).filename().string();
    if (auto added = engine.add(name, path_, std::string(text)); !added)
      return std::unexpected(added.error());
    for (const fs::path& file : templates) {
      auto contents = read(file);
      if (!contents) return fail(Kind::config, file.string() + ": cannot be read");
      if (auto added = engine.add(file.filename().string(), file.string(), std::move(*contents));
          !added)
        return std::unexpected(added.error());
    }
    return engine.execute(name, settings_);
  }

  std::string include(const std::string& name) {
    const std::string folder = value_of(environment_, "FC_PARTIALS");
    const fs::path path = (fs::path(full(folder)) / name).lexically_normal();
    if (auto contents = read(path)) return std::move(*contents);
    missing_.insert(name);
    return {};
  }

  Result<void> write_out() {
    const std::string name = value_of(environment_, "FC_OUT");
    if (name.empty()) return {};
    out_.name = name;
    out_.on_disk = true;
    // It may stand in a folder that is watched.
    if (const auto written = read_file(full(name)); written && *written == out_.text) return {};
    // What environment variables gave may be secret.
    return write_file_atomically(full(name), out_.text, 0600);
  }

  const std::string& path_;
  const Variables& environment_;
  const std::string& directory_;
  const FileListener& listener_;
  json settings_ = json::object();
  std::string problems_;
  std::set<std::string> missing_;
  Compiled out_;
};

}  // namespace

bool flexible(const Variables& environment) { return !value_of(environment, "FC_ENABLE").empty(); }

Result<Compiled> compile_flexible(const std::string& path, std::string_view text,
                                  const Variables& environment,
                                  const std::string& working_directory,
                                  const FileListener& named_files) {
  return Compiler(path, environment, working_directory, named_files).run(text);
}

}  // namespace ropewalk::config
