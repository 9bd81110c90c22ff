#include "config/watched_file.h"

#include "common/files.h"
#include "tests/fakes/certificates.h"

#include <gmock/gmock.h>

#include <filesystem>

namespace ropewalk::config {
namespace {

using ::testing::ElementsAre;

class WatchedFileTest : public ::testing::Test {
 protected:
  WatchedFileTest() {
    write(ca_, first_);
    write(config_,
          R"({"version": 3, "client_tls": {"ca_certs": [")" + ca_ + R"("]}, "endpoints": []})");
  }
  ~WatchedFileTest() override { std::filesystem::remove_all(folder_); }

  static void write(const std::string& path, const std::string& text) {
    ASSERT_TRUE(write_file_atomically(path, text, 0644).has_value());
  }
  static std::string folder() {
    std::string pattern = ::testing::TempDir() + "watched-file-XXXXXX";
    return ::mkdtemp(pattern.data());
  }
  static std::string ca_of(const Loaded& loaded) {
    return loaded.resources.front().service().client_tls().ca_pem();
  }
  WatchedFile recording() {
    return {config_, {}, [this](auto files) { watched_.push_back(std::move(files)); }};
  }

  const std::string folder_ = folder();
  const std::string config_ = folder_ + "/krakend.json";
  const std::string ca_ = folder_ + "/ca.pem";
  const std::string first_ = fakes::make_ca("first").certificate_pem;
  const std::string second_ = fakes::make_ca("second").certificate_pem;
  std::vector<std::vector<std::string>> watched_;
};

TEST_F(WatchedFileTest, WatchesWhatTheFileNames) {
  WatchedFile file = recording();
  EXPECT_THAT(watched_, ElementsAre(ElementsAre(config_)));
  const auto loaded = file.load();
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  EXPECT_THAT(watched_.back(), ElementsAre(config_, ca_));
  const std::size_t before = watched_.size();
  ASSERT_TRUE(file.load().has_value());
  EXPECT_EQ(watched_.size(), before) << "nothing new";
}

// The file was read, then changed, then watched: no event will come for that change.
TEST_F(WatchedFileTest, AChangeBetweenReadingAndWatchingIsNotMissed) {
  WatchedFile file(config_, {}, [&](const auto& files) {
    if (files.size() == 2) write(ca_, second_);
  });
  const auto loaded = file.load();
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  EXPECT_EQ(ca_of(*loaded), second_);
}

TEST_F(WatchedFileTest, AfterAnErrorWhatWasWatchedIsWatchedOn) {
  WatchedFile file = recording();
  ASSERT_TRUE(file.load().has_value());
  std::filesystem::remove(ca_);
  EXPECT_FALSE(file.load().has_value());
  EXPECT_THAT(watched_.back(), ElementsAre(config_, ca_));
  write(ca_, second_);
  const auto loaded = file.load();
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(ca_of(*loaded), second_);
}

// What is missing or broken there is put right without a change of what names it.
TEST_F(WatchedFileTest, WhatAFailedReadingNamesIsWatched) {
  std::filesystem::remove(ca_);
  WatchedFile file = recording();
  EXPECT_FALSE(file.load().has_value());
  EXPECT_THAT(watched_.back(), ElementsAre(config_, ca_));
}

TEST_F(WatchedFileTest, FoldersOfTemplatesAreWatched) {
  std::filesystem::create_directories(folder_ + "/settings");
  std::filesystem::create_directories(folder_ + "/templates");
  write(folder_ + "/settings/a.json", "{}");
  LoadOptions options;
  options.working_directory = folder_;
  options.environment = {
      {"FC_ENABLE", "1"}, {"FC_SETTINGS", "settings"}, {"FC_TEMPLATES", "templates"}};
  WatchedFile file(config_, options, [this](auto files) { watched_.push_back(std::move(files)); });
  ASSERT_TRUE(file.load().has_value());
  EXPECT_THAT(watched_.back(), ElementsAre(config_, ca_, folder_ + "/settings/a.json",
                                           folder_ + "/settings", folder_ + "/templates"));
  write(folder_ + "/settings/b.json", "{broken");
  EXPECT_FALSE(file.load().has_value());
  EXPECT_THAT(watched_.back(), ::testing::Contains(folder_ + "/settings/b.json"));
  EXPECT_THAT(watched_.back(), ::testing::Contains(folder_ + "/settings"));
}

// The file stands in a folder that is watched: written each time, each writing would be a change.
TEST_F(WatchedFileTest, TheSameCompiledTextIsNotWrittenAgain) {
  std::filesystem::create_directories(folder_ + "/templates");
  LoadOptions options;
  options.working_directory = folder_;
  options.environment = {
      {"FC_ENABLE", "1"}, {"FC_TEMPLATES", "templates"}, {"FC_OUT", "templates/out.json"}};
  WatchedFile file(config_, options, [](const auto&) {});
  const std::string out = folder_ + "/templates/out.json";
  ASSERT_TRUE(file.load().has_value());
  std::filesystem::create_hard_link(out, folder_ + "/first");
  ASSERT_TRUE(file.load().has_value());
  EXPECT_TRUE(std::filesystem::equivalent(out, folder_ + "/first")) << "replaced by another file";
}

TEST_F(WatchedFileTest, WhatIsNotNamedAnyMoreIsNotWatched) {
  WatchedFile file = recording();
  ASSERT_TRUE(file.load().has_value());
  write(config_, R"({"version": 3, "endpoints": []})");
  ASSERT_TRUE(file.load().has_value());
  EXPECT_THAT(watched_.back(), ElementsAre(config_));
}

}  // namespace
}  // namespace ropewalk::config
