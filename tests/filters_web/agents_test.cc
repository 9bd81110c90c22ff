#include "dataplane/filters/bot_detector/agents.h"

#include "dataplane/filters/bot_detector/bot_detector.h"
#include "dataplane/filters/bot_detector/verdicts.h"
#include "fake_passage.h"

namespace ropewalk::filters {
namespace {

using pipeline::Step;
using testing::FakePassage;
using testing::make;

TEST(Agents, AllowThenDenyThenPatterns) {
  const auto agents =
      Agents::make({{"MSIE 6.0", "GoodBot/1.0"},
                    {"EvilBot/2.0", "GoodBot/1.0"},
                    {R"((Pingdom)(\d+)\.(\d+))", "^curl/", "(?i)spider", "GoodBot", "^x.y$"},
                    false});
  ASSERT_TRUE(agents);
  for (const char* bot :
       {"EvilBot/2.0", "GoodBot/2.0", "Mozilla Pingdom1.4", "curl/8", "a SPIDER", "x\xffy"})
    EXPECT_TRUE((*agents)->is_bot(bot)) << bot;
  for (const char* human :
       {"GoodBot/1.0", "evilbot/2.0", "EvilBot/2.0 (x)", "x curl/8", "", "MSIE 6.0", "Pingdom14"})
    EXPECT_FALSE((*agents)->is_bot(human)) << human;
}

TEST(Agents, EmptyAgentsAreBotsWhenTheyShould) {
  EXPECT_TRUE((*Agents::make({{""}, {}, {}, true}))->is_bot(""));
  EXPECT_FALSE((*Agents::make({{}, {""}, {".*"}, false}))->is_bot(""));
}

TEST(Agents, BadPatternsAreRefused) {
  for (const char* pattern : {"(", "a(?!b)", "*"})
    EXPECT_FALSE(Agents::make({{}, {}, {pattern}, false})) << pattern;
}

TEST(Verdicts, KeepsTheLatest) {
  Verdicts verdicts(2);
  verdicts.keep("a", true);
  verdicts.keep("b", false);
  EXPECT_EQ(verdicts.find("a"), true);
  verdicts.keep("c", true);  // b was used longest ago
  EXPECT_EQ(verdicts.find("b"), std::nullopt);
  EXPECT_EQ(verdicts.find("a"), true);
  EXPECT_EQ(verdicts.find("c"), true);
  EXPECT_EQ(verdicts.size(), 2u);
  verdicts.keep(std::string(513, 'x'), true);
  EXPECT_EQ(verdicts.size(), 2u);
}

TEST(BotDetector, RefusesBotsWithAnEmpty403) {
  for (const char* cache : {"0", "2"}) {
    const auto gate =
        make(make_bot_detector, R"({"deny":["Evil"],"cache_size":)" + std::string(cache) + "}");
    for (int i = 0; i < 3; ++i) {
      FakePassage evil("GET", "/", {{"User-Agent", "Evil"}, {"User-Agent", "Good"}});
      EXPECT_EQ(gate->run(evil), Step::done);
      EXPECT_EQ(evil.status_, 403u);
      EXPECT_EQ(evil.text_ + evil.answer_fields, "");
      FakePassage good("GET", "/", {{"User-Agent", "Good"}});
      EXPECT_EQ(gate->run(good), Step::next);
    }
  }
}

}  // namespace
}  // namespace ropewalk::filters
