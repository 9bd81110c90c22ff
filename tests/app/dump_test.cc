#include "dataplane/app/admin.h"

#include <gmock/gmock.h>

namespace ropewalk::app {
namespace {

using config::v1::Resource;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Dump, ShowsTheConfigurationWithoutItsSecrets) {
  const std::string secret = R"({"x":"hunter2"})";
  Resource service;
  (*service.mutable_service()->mutable_extra_config())["auth/basic"] = secret;
  (*service.mutable_service()->mutable_extra_config())["security/cors"] = R"({"shown":1})";
  service.mutable_service()->mutable_client_tls()->add_client_certificates()->set_private_key_pem(
      "hunter2");
  Resource endpoint;
  (*endpoint.mutable_endpoint()->mutable_extra_config())["auth/signer"] = secret;
  Resource backend;
  auto& extra = *backend.mutable_backend()->mutable_extra_config();
  extra["auth/client-credentials"] = secret;
  extra["backend/http/client"] = R"({"proxy_address":"http://ana:hunter2@proxy:1"})";
  extra["modifier/martian"] = R"({"header.Modifier":{"name":"X-Key","value":"hunter2"}})";
  extra["modifier/lua-backend"] = R"({"pre":"local key = 'hunter2'"})";
  backend.mutable_backend()->set_url_pattern("/a/{id}?page={page}&key=hunter2&flag");
  backend.mutable_backend()->mutable_tls()->add_client_certificates()->set_private_key_pem(
      "hunter2");
  Resource hosts;
  hosts.mutable_host_set()->add_hosts()->set_user_info("ana:hunter2");
  Resource tls;
  tls.mutable_tls_secret()->set_private_key_pem("hunter2");
  configsync::ResourceMap all;
  for (const Resource* resource : {&service, &endpoint, &backend, &hosts, &tls})
    all[std::to_string(all.size())] = std::make_shared<const Resource>(*resource);
  const std::string text = dump(all);
  EXPECT_THAT(text, Not(HasSubstr("hunter2")));
  // Keys as bytes are shown in base64.
  EXPECT_THAT(text, Not(HasSubstr("aHVudGVyM")));
  EXPECT_THAT(text, HasSubstr("shown"));
  EXPECT_THAT(text, HasSubstr("auth/client-credentials"));
  EXPECT_THAT(text, HasSubstr("/a/{id}?page={page}"));
}

}  // namespace
}  // namespace ropewalk::app
