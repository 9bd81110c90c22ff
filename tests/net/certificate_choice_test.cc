#include "dataplane/net/certificate_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ropewalk::net {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Mode = CertificateChoice::Mode;

TEST(CertificateChoice, KubernetesPrefersExactNamesAndNeverShowsAnotherHost) {
  CertificateChoice choice(Mode::kubernetes);
  choice.add({"*.example.com"}, false);
  choice.add({"a.example.com", "b.example.com"}, false);
  EXPECT_THAT(choice.candidates("a.example.com"), ElementsAre(1));
  EXPECT_THAT(choice.candidates("A.Example.COM."), ElementsAre(1));
  EXPECT_THAT(choice.candidates("c.example.com"), ElementsAre(0));
  EXPECT_THAT(choice.candidates("a.b.example.com"), IsEmpty());
  EXPECT_THAT(choice.candidates("example.com"), IsEmpty());
  EXPECT_THAT(choice.candidates(".example.com"), IsEmpty());
  EXPECT_THAT(choice.candidates("other.org"), IsEmpty());
  EXPECT_THAT(choice.candidates(""), IsEmpty());
}

TEST(CertificateChoice, KubernetesDefaultServesTheRest) {
  CertificateChoice choice(Mode::kubernetes);
  choice.add({"a.example.com"}, false);
  choice.add({}, true);
  EXPECT_THAT(choice.candidates("a.example.com"), ElementsAre(0));
  EXPECT_THAT(choice.candidates("other.org"), ElementsAre(1));
  EXPECT_THAT(choice.candidates(""), ElementsAre(1));
}

TEST(CertificateChoice, NothingStandsInForAReservedName) {
  CertificateChoice choice(Mode::kubernetes);
  choice.add({"*.example.com"}, false);
  choice.add({}, true);
  choice.reserve({"A.example.com", "*.other.org"});
  EXPECT_THAT(choice.candidates("a.example.com"), IsEmpty());
  EXPECT_THAT(choice.candidates("x.other.org"), IsEmpty());
  EXPECT_THAT(choice.candidates("b.example.com"), ElementsAre(0));
  EXPECT_THAT(choice.candidates("other.org"), ElementsAre(1));
}

TEST(CertificateChoice, FilesTakeTheFirstOfTheListThatFits) {
  CertificateChoice choice(Mode::files);
  choice.add({"first.org"}, false);
  choice.add({"*.example.com"}, false);
  choice.add({"a.example.com"}, false);
  EXPECT_THAT(choice.candidates("a.example.com"), ElementsAre(1, 2));
  EXPECT_THAT(choice.candidates("unknown.org"), ElementsAre(0));
  EXPECT_THAT(choice.candidates(""), ElementsAre(0, 1, 2));
}

TEST(CertificateChoice, OneEntryWithOverlappingNamesCountsOnce) {
  CertificateChoice choice(Mode::files);
  choice.add({"a.example.com", "*.example.com", "*.Example.com"}, false);
  EXPECT_THAT(choice.candidates("a.example.com"), ElementsAre(0));
}

}  // namespace
}  // namespace ropewalk::net
