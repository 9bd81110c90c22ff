// What the command lines of both programs share: how they are read and what is said of a mistake.
#pragma once

#include <CLI/CLI.hpp>

#include <optional>
#include <string>

namespace ropewalk::cmd {

// The exit code when the process is to end: 0 after --help and --version, 1 after a mistake, as in
// KrakenD. What there is to say has been printed.
std::optional<int> parse(CLI::App& app, int argc, char** argv);

// Check of an option; "" or what is wrong with the text.
std::string not_a_port(const std::string& text);

}  // namespace ropewalk::cmd
