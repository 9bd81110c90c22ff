#include "controller/kube/config.h"

#include "common/files.h"
#include "tests/controller_kube/folder_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace ropewalk::controller::kube {
namespace {

using testing::HasSubstr;

Environment environment(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const char* name) -> std::optional<std::string> {
    const auto found = values.find(name);
    if (found == values.end()) return {};
    return found->second;
  };
}

std::string kubeconfig(const std::string& cluster, const std::string& user) {
  return "apiVersion: v1\nkind: Config\ncurrent-context: test\n"
         "clusters:\n- name: other\n  cluster: {server: \"https://wrong\"}\n"
         "- name: c\n  cluster: {" +
         cluster +
         "}\n"
         "contexts:\n- name: test\n  context: {cluster: c, user: u, namespace: shop}\n"
         "users:\n- name: u\n  user: {" +
         user + "}\n";
}

class ConfigTest : public FolderFixture {
 protected:
  Result<ClusterConfig> load(const std::string& cluster, const std::string& user) {
    return load_cluster_config(write("kubeconfig", kubeconfig(cluster, user)), environment({}));
  }
};

TEST_F(ConfigTest, InlineCredentials) {
  const auto config =
      load("server: \"https://api.test:6443/k8s/x/\", certificate-authority-data: Q0E=",
           "token: t, client-certificate-data: Q1JU, client-key-data: S0VZ");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->host, "api.test");
  EXPECT_EQ(config->port, "6443");
  EXPECT_EQ(config->base_path, "/k8s/x");
  EXPECT_EQ(config->server_name, "api.test");
  EXPECT_EQ(config->ca_pem, "CA");
  EXPECT_EQ(config->client_certificate_pem, "CRT");
  EXPECT_EQ(config->client_key_pem, "KEY");
  EXPECT_EQ(config->token, "t");
  EXPECT_EQ(config->namespace_, "shop");
  EXPECT_FALSE(config->insecure_skip_verify);
}

TEST_F(ConfigTest, FilesAreRelativeToTheKubeconfig) {
  write("ca.crt", "CA");
  write("a.crt", "CRT");
  write("a.key", "KEY");
  const auto config = load(
      "server: \"https://[::1]\", certificate-authority: ca.crt, tls-server-name: kubernetes, "
      "insecure-skip-tls-verify: true",
      "tokenFile: token, client-certificate: a.crt, client-key: a.key");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->host, "::1");
  EXPECT_EQ(config->port, "443");
  EXPECT_EQ(config->server_name, "kubernetes");
  EXPECT_EQ(config->ca_pem, "CA");
  EXPECT_EQ(config->ca_file, folder() + "/ca.crt");
  EXPECT_EQ(config->client_key_pem, "KEY");
  EXPECT_EQ(config->token_file, folder() + "/token");
  EXPECT_TRUE(config->insecure_skip_verify);
}

TEST_F(ConfigTest, RefusalsSayWhatAndWhere) {
  struct Case {
    const char* cluster;
    const char* user;
    const char* message;
  };
  const Case cases[] = {
      {"server: \"http://a\"", "token: t",
       "cluster.server: expected https://HOST[:PORT], found \"http://a\""},
      {"server: \"https://\"", "token: t", "expected https://HOST[:PORT]"},
      {"server: \"https://a:b\"", "token: t", "expected https://HOST[:PORT]"},
      {"server: \"https://[::1\"", "token: t", "expected https://HOST[:PORT]"},
      {"name: x", "token: t", "expected https://HOST[:PORT], found \"\""},
      {"server: \"https://a\"", "exec: {command: x}",
       "user.exec: credential plugins are not supported"},
      {"server: \"https://a\"", "auth-provider: {name: x}", "user.auth-provider"},
      {"server: \"https://a\", certificate-authority-data: \"*\"", "token: t",
       "certificate-authority-data: expected base64"},
      {"server: \"https://a\", certificate-authority: gone.crt", "token: t",
       "certificate-authority: cannot read"},
      {"server: \"https://a\"", "client-certificate-data: Q1JU",
       "client-certificate and client-key belong together"},
  };
  for (const Case& c : cases) {
    const auto config = load(c.cluster, c.user);
    ASSERT_FALSE(config) << c.message;
    EXPECT_THAT(config.error().message, HasSubstr(c.message));
    EXPECT_THAT(config.error().message, HasSubstr("kubeconfig " + folder()));
    EXPECT_THAT(config.error().message, testing::Not(HasSubstr("\n")));
  }
}

TEST_F(ConfigTest, BrokenKubeconfigs) {
  const std::pair<const char*, const char*> cases[] = {
      {"a: [", "line 1"},
      {"just text", "expected a kubeconfig, found no map"},
      {"kind: Config", "current-context is not set"},
      {"current-context: x", "no context \"x\""},
      {"current-context: x\ncontexts: [{name: x, context: {cluster: y}}]", "no cluster \"y\""},
      {"current-context: x\ncontexts: [{name: x, context: {cluster: y}}]\n"
       "clusters: [{name: y, cluster: {server: \"https://a\"}}]",
       "no user \"\""},
  };
  for (const auto& [text, message] : cases) {
    const auto config = load_cluster_config(write("k", text), environment({}));
    ASSERT_FALSE(config) << text;
    EXPECT_THAT(config.error().message, HasSubstr(message));
  }
  const auto missing = load_cluster_config(folder() + "/none", environment({}));
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, HasSubstr(folder() + "/none"));
}

TEST_F(ConfigTest, InClusterCredentials) {
  write("token", "secret\n");
  write("ca.crt", "CA");
  write("namespace", "ropewalk-system\n");
  const auto inside =
      environment({{"KUBERNETES_SERVICE_HOST", "10.96.0.1"}, {"KUBERNETES_SERVICE_PORT", "6443"}});
  const auto config = load_cluster_config("", inside, folder());
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->host, "10.96.0.1");
  EXPECT_EQ(config->port, "6443");
  EXPECT_EQ(config->token, "secret");
  EXPECT_EQ(config->token_file, folder() + "/token");
  EXPECT_EQ(config->ca_pem, "CA");
  EXPECT_EQ(config->namespace_, "ropewalk-system");
  const auto broken = load_cluster_config("", inside, folder() + "/none");
  ASSERT_FALSE(broken);
  EXPECT_THAT(broken.error().message, HasSubstr("in-cluster credentials: cannot read"));
}

TEST_F(ConfigTest, OrderOfPlacesAndTheLineWhenThereIsNone) {
  const std::string named = write("named", kubeconfig("server: \"https://named\"", "token: t"));
  write(".kube/config", kubeconfig("server: \"https://home\"", "token: t"));
  EXPECT_EQ(load_cluster_config("", environment({{"KUBECONFIG", named}, {"HOME", folder()}}))->host,
            "named");
  EXPECT_EQ(load_cluster_config("", environment({{"HOME", folder()}}))->host, "home");
  EXPECT_EQ(load_cluster_config(named, environment({{"KUBERNETES_SERVICE_HOST", "h"}}))->host,
            "named");
  const auto none = load_cluster_config("", environment({{"HOME", "/nonexistent"}}));
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().message, HasSubstr("--source dir=PATH"));
}

}  // namespace
}  // namespace ropewalk::controller::kube
