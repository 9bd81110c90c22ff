#include "common/json_schema/format.h"

#include <gtest/gtest.h>

namespace ropewalk::json_schema {
namespace {

struct Case {
  const char* format;
  const char* text;
  bool fine;
};

class Formats : public testing::TestWithParam<Case> {};
TEST_P(Formats, Judge) {
  const Format* format = find_format(GetParam().format);
  ASSERT_TRUE(format);
  const char* complaint = format->complaint(GetParam().text);
  EXPECT_EQ(complaint == nullptr, GetParam().fine) << (complaint ? complaint : "no complaint");
}

INSTANTIATE_TEST_SUITE_P(
    JsonSchema, Formats,
    testing::Values(
        Case{"email", "a@example.com", true}, Case{"email", "nobody", false},
        Case{"email", ".a@example.com", false}, Case{"email", "a..b@example.com", false},
        Case{"email", "a@[127.0.0.1]", true}, Case{"email", "a@[IPv6:::1]", true},
        Case{"email", "a@-x-", false}, Case{"email", "", false}, Case{"email", "\"\"@x", true},
        Case{"date", "2024-02-29", true}, Case{"date", "2023-02-29", false},
        Case{"date", "2024-2-29", false}, Case{"date", "2024-13-01", false},
        Case{"date", "", false}, Case{"date-time", "2024-02-29T10:00:00Z", true},
        Case{"date-time", "2024-02-29t10:00:00.5+02:00", true},
        Case{"date-time", "2024-02-29 10:00:00Z", false},
        Case{"date-time", "1998-12-31T23:59:60Z", true},
        Case{"date-time", "1998-12-31T22:59:60Z", false},
        Case{"date-time", "1998-12-31T15:59:60-08:00", true}, Case{"time", "25:00:00Z", false},
        Case{"time", "10:00:00", false}, Case{"time", "10:00:00.Z", false},
        Case{"time", "10:00:00+2:00", false}, Case{"uri", "https://example.com/?a=b", true},
        Case{"uri", "not a uri", false}, Case{"uri", "/path", false},
        Case{"uri", "http://[::1]:80/", true}, Case{"uri", "http://[::1/", false},
        Case{"uri", "http://a:b/", false}, Case{"uri", "http://a/%zz", false},
        Case{"uri", "urn:isbn:1", true}, Case{"uri-reference", "/a?b#c", true},
        Case{"uri-reference", "\\\\a", false}, Case{"uri-template", "/a/{b}", true},
        Case{"uri-template", "/a/{b", false},
        Case{"uuid", "123e4567-e89b-12d3-a456-426614174000", true}, Case{"uuid", "123", false},
        Case{"uuid", "123e4567-e89b-12d3-a456-42661417400g", false}, Case{"ipv4", "1.2.3.4", true},
        Case{"ipv4", "1.2.3.400", false}, Case{"ipv4", "1.2.3.04", false},
        Case{"ipv4", "1.2.3", false}, Case{"ipv6", "::1", true}, Case{"ipv6", "::g", false},
        Case{"ipv6", "1:2:3:4:5:6:7:8", true}, Case{"ipv6", "1:2:3:4:5:6:7", false},
        Case{"ipv6", "::ffff:1.2.3.4", true}, Case{"ipv6", "1::2::3", false},
        Case{"ipv6", "fe80::1%eth0", false}, Case{"ipv6", "1:2:3:4:5:6:7::", true},
        Case{"ipv6", ":::", false}, Case{"hostname", "a-b.example.", true},
        Case{"hostname", "-bad-", false}, Case{"hostname", "a..b", false},
        Case{"hostname", "a_b", false}, Case{"regex", "^a+$", true}, Case{"regex", "(", false},
        Case{"duration", "PT1H", true}, Case{"duration", "1h", false},
        Case{"duration", "P1Y2M3DT4H5M6S", true}, Case{"duration", "P", false},
        Case{"duration", "PT", false}, Case{"duration", "P1D2Y", false},
        Case{"duration", "P2W", true}, Case{"json-pointer", "/a~1b", true},
        Case{"json-pointer", "a/b", false}, Case{"json-pointer", "/a~2", false},
        Case{"relative-json-pointer", "1/a", true}, Case{"relative-json-pointer", "01/a", false},
        Case{"relative-json-pointer", "0#", true}, Case{"semver", "1.2.3-rc.1+b.2", true},
        Case{"semver", "1.2", false}, Case{"semver", "1.02.3", false},
        Case{"period", "2024-01-01T00:00:00Z/P1D", true}, Case{"period", "P1D/P1D", false}));

TEST(JsonSchema, UnknownFormatsAssertNothing) { EXPECT_FALSE(find_format("made-up")); }

}  // namespace
}  // namespace ropewalk::json_schema
