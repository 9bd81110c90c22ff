// A program started by a test: its output line by line, and its end.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace ropewalk {

class Program {
 public:
  explicit Program(std::vector<std::string> command);  // standard output and error are read
  ~Program();                                          // kills what still runs
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // Reads until a line holds `text`; that line, or "" when the program ended or took too long.
  std::string line_with(const std::string& text);
  // The value of `key=` in a log line.
  static std::string value(const std::string& line, const std::string& key);
  void terminate();  // SIGTERM
  int wait();        // the exit code, -1 when it had to be killed
  const std::string& output() const { return output_; }

 private:
  bool read_more(std::chrono::steady_clock::time_point deadline);

  int pid_ = -1;
  int out_ = -1;
  std::string output_;
  std::size_t looked_at_ = 0;
};

}  // namespace ropewalk
