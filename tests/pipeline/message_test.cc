#include "dataplane/pipeline/message.h"

#include <gtest/gtest.h>

namespace ropewalk::pipeline {
namespace {

TEST(Message, NamesAreWrittenAsGoWritesThem) {
  EXPECT_EQ(canonical("x-tenant-ID"), "X-Tenant-Id");
  EXPECT_EQ(canonical("etag"), "Etag");
  EXPECT_EQ(canonical(""), "");
}

TEST(Message, FieldsChangeWhateverTheirCase) {
  http::Fields fields;
  Arena arena;
  add_field(fields, arena, "X-A", "1");
  add_field(fields, arena, "content-type", "text/plain");
  add_field(fields, arena, "x-a", "2");
  set_field(fields, arena, "X-a", "3");
  ASSERT_EQ(fields.size(), 2u);
  EXPECT_EQ(find_field(fields, "x-A")->value, "3");
  EXPECT_EQ(fields.find(http::FieldId::content_type)->value, "text/plain");
  erase_field(fields, "Content-Type");
  EXPECT_EQ(find_field(fields, "content-type"), nullptr);
}

TEST(Message, ParametersKeepTheirPlaces) {
  Request request;
  request.params = {{"Id", "7"}, {"Name", "a"}};
  request.set_param("Id", "8");
  request.set_param("JWT.sub", "me");
  ASSERT_EQ(request.params.size(), 3u);
  EXPECT_EQ(request.params[0].value, "8");
  EXPECT_EQ(request.find_param("JWT.sub")->value, "me");
  EXPECT_EQ(request.find_param("id"), nullptr);
}

}  // namespace
}  // namespace ropewalk::pipeline
