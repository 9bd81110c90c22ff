#include "dataplane/configsync/state_file.h"
#include "common/files.h"
#include "tests/sync/resources.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

namespace ropewalk::configsync {
namespace {

using namespace sync_test;

class StateFileTest : public testing::Test {
 protected:
  StateFileTest() {
    std::string pattern = testing::TempDir() + "ropewalk-state-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
  }
  ~StateFileTest() override { std::filesystem::remove_all(directory_); }

  ResourceMap some() const {
    ResourceMap out;
    for (auto& resource : {host_set("hosts/a"), tls_secret("tls/shop/cert"), endpoint("/x", {})})
      out[resource.name()] = shared(resource);
    return out;
  }

  std::string directory_;
};

TEST_F(StateFileTest, ComesBackAsSaved) {
  const StateFile file(directory_, "default");
  EXPECT_EQ(file.load().error().kind, Kind::not_found);
  ASSERT_TRUE(file.save(some()));
  const auto loaded = file.load();
  ASSERT_TRUE(loaded);
  ASSERT_EQ(loaded->size(), 3u);
  for (const auto& [name, resource] : some()) {
    SCOPED_TRACE(name);
    EXPECT_EQ(loaded->at(name)->SerializeAsString(), resource->SerializeAsString());
  }
  ASSERT_TRUE(file.save({}));
  EXPECT_TRUE(file.load()->empty());
}

TEST_F(StateFileTest, OnlyTheOwnerReadsTheKeys) {
  const StateFile file(directory_, "default");
  ASSERT_TRUE(file.save(some()));
  struct stat status{};
  ASSERT_EQ(::stat(file.path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
}

TEST_F(StateFileTest, CorruptOrForeignIsRefusedWithItsPath) {
  const StateFile file(directory_, "default");
  ASSERT_TRUE(file.save(some()));
  const std::string good = *read_file(file.path());
  std::string flipped = good;
  flipped[flipped.size() - 3] ^= 1;
  std::string other_schema = good;
  other_schema.replace(other_schema.find("schema 1"), 8, "schema 9");
  ASSERT_TRUE(StateFile(directory_, "inner").save(some()));
  const std::string foreign = *read_file(file.path());
  const std::vector<std::pair<std::string, std::string>> cases = {
      {flipped, "its checksum is wrong"},
      {good.substr(0, good.size() / 2), "its checksum is wrong"},
      {other_schema, "written for another schema version"},
      {foreign, "it belongs to another gateway"},
      {"", "not a snapshot of this program"},
      {"{\"version\": 3}", "not a snapshot of this program"},
  };
  for (const auto& [contents, expected] : cases) {
    ASSERT_TRUE(write_file_atomically(file.path(), contents, 0600));
    const auto loaded = file.load();
    ASSERT_FALSE(loaded) << expected;
    EXPECT_EQ(loaded.error().message, "snapshot " + file.path() + " is ignored: " + expected);
  }
}

}  // namespace
}  // namespace ropewalk::configsync
