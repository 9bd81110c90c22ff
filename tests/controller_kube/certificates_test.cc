#include "controller/kube/certificates.h"

#include "controller/kube/x509.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace ropewalk::controller::kube {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using std::chrono::days;

class CertificatesTest : public testing::Test {
 protected:
  // Plans, stores the result as the API server would, and gives the names written.
  std::set<std::string> step() {
    auto plan = plan_certificates(stored, names, now);
    EXPECT_TRUE(plan) << plan.error().message;
    std::set<std::string> out;
    for (StoredSecret& secret : *plan) {
      out.insert(secret.name);
      StoredSecret& target = secret.name == names.ca()           ? stored.ca
                             : secret.name == names.controller() ? stored.controller
                                                                 : stored.data_plane;
      EXPECT_EQ(secret.resource_version, target.resource_version);
      target = std::move(secret);
      target.resource_version = std::to_string(++version);
    }
    return out;
  }
  static KeyPair pair(const StoredSecret& secret) {
    return {secret.data.at("tls.crt"), secret.data.at("tls.key")};
  }
  // Each side's leaf is accepted by the other side's CAs.
  void expect_mutual_trust() {
    for (const auto& [leaf, peer] : {std::pair(&stored.controller, &stored.data_plane),
                                     std::pair(&stored.data_plane, &stored.controller)}) {
      bool trusted = false;
      for (const std::string& ca : authorities(*peer)) {
        trusted = trusted || signed_by(leaf->data.at("tls.crt"), ca);
      }
      EXPECT_TRUE(trusted) << leaf->name;
    }
  }
  static std::vector<std::string> authorities(const StoredSecret& secret) {
    std::vector<std::string> out;
    const std::string& bundle = secret.data.at("ca.crt");
    const std::string begin = "-----BEGIN";
    for (auto at = bundle.find(begin); at != std::string::npos;) {
      const auto next = bundle.find(begin, at + 1);
      out.push_back(bundle.substr(at, next - at));
      at = next;
    }
    return out;
  }

  CertificateNames names{"gw", "infra"};
  StoredCertificates stored;
  WallTime now = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);
  int version = 0;
  const std::set<std::string> all{"gw-ca", "gw-controller-tls", "gw-dataplane-tls"};
};

TEST_F(CertificatesTest, MakesEverythingOnce) {
  EXPECT_EQ(step(), all);
  EXPECT_TRUE(step().empty());
  expect_mutual_trust();
  const auto ca = inspect(pair(stored.ca));
  ASSERT_TRUE(ca);
  EXPECT_TRUE(ca->is_ca);
  EXPECT_EQ(ca->validity.to, now + days(365));
  const auto leaf = inspect(pair(stored.controller));
  ASSERT_TRUE(leaf);
  EXPECT_FALSE(leaf->is_ca);
  EXPECT_EQ(leaf->validity.to, now + days(90));
  EXPECT_LT(leaf->validity.from, now);
  EXPECT_EQ(leaf->dns_names, std::vector<std::string>{"gw-controller.infra.svc"});
  EXPECT_FALSE(stored.controller.data.contains("previous.key"));
}

TEST_F(CertificatesTest, LeavesAreRenewedAtTwoThirds) {
  step();
  const std::string before = stored.controller.data["tls.crt"];
  now += days(59);
  EXPECT_TRUE(step().empty());
  now += days(2);
  EXPECT_EQ(step(), (std::set<std::string>{"gw-controller-tls", "gw-dataplane-tls"}));
  EXPECT_NE(stored.controller.data["tls.crt"], before);
  expect_mutual_trust();
}

TEST_F(CertificatesTest, ANewAuthorityIsTrustedBeforeItSigns) {
  step();
  const std::string old_ca = stored.ca.data["tls.crt"];
  // Up to the renewal of the CA, with leaves renewed just before it.
  for (; now < std::chrono::sys_days(std::chrono::year(2026) / 1 / 1) + days(243); now += days(9)) {
    step();
    expect_mutual_trust();
  }
  while (stored.ca.data["tls.crt"] == old_ca) {
    now += 1h;
    step();
  }
  EXPECT_EQ(authorities(stored.controller).size(), 2u);
  EXPECT_EQ(authorities(stored.data_plane).size(), 2u);
  expect_mutual_trust();
  // A leaf that is lost within the hour is signed by the old one, later by the new one.
  stored.controller.data["tls.crt"] = "broken";
  step();
  EXPECT_TRUE(signed_by(stored.controller.data["tls.crt"], old_ca));
  now += 2h;
  stored.controller.data["tls.crt"] = "broken";
  step();
  EXPECT_TRUE(signed_by(stored.controller.data["tls.crt"], stored.ca.data["tls.crt"]));
  expect_mutual_trust();
}

TEST_F(CertificatesTest, TwoYearsWithoutAGap) {
  step();
  std::set<std::string> cas;
  for (int day = 0; day < 730; day += 15) {
    now += days(15);
    step();
    EXPECT_TRUE(step().empty()) << "the second look plans nothing, day " << day;
    expect_mutual_trust();
    cas.insert(stored.ca.data["tls.crt"]);
    for (const StoredSecret* secret : {&stored.controller, &stored.data_plane}) {
      const auto leaf = inspect(pair(*secret));
      ASSERT_TRUE(leaf);
      EXPECT_GT(leaf->validity.to, now) << secret->name << " on day " << day;
    }
    EXPECT_LE(authorities(stored.controller).size(), 2u);
  }
  EXPECT_EQ(cas.size(), 3u);
}

TEST_F(CertificatesTest, BrokenSecretsAreReplaced) {
  struct Case {
    const char* what;
    void (*harm)(StoredCertificates&);
    std::set<std::string> written;
  };
  const Case cases[] = {
      {"no key",
       [](StoredCertificates& s) { s.controller.data.erase("tls.key"); },
       {"gw-controller-tls"}},
      {"key of another",
       [](StoredCertificates& s) { s.controller.data["tls.key"] = s.data_plane.data["tls.key"]; },
       {"gw-controller-tls"}},
      {"leaf of another name",
       [](StoredCertificates& s) { s.controller.data = s.data_plane.data; },
       {"gw-controller-tls"}},
      {"old bundle",
       [](StoredCertificates& s) { s.data_plane.data["ca.crt"] = "x"; },
       {"gw-dataplane-tls"}},
      {"CA lost", [](StoredCertificates& s) { s.ca = {}; }, all},
      {"CA is a leaf", [](StoredCertificates& s) { s.ca.data = s.controller.data; }, all},
      {"empty Secrets", [](StoredCertificates& s) { s.ca.data = s.controller.data = {}; }, all},
  };
  for (const Case& c : cases) {
    stored = {};
    step();
    c.harm(stored);
    EXPECT_EQ(step(), c.written) << c.what;
    EXPECT_TRUE(step().empty()) << c.what;
    expect_mutual_trust();
  }
}

TEST_F(CertificatesTest, AnExpiredAuthorityStartsOver) {
  step();
  now += days(400);
  EXPECT_EQ(step(), all);
  EXPECT_EQ(authorities(stored.controller).size(), 1u);
  expect_mutual_trust();
}

TEST_F(CertificatesTest, SecretsAsTheApiHasThem) {
  step();
  const auto back = parse_secret(secret_body(stored.ca, names.namespace_));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->name, "gw-ca");
  EXPECT_EQ(back->resource_version, stored.ca.resource_version);
  EXPECT_EQ(back->data, stored.ca.data);
  EXPECT_FALSE(parse_secret("nothing"));
}

TEST_F(CertificatesTest, ARenewalKeepsWhatOthersSetOnTheSecrets) {
  step();
  const json owners = json::parse(R"([{"apiVersion": "v1", "kind": "ConfigMap", "name": "o",
                                       "uid": "1"}])");
  for (StoredSecret* secret : {&stored.ca, &stored.controller, &stored.data_plane}) {
    json body = json::parse(secret_body(*secret, names.namespace_));
    body["metadata"]["annotations"] = {{"replicator/to", "edge"}};
    body["metadata"]["labels"]["team"] = "web";
    body["metadata"]["ownerReferences"] = owners;
    body["metadata"]["finalizers"] = {"example.com/copies"};
    body["metadata"]["managedFields"] = json::array();
    const auto read = parse_secret(body.dump());
    ASSERT_TRUE(read) << read.error().message;
    *secret = *read;
  }
  now += days(300);
  EXPECT_EQ(step(), all);
  for (const StoredSecret* secret : {&stored.ca, &stored.controller, &stored.data_plane}) {
    json meta = json::parse(secret_body(*secret, names.namespace_))["metadata"];
    EXPECT_EQ(meta["annotations"], json({{"replicator/to", "edge"}})) << secret->name;
    EXPECT_EQ(meta["labels"],
              json({{"team", "web"}, {"app.kubernetes.io/managed-by", "ropewalk-controller"}}));
    EXPECT_EQ(meta["ownerReferences"], owners);
    EXPECT_EQ(meta["finalizers"], json({"example.com/copies"}));
    EXPECT_FALSE(meta.contains("managedFields"));
  }
}

}  // namespace
}  // namespace ropewalk::controller::kube
