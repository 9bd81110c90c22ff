// KrakenD's flexible configuration: with FC_ENABLE the file is a template. Reads the folders that
// FC_SETTINGS, FC_PARTIALS and FC_TEMPLATES name, relative to the working directory, and writes
// FC_OUT. One thread.
#pragma once

#include "common/error.h"
#include "config/files.h"
#include "config/warning.h"

#include <map>
#include <string>
#include <vector>

namespace ropewalk::config {

bool flexible(const std::map<std::string, std::string>& environment);

struct Compiled {
  std::string text;
  std::string name;  // how errors call the text: FC_OUT, or the file with " (compiled)"
  bool on_disk = false;
  // Set when a template is broken for KrakenD as well: then `text` is the file as it stands, as
  // KrakenD reads it.
  std::string broken;
  std::vector<Warning> warnings;
  std::vector<std::string> files;    // read on the way
  std::vector<std::string> folders;  // looked through on the way
};

// Errors: folders and settings files that cannot be used, all of them in one message; a template
// that KrakenD would compile and this build cannot, for want of a function or of its limits. Its
// source is not served instead: a key that a template should fill in would be its own text.
Result<Compiled> compile_flexible(const std::string& path, std::string_view text,
                                  const std::map<std::string, std::string>& environment,
                                  const std::string& working_directory,
                                  const FileListener& named_files = {});

}  // namespace ropewalk::config
