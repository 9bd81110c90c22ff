#include "controller/kube/folder.h"

#include "controller/kube/folder_source.h"
#include "tests/controller_kube/folder_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

namespace ropewalk::controller::kube {
namespace {

using testing::HasSubstr;

std::string service_yaml(const std::string& name, const std::string& path = "/v1") {
  return "apiVersion: v1\nkind: Service\nmetadata:\n  name: " + name +
         "\n  annotations: {ropewalk.dev/endpoint: " + path + "}\n---\n";
}

std::string slice(const std::string& name, const std::string& address) {
  return "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: " + name +
         "}\nendpoints: [{addresses: [" + address + "]}]\n---\n";
}

std::string path_of(const ObjectSet& set, const std::string& name) {
  const auto found = set.services.find({"default", name});
  return found == set.services.end() ? "gone"
                                     : found->second->meta.annotations.at("ropewalk.dev/endpoint");
}

class FolderTest : public FolderFixture {
 protected:
  Folder subject{folder()};
};

TEST_F(FolderTest, ReadsManifestsAndNothingElse) {
  write("a.yaml", service_yaml("a"));
  write("b.yml", service_yaml("b"));
  write("c.json", R"({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "c"}})");
  write("d.txt", service_yaml("d"));
  write(".hidden.yaml", service_yaml("e"));
  write("sub/f.yaml", service_yaml("f"));
  write("g.yaml/nested.yaml", service_yaml("g"));
  EXPECT_TRUE(subject.read());
  EXPECT_EQ(subject.objects().services.size(), 3u);
  EXPECT_TRUE(subject.problems().empty());
  EXPECT_FALSE(subject.read()) << "nothing changed";
}

TEST_F(FolderTest, ABadFileKeepsItsOldStateAndOthersGoOn) {
  write("a.yaml", service_yaml("a", "/1") + service_yaml("b", "/1"));
  write("c.yaml", service_yaml("c", "/1"));
  subject.read();
  write("a.yaml", service_yaml("a", "/2") + "kind: 3\n");
  write("c.yaml", service_yaml("c", "/2"));
  EXPECT_TRUE(subject.read());
  EXPECT_EQ(path_of(subject.objects(), "a"), "/1");
  EXPECT_EQ(path_of(subject.objects(), "b"), "/1");
  EXPECT_EQ(path_of(subject.objects(), "c"), "/2");
  ASSERT_EQ(subject.problems().size(), 1u);
  EXPECT_THAT(subject.problems()[0].message, HasSubstr("a.yaml: document 2: "));
  EXPECT_FALSE(subject.read());
  EXPECT_EQ(subject.problems().size(), 1u) << "it stays a problem";
  write("a.yaml", service_yaml("a", "/3"));
  EXPECT_TRUE(subject.read());
  EXPECT_EQ(path_of(subject.objects(), "a"), "/3");
  EXPECT_EQ(path_of(subject.objects(), "b"), "gone");
  EXPECT_TRUE(subject.problems().empty());
  // Back to a text that was refused before and is the last one known.
  write("a.yaml", "kind: 3\n");
  subject.read();
  EXPECT_EQ(path_of(subject.objects(), "a"), "/3");
  remove("a.yaml");
  EXPECT_TRUE(subject.read());
  EXPECT_EQ(path_of(subject.objects(), "a"), "gone");
  EXPECT_TRUE(subject.problems().empty());
}

TEST_F(FolderTest, TheFirstFileOwnsAName) {
  write("b.yaml", service_yaml("a", "/b"));
  subject.read();
  EXPECT_EQ(path_of(subject.objects(), "a"), "/b");
  write("a.yaml", service_yaml("a", "/a"));
  EXPECT_TRUE(subject.read());
  EXPECT_EQ(path_of(subject.objects(), "a"), "/a");
  ASSERT_EQ(subject.problems().size(), 1u);
  EXPECT_EQ(subject.problems()[0].message, "b.yaml: Service default/a is already in a.yaml");
  remove("a.yaml");
  EXPECT_TRUE(subject.read());
  EXPECT_EQ(path_of(subject.objects(), "a"), "/b");
}

TEST_F(FolderTest, KnowsWhenOnlyEndpointsChanged) {
  write("services.yaml", service_yaml("a"));
  write("slices.yaml", slice("a-1", "192.0.2.1"));
  subject.read();
  EXPECT_FALSE(subject.only_endpoints());
  write("slices.yaml", slice("a-1", "192.0.2.2"));
  EXPECT_TRUE(subject.read());
  EXPECT_TRUE(subject.only_endpoints());
  write("services.yaml", service_yaml("a", "/2"));
  EXPECT_TRUE(subject.read());
  EXPECT_FALSE(subject.only_endpoints());
}

TEST_F(FolderTest, AFolderThatIsGoneKeepsEverything) {
  write("a.yaml", service_yaml("a"));
  subject.read();
  std::filesystem::rename(folder(), folder() + "-moved");
  EXPECT_FALSE(subject.read());
  EXPECT_EQ(subject.objects().services.size(), 1u);
  ASSERT_EQ(subject.problems().size(), 1u);
  EXPECT_THAT(subject.problems()[0].message, HasSubstr("cannot read folder"));
  std::filesystem::rename(folder() + "-moved", folder());
}

// Waits for changes that the source reports.
class Changes {
 public:
  Source::OnChange callback() {
    return [this](Change change) {
      const std::lock_guard lock(mutex_);
      ++count_;
      last_ = change;
      wake_.notify_all();
    };
  }
  template <class Condition>
  bool until(Condition condition) {
    std::unique_lock lock(mutex_);
    return wake_.wait_for(lock, std::chrono::seconds(20), condition);
  }
  int count() {
    const std::lock_guard lock(mutex_);
    return count_;
  }
  Change last() {
    const std::lock_guard lock(mutex_);
    return last_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  int count_ = 0;
  Change last_ = Change::endpoints;
};

class FolderSourceTest : public FolderFixture {
 protected:
  Changes changes;
};

TEST_F(FolderSourceTest, ReportsEdits) {
  write("a.yaml", service_yaml("a", "/1"));
  auto source = FolderSource::create(folder());
  ASSERT_TRUE(source) << source.error().message;
  (*source)->start(changes.callback());
  EXPECT_EQ(changes.count(), 1);
  EXPECT_TRUE((*source)->settled());
  EXPECT_EQ(path_of((*source)->snapshot(), "a"), "/1");
  write("a.yaml", service_yaml("a", "/2"));
  EXPECT_TRUE(changes.until([&] { return path_of((*source)->snapshot(), "a") == "/2"; }));
  (*source)->stop();
}

TEST_F(FolderSourceTest, FollowsTheSymlinkSwapOfAMountedConfigMap) {
  write("..2026_1/a.yaml", service_yaml("a", "/1"));
  std::filesystem::create_directory_symlink("..2026_1", folder() + "/..data");
  std::filesystem::create_symlink("..data/a.yaml", folder() + "/a.yaml");
  auto source = FolderSource::create(folder());
  ASSERT_TRUE(source) << source.error().message;
  (*source)->start(changes.callback());
  EXPECT_EQ(path_of((*source)->snapshot(), "a"), "/1");
  write("..2026_2/a.yaml", service_yaml("a", "/2"));
  std::filesystem::create_directory_symlink("..2026_2", folder() + "/..data_tmp");
  std::filesystem::rename(folder() + "/..data_tmp", folder() + "/..data");
  EXPECT_TRUE(changes.until([&] { return path_of((*source)->snapshot(), "a") == "/2"; }));
}

TEST_F(FolderSourceTest, MissingReferencesAreUnreadable) {
  write("a.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n");
  auto source = FolderSource::create(folder());
  ASSERT_TRUE(source) << source.error().message;
  (*source)->start(changes.callback());
  (*source)->set_references({{"default", "s"}, {"default", "t"}}, {{"default", "c"}});
  const ObjectSet set = (*source)->snapshot();
  EXPECT_TRUE(set.secrets.contains({"default", "s"}));
  EXPECT_EQ(set.unreadable_secrets.size(), 1u);
  EXPECT_EQ(set.unreadable_secrets.at({"default", "t"}), "does not exist");
  EXPECT_EQ(set.unreadable_config_maps.at({"default", "c"}), "does not exist");
  const int before = changes.count();
  (*source)->set_references({{"default", "s"}, {"default", "t"}}, {{"default", "c"}});
  EXPECT_EQ(changes.count(), before) << "the same references change nothing";
}

TEST_F(FolderSourceTest, BadInputAtStartIsRefused) {
  const auto missing = FolderSource::create(folder() + "/none");
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, HasSubstr("--source dir=" + folder() + "/none: "));
  write("a.yaml", "kind: [\n");
  const auto bad = FolderSource::create(folder());
  ASSERT_FALSE(bad);
  EXPECT_THAT(bad.error().message, HasSubstr("a.yaml: document 1, line "));
}

}  // namespace
}  // namespace ropewalk::controller::kube
