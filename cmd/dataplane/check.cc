#include "cmd/dataplane/check.h"

#include "cmd/dataplane/describe.h"
#include "common/files.h"
#include "config/consent.h"
#include "config/migrate.h"
#include "config/reader.h"
#include "config/schema.h"
#include "dataplane/app/standalone.h"
#include "dataplane/compile/compile.h"

#include <algorithm>
#include <cstdio>
#include <set>
#include <utility>

extern char** environ;

namespace ropewalk::dataplane {
namespace {

int failed(const char* doing, const Error& error) {
  // Into a pipe stdout is buffered, and what was said before would come after.
  std::fflush(stdout);
  std::fprintf(stderr, "ERROR %s: %s\n", doing, error.message.c_str());
  return 1;
}

void print_warnings(const std::string& file, const config::Loaded& loaded) {
  for (std::size_t i = 0; i < loaded.warnings.size(); ++i) {
    const config::Warning& warning = loaded.warnings[i];
    const config::Position at = loaded.places[i];
    std::string place = file;
    if (at.line > 0) place += ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
    std::printf("%s: %s: %s\n", place.c_str(), warning.path.c_str(), warning.message.c_str());
  }
}

std::size_t without_effect(const config::Loaded& loaded) {
  return static_cast<std::size_t>(
      std::ranges::count(loaded.warnings, config::Severity::no_effect, &config::Warning::severity));
}

// The keys that have an effect, by their paths.
std::set<std::string> supported(std::set<std::string> keys, const config::Loaded& loaded) {
  for (const config::Warning& warning : loaded.warnings)
    if (warning.severity == config::Severity::no_effect) keys.erase(warning.path);
  return keys;
}

}  // namespace

config::LoadOptions load_options(const Flags& flags) {
  config::LoadOptions options;
  options.allow_missing = flags.allow_missing;
  for (char** entry = environ; *entry; ++entry) {
    const std::string_view pair = *entry;
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos)
      options.environment.emplace(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return options;
}

int check(const Flags& flags) {
  if (flags.schema) {
    std::fputs(config::json_schema().c_str(), stdout);
    return 0;
  }
  if (flags.config.empty())
    return failed("reading the command line", {.message = "check: give -c FILE"});
  if (const auto agreed = config::check_allow_missing(flags.allow_missing); !agreed)
    return failed("reading the command line", agreed.error());
  std::printf("Parsing configuration file: %s\n", flags.config.c_str());
  if (!flags.lint_schema.empty())
    std::printf("%s: not read: what is supported is known here\n", flags.lint_schema.c_str());
  config::LoadOptions options = load_options(flags);
  std::set<std::string> known;
  if (flags.lint)
    options.known_keys = [&](const std::string& object, std::string_view key, bool present) {
      if (present) known.insert(config::child(object, key));
    };
  auto loaded = config::load_file(flags.config, options);
  if (!loaded) return failed("parsing the configuration file", loaded.error());
  if (flags.debug) std::fputs(describe(*loaded).c_str(), stdout);
  print_warnings(flags.config, *loaded);
  const std::size_t ignored = without_effect(*loaded);
  if (flags.lint) {
    const auto keys = supported(std::move(known), *loaded);
    if (flags.debug)
      for (const std::string& key : keys) std::printf("supported: %s\n", key.c_str());
    std::printf("Keys: %zu supported, %zu ignored or unknown\n", keys.size(), ignored);
  }
  const auto compiled =
      compile::compile_whole(app::by_name(std::move(loaded->resources)), {}, nullptr);
  if (!compiled) return failed("testing the configuration file", compiled.error());
  if (flags.lint && ignored > 0) {
    return failed("linting the configuration file",
                  {.message = std::to_string(ignored) +
                              (ignored == 1 ? " key or setting" : " keys or settings") +
                              " without the effect that is hoped for, named above"});
  }
  std::puts("Syntax OK!");
  return 0;
}

int migrate(const Flags& flags) {
  const auto text = read_file(flags.config);
  if (!text) return failed("reading the configuration file", text.error());
  const auto migrated = config::migrate(*text, config::syntax_of(flags.config), flags.config);
  if (!migrated) return failed("parsing the configuration file", migrated.error());
  for (const std::string& note : migrated->notes) std::fprintf(stderr, "%s\n", note.c_str());
  std::fputs(migrated->text.c_str(), stdout);
  return 0;
}

}  // namespace ropewalk::dataplane
