#include "common/file_watch.h"

#include "common/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <latch>
#include <mutex>

namespace ropewalk {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "file_watch_XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path_); }
  std::string operator/(const std::string& name) const { return path_ / name; }
  std::string path() const { return path_; }

 private:
  fs::path path_;
};

void write(const std::string& path, std::string_view text) { std::ofstream(path) << text; }

// Counts calls; each wait takes one of them.
class Changes {
 public:
  std::function<void()> callback() {
    return [this] {
      const std::lock_guard lock(mutex_);
      ++seen_;
      arrived_.notify_all();
    };
  }
  testing::AssertionResult next() {
    std::unique_lock lock(mutex_);
    if (!arrived_.wait_for(lock, 10s, [this] { return seen_ > taken_; }))
      return testing::AssertionFailure() << "no change was reported";
    ++taken_;
    return testing::AssertionSuccess();
  }
  int count() {
    const std::lock_guard lock(mutex_);
    return seen_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  int seen_ = 0;
  int taken_ = 0;
};

TEST(FileWatch, SeesAFileWrittenInPlace) {
  Folder folder;
  write(folder / "a.json", "1");
  Changes changes;
  FileWatch watch({folder / "a.json"}, changes.callback());
  write(folder / "a.json", "2");
  EXPECT_TRUE(changes.next());
  write(folder / "a.json", "3");  // same size, same inode
  EXPECT_TRUE(changes.next());
}

TEST(FileWatch, SeesAnAtomicReplaceEveryTime) {
  Folder folder;
  write(folder / "a.json", "1");
  Changes changes;
  FileWatch watch({folder / "a.json"}, changes.callback());
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(write_file_atomically(folder / "a.json", "2", 0600).has_value());
    ASSERT_TRUE(changes.next()) << i;
  }
}

TEST(FileWatch, SeesDeletionAppearanceAndPermissions) {
  Folder folder;
  Changes changes;
  FileWatch watch({folder / "later.json"}, changes.callback());
  write(folder / "later.json", "1");
  EXPECT_TRUE(changes.next());
  ::chmod((folder / "later.json").c_str(), 0);
  EXPECT_TRUE(changes.next());
  fs::remove(folder / "later.json");
  EXPECT_TRUE(changes.next());
}

TEST(FileWatch, SeesAConfigMapSwap) {
  Folder folder;
  fs::create_directory(folder / "..v1");
  write(folder / "..v1/krakend.json", "1");
  fs::create_symlink("..v1", folder / "..data");
  fs::create_symlink("..data/krakend.json", folder / "krakend.json");
  Changes of_file;
  Changes of_folder;
  FileWatch file({folder / "krakend.json"}, of_file.callback());
  FileWatch whole({folder.path()}, of_folder.callback());
  for (int version = 2; version < 5; ++version) {
    const std::string name = "..v" + std::to_string(version);
    fs::create_directory(folder / name);
    write(folder / (name + "/krakend.json"), "1");
    fs::create_symlink(name, folder / "..data_tmp");
    fs::rename(folder / "..data_tmp", folder / "..data");
    fs::remove_all(folder / ("..v" + std::to_string(version - 1)));
    ASSERT_TRUE(of_file.next()) << version;
    ASSERT_TRUE(of_folder.next()) << version;
  }
}

TEST(FileWatch, SurvivesParentsThatAreDeletedAndMadeAgain) {
  Folder folder;
  fs::create_directories(folder / "x/y");
  write(folder / "x/y/a.json", "1");
  Changes changes;
  FileWatch watch({folder / "x/y/a.json"}, changes.callback());
  fs::remove_all(folder / "x");
  ASSERT_TRUE(changes.next());
  fs::create_directories(folder / "x/y");
  write(folder / "x/y/a.json", "1");
  ASSERT_TRUE(changes.next());
  fs::rename(folder / "x", folder / "old");
  ASSERT_TRUE(changes.next());
  fs::rename(folder / "old", folder / "x");
  ASSERT_TRUE(changes.next());
  write(folder / "x/y/a.json", "2");
  ASSERT_TRUE(changes.next());
}

TEST(FileWatch, SeesEntriesOfAFolder) {
  Folder folder;
  write(folder / "a.yaml", "1");
  Changes changes;
  FileWatch watch({folder.path()}, changes.callback());
  write(folder / "b.yaml", "1");
  EXPECT_TRUE(changes.next());
  write(folder / "a.yaml", "2");
  EXPECT_TRUE(changes.next());
  fs::rename(folder / "b.yaml", folder / "c.yaml");
  EXPECT_TRUE(changes.next());
  fs::remove(folder / "c.yaml");
  EXPECT_TRUE(changes.next());
}

TEST(FileWatch, FollowsALinkThatIsAnEntryOfAFolder) {
  Folder folder;
  Folder elsewhere;
  write(elsewhere / "real.yaml", "1");
  fs::create_symlink(elsewhere / "real.yaml", folder / "a.yaml");
  Changes changes;
  FileWatch watch({folder.path()}, changes.callback());
  write(elsewhere / "real.yaml", "2");
  EXPECT_TRUE(changes.next());
}

TEST(FileWatch, ReportsWhatPiledUpOnceAndNeighboursNever) {
  Folder folder;
  write(folder / "a.json", "1");
  Changes changes;
  std::latch go_on(1);
  const auto count = changes.callback();
  FileWatch watch({folder / "a.json"}, [&] {
    count();
    if (changes.count() == 1) go_on.wait();
  });
  write(folder / "a.json", "2");
  const bool called = changes.next();
  if (!called) go_on.count_down();
  ASSERT_TRUE(called);
  write(folder / "a.json", "");  // while the callback runs
  write(folder / "a.json", "33");
  go_on.count_down();
  ASSERT_TRUE(changes.next());
  write(folder / "neighbour.json", "1");
  fs::remove(folder / "neighbour.json");
  write(folder / ".a.json.swp", "1");
  write(folder / "a.json", "4");
  ASSERT_TRUE(changes.next());
  EXPECT_EQ(changes.count(), 3);
}

TEST(FileWatch, PathsCanBeReplacedEvenFromTheCallback) {
  Folder folder;
  write(folder / "a.json", "1");
  write(folder / "b.json", "1");
  Changes changes;
  std::atomic<FileWatch*> self = nullptr;
  const auto count = changes.callback();
  FileWatch watch({folder / "a.json"}, [&] {
    self.load()->set_paths({folder / "b.json"});
    count();
  });
  self = &watch;
  write(folder / "a.json", "2");
  ASSERT_TRUE(changes.next());
  write(folder / "a.json", "3");
  write(folder / "b.json", "2");
  ASSERT_TRUE(changes.next());
  EXPECT_EQ(changes.count(), 2);
}

TEST(FileWatch, ALoopOfLinksIsAbsentUntilItIsRepaired) {
  Folder folder;
  fs::create_symlink("b", folder / "a");
  fs::create_symlink("a", folder / "b");
  Changes changes;
  FileWatch watch({folder / "a"}, changes.callback());
  fs::remove(folder / "b");
  write(folder / "b", "1");
  EXPECT_TRUE(changes.next());
}

}  // namespace
}  // namespace ropewalk
