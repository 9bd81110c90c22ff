#include "controller/objects/manifests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ropewalk::controller {
namespace {

using testing::HasSubstr;

TEST(Manifests, SeveralDocumentsListsAndForeignKinds) {
  const auto objects = parse_manifests("shop.yaml", R"(# a comment
---
apiVersion: v1
kind: Service
metadata: {name: products, namespace: shop}
spec: {ports: [{port: 8080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: products}
---
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Service
  metadata: {name: offers}
  spec: {ports: [{port: 80}]}
- apiVersion: v1
  kind: Secret
  metadata: {name: tls, namespace: shop}
- apiVersion: v1
  kind: Namespace
  metadata: {name: shop}
---
)");
  ASSERT_TRUE(objects) << objects.error().message;
  ASSERT_EQ(objects->size(), 3u);
  EXPECT_EQ(key_of((*objects)[0]), (ObjectKey{"shop", "products"}));
  EXPECT_EQ(meta_of((*objects)[0]).creation_timestamp, "shop.yaml#000001");
  EXPECT_EQ(key_of((*objects)[1]), (ObjectKey{"default", "offers"}));
  EXPECT_EQ(meta_of((*objects)[1]).creation_timestamp, "shop.yaml#000003");
  EXPECT_NE(meta_of((*objects)[1]).uid, meta_of((*objects)[2]).uid);
  EXPECT_EQ(key_of((*objects)[2]), (ObjectKey{"shop", "tls"}));
}

TEST(Manifests, ScalarsAreWhatKubectlReads) {
  const auto objects = parse_manifests("a.yaml", R"(
apiVersion: v1
kind: Service
metadata:
  name: "123"
  annotations:
    quoted: "true"
    single: '8080'
    block: |
      yes
    folded: >-
      1.5
    text: GET
spec: {ports: [{port: 8080, targetPort: 80}]}
)");
  ASSERT_TRUE(objects) << objects.error().message;
  const auto& annotations = meta_of((*objects)[0]).annotations;
  EXPECT_EQ(annotations.at("quoted"), "true");
  EXPECT_EQ(annotations.at("single"), "8080");
  EXPECT_EQ(annotations.at("block"), "yes\n");
  EXPECT_EQ(annotations.at("folded"), "1.5");
  EXPECT_EQ(annotations.at("text"), "GET");
}

TEST(Manifests, UnquotedScalarsInAnnotationsAreRefusedAsTheApiServerDoes) {
  for (const char* value : {"true", "yes", "Off", "8080", "1.5", "-3", "+7", ".5"}) {
    const auto objects = parse_manifests(
        "a.yaml",
        std::string("apiVersion: v1\nkind: Service\nmetadata: {name: s, annotations: {k: ") +
            value + "}}\n");
    ASSERT_FALSE(objects) << value;
    EXPECT_EQ(objects.error().message,
              "a.yaml: document 1: metadata.annotations.k: expected a string (put the value in "
              "quotes)");
  }
  for (const char* value : {"text", "10ms", "/v1/x", "1.2.3.4", "nan", "y"}) {
    const auto objects = parse_manifests(
        "a.yaml",
        std::string("apiVersion: v1\nkind: Service\nmetadata: {name: s, annotations: {k: ") +
            value + "}}\n");
    ASSERT_TRUE(objects) << value << ": " << objects.error().message;
    EXPECT_EQ(meta_of((*objects)[0]).annotations.at("k"), value);
  }
}

TEST(Manifests, JsonFiles) {
  const auto objects = parse_manifests(
      "a.json", R"({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}})");
  ASSERT_TRUE(objects) << objects.error().message;
  EXPECT_EQ(objects->size(), 1u);
}

TEST(Manifests, ErrorsNameFileAndDocument) {
  struct Case {
    const char* file;
    const char* text;
    const char* message;
  };
  const std::string good = "apiVersion: v1\nkind: Service\nmetadata: {name: s}\n";
  const std::string twice = good + "---\n" + good;
  const std::string bad_second = good + "---\na: [1\n";
  const std::string double_key = good + "---\napiVersion: v1\nkind: Service\nkind: Service\n";
  const Case cases[] = {
      {"a.yaml", "just text\n", "a.yaml: document 1: expected an object"},
      {"a.yaml", "a: 1\n",
       "a.yaml: document 1: expected a Kubernetes object with \"kind\" and \"apiVersion\""},
      {"a.yaml", "kind: Service\napiVersion: v1\n",
       "a.yaml: document 1: metadata: expected an object"},
      {"a.yaml", twice.c_str(), "a.yaml: document 2: Service default/s is already in document 1"},
      {"a.yaml", bad_second.c_str(), "a.yaml: document 2, line "},
      {"a.yaml", double_key.c_str(), "a.yaml: document 2, line 7: the key \"kind\" appears twice"},
      {"a.json", "{\"a\": }", "a.json: document 1: "},
  };
  for (const Case& c : cases) {
    const auto objects = parse_manifests(c.file, c.text);
    ASSERT_FALSE(objects) << c.text;
    EXPECT_THAT(objects.error().message, HasSubstr(c.message)) << c.text;
  }
}

TEST(Manifests, AliasesThatExplodeAreRefused) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 8; ++i) {
    const std::string below = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k) text += (k ? ", " : "") + below;
    text += "]\n";
  }
  const auto objects = parse_manifests("bomb.yaml", text);
  ASSERT_FALSE(objects);
  EXPECT_THAT(objects.error().message, HasSubstr("too many or too deeply nested values"));
}

}  // namespace
}  // namespace ropewalk::controller
