#include "cmd/command_line.h"

#include "common/strings.h"

#include <charconv>
#include <cstdio>
#include <string_view>
#include <vector>

namespace ropewalk::cmd {
namespace {

// What CLI11 says of a missing command does not name the word that stands in its place.
std::string without_command(CLI::App& app, std::string_view first) {
  std::vector<std::string_view> names;
  std::vector<std::string> listed;
  for (const CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
    names.push_back(command->get_name());
    listed.push_back(command->get_name());
  }
  const std::string known = "one of " + join(listed, ", ");
  if (first.empty()) return "a command is missing: " + known;
  if (first.starts_with('-'))
    return "unknown option " + std::string(first) + " before the command, " + known;
  const std::string_view near = nearest(first, names);
  return "unknown command \"" + std::string(first) + "\": expected " + known +
         (near.empty() ? std::string() : " (did you mean " + std::string(near) + "?)");
}

// A file without -c. "" when it is something else.
std::string without_option(const CLI::App& command) {
  const CLI::Option* config = command.get_option_no_throw("--config");
  const std::vector<std::string> rest = command.remaining();
  if (!config || config->count() > 0 || rest.size() != 1 || rest[0].starts_with('-')) return {};
  return command.get_name() + ": unexpected \"" + rest[0] + "\" (did you mean -c " + rest[0] + "?)";
}

std::string explained(CLI::App& app, const CLI::ParseError& error, std::string_view first) {
  const auto given = app.get_subcommands();
  if (given.empty()) return without_command(app, first);
  const std::string stray = without_option(*given.front());
  return stray.empty() ? error.what() : stray;
}

}  // namespace

std::optional<int> parse(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    std::fprintf(stderr, "%s\nRun with --help for more information.\n",
                 explained(app, error, argc > 1 ? argv[1] : "").c_str());
    return 1;
  }
  return std::nullopt;
}

std::string not_a_port(const std::string& text) {
  unsigned port = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  const bool good = error == std::errc{} && stop == end && port <= 65535;
  return good ? std::string() : "expected a port from 0 to 65535, got " + text;
}

}  // namespace ropewalk::cmd
