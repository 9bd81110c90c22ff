// A folder of its own for each test, removed afterwards.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace ropewalk::controller::kube {

class FolderFixture : public testing::Test {
 protected:
  FolderFixture() {
    std::string name = testing::TempDir() + "/ropewalk-XXXXXX";
    folder_ = ::mkdtemp(name.data());
  }
  ~FolderFixture() override { std::filesystem::remove_all(folder_); }

  const std::string& folder() const { return folder_; }

  // As an editor that replaces the file; gives its path.
  std::string write(const std::string& name, const std::string& text) {
    const std::filesystem::path path = folder_ + "/" + name;
    std::filesystem::create_directories(path.parent_path());
    const std::string temporary = path.parent_path().string() + "/.new";
    std::ofstream(temporary) << text;
    std::filesystem::rename(temporary, path);
    return path.string();
  }
  void remove(const std::string& name) { std::filesystem::remove(folder_ + "/" + name); }

 private:
  std::string folder_;
};

}  // namespace ropewalk::controller::kube
