// What holds for every input, tried on random sets of Services.
#include "common/utf8.h"
#include "config/hash.h"
#include "controller/translate/annotations.h"
#include "controller/translate/guarded.h"
#include "tests/controller_translate/objects.h"
#include "tests/controller_translate/render.h"

#include <gtest/gtest.h>

#include <functional>
#include <random>

namespace ropewalk::controller {
namespace {

using Random = std::mt19937;

std::string pick(Random& random, const std::vector<std::string>& from) {
  return from[random() % from.size()];
}

Sketch random_service(Random& random, int number) {
  Sketch out{.name = "s" + std::to_string(number)};
  out.namespace_ = pick(random, {"shop", "sales"});
  out.created = "2026-01-0" + std::to_string(1 + random() % 5) + "T00:00:00Z";
  auto& keys = out.annotations;
  keys["expose"] = "true";
  switch (random() % 4) {
    case 0:
      keys["join"] = pick(random, {"s0", "s1", "shop/s2", "sales/s3", "a/b/c"});
      break;
    case 1:
      keys["endpoints"] = "- {name: " + pick(random, {"a", "b"}) +
                          ", endpoint: " + pick(random, {"/a", "/b", "bad"}) + "}\n- {join: s" +
                          std::to_string(random() % 6) + ", backend: [{url_pattern: /x}]}";
      break;
    default:
      keys["endpoint"] = pick(random, {"/a", "/b", "/c/{x}", "/c/{y}", "/d/{z}/e", "bad"});
  }
  const int extras = static_cast<int>(random() % 3);
  for (int i = 0; i < extras; ++i) {
    switch (random() % 8) {
      case 0:
        keys["timeout"] = pick(random, {"1s", "soon"});
        break;
      case 1:
        keys["hostnames"] = pick(random, {"a.example.com", "a.example.com,b.example.com"});
        break;
      case 2:
        keys["method"] = pick(random, {"POST", "FETCH"});
        break;
      case 3:
        keys["output-encoding"] = pick(random, {"no-op", "xml"});
        break;
      case 4:
        keys["allow-joins-from"] = pick(random, {"shop", "sales", "*"});
        break;
      case 5:
        keys["order"] = pick(random, {"1", "-1"});
        break;
      case 6:
        keys["scheme"] = pick(random, {"https", "ftp"});
        break;
      case 7:
        keys["unknown"] = "1";
        break;
    }
  }
  return out;
}

std::vector<Sketch> random_services(Random& random) {
  std::vector<Sketch> out;
  const int count = 1 + static_cast<int>(random() % 9);
  for (int i = 0; i < count; ++i) out.push_back(random_service(random, i));
  return out;
}

std::map<std::string, std::string> hashes(const Translation& translation) {
  std::map<std::string, std::string> out;
  for (const auto& resource : translation.resources) out[resource.name()] = resource.hash();
  return out;
}

class Seeds : public testing::TestWithParam<int> {};

TEST_P(Seeds, NothingDangles) {
  Random random(GetParam());
  ObjectSet set;
  for (const Sketch& sketch : random_services(random)) add(set, sketch);
  const Translation out = translate(set, {});
  const auto known = hashes(out);
  EXPECT_EQ(known.size(), out.resources.size()) << "names are unique";
  for (const auto& resource : out.resources) {
    EXPECT_EQ(resource.hash(), config::content_hash(resource));
    for (const std::string& name : resource.endpoint().backends())
      EXPECT_TRUE(known.contains(name)) << resource.name() << " -> " << name;
    if (resource.has_backend())
      EXPECT_TRUE(known.contains(resource.backend().host_set()) ||
                  out.held.contains(resource.backend().host_set()))
          << resource.name() << " -> " << resource.backend().host_set();
    if (!resource.endpoint().problem().empty()) EXPECT_TRUE(out.held.contains(resource.name()));
  }
  for (const ObjectStatus& status : out.statuses)
    if (!status.accepted) EXPECT_FALSE(status.message.empty());
}

// The same objects found in another order: a store fills in any order.
TEST_P(Seeds, OrderOfObjectsDoesNotMatter) {
  Random random(GetParam());
  auto sketches = random_services(random);
  ObjectSet first;
  for (const Sketch& sketch : sketches) add(first, sketch);
  std::ranges::shuffle(sketches, random);
  ObjectSet second;
  for (const Sketch& sketch : sketches) add(second, sketch);
  EXPECT_EQ(render(translate(first, {})), render(translate(second, {})));
}

TEST_P(Seeds, AnUnrelatedBadServiceChangesNothingElse) {
  Random random(GetParam());
  ObjectSet set;
  for (const Sketch& sketch : random_services(random)) add(set, sketch);
  const Translation before = translate(set, {});
  Sketch bad{.name = "aaa-bad", .namespace_ = "aaa", .created = "2020-01-01T00:00:00Z"};
  bad.annotations = {{"expose", "true"}, {"endpoint", "/unrelated"}};
  bad.annotations[pick(random, {"timeout", "allow", "nonsense", "port", "extra-config"})] = "[";
  add(set, bad);
  const Translation after = translate(set, {});

  auto rest = hashes(after);
  for (auto it = rest.begin(); it != rest.end();)
    it = it->first.find("unrelated") != std::string::npos || it->first == "hosts/aaa/aaa-bad"
             ? rest.erase(it)
             : std::next(it);
  EXPECT_EQ(rest, hashes(before));
  EXPECT_TRUE(after.held.contains("endpoint/* GET /unrelated"));
  auto held = after.held;
  std::erase_if(held, [](const std::string& name) {
    return name.find("unrelated") != std::string::npos || name == "hosts/aaa/aaa-bad";
  });
  EXPECT_EQ(held, before.held);
  EXPECT_EQ(after.statuses.size(), before.statuses.size() + 1);
}

// Entries that move within a list keep their names.
TEST_P(Seeds, NamesDoNotDependOnPositions) {
  Random random(GetParam());
  std::vector<std::string> entries = {"{name: a, endpoint: /a}",
                                      "{name: b, endpoint: /b, timeout: 1s}",
                                      "{join: owner, backend: [{url_pattern: /x}]}"};
  std::ranges::shuffle(entries, random);
  const auto names = [](const std::vector<std::string>& list) {
    ObjectSet set;
    add(set, {.name = "owner", .annotations = {{"expose", "true"}, {"endpoint", "/owner"}}});
    std::string text;
    for (const std::string& entry : list) text += "- " + entry + "\n";
    add(set, {.name = "many", .annotations = {{"expose", "true"}, {"endpoints", text}}});
    return hashes(translate(set, {}));
  };
  const auto forward = names(entries);
  std::ranges::reverse(entries);
  EXPECT_EQ(forward, names(entries));
  EXPECT_TRUE(forward.contains("backend/* GET /owner#shop/many/join"));
}

INSTANTIATE_TEST_SUITE_P(Random, Seeds, testing::Range(0, 60));

// Every key of the table is known to the parser: an ill-typed or lonely value may be refused, but
// never as unknown.
TEST(Table, EveryKeyIsRead) {
  for (const AnnotationRow& row : annotation_table()) {
    ObjectSet set;
    Sketch sketch{.name = "s", .annotations = {{"expose", "true"}}};
    sketch.annotations[std::string(row.key)] = std::string(row.example);
    add(set, sketch);
    for (const ObjectStatus& status : translate(set, {.gateway_name = "internal"}).statuses)
      EXPECT_EQ(status.message.find("unknown"), std::string::npos) << row.key;
  }
}

TEST(Table, ExamplesAreAccepted) {
  for (const AnnotationRow& row : annotation_table()) {
    if (row.key == "tls-secret" || row.key == "ca-secret" || row.key == "ca-configmap" ||
        row.key == "client-cert-secret" || row.key == "join" || row.key == "gateway")
      continue;  // they need another object
    ObjectSet set;
    add(set, {.name = "home", .annotations = {{"expose", "true"}, {"endpoint", "/home"}}});
    Sketch sketch{.name = "s", .annotations = {{"expose", "true"}}};
    if (row.key != "endpoints") sketch.annotations["endpoint"] = "/v1/products/{id}";
    if (row.key == "order") {
      sketch.annotations.erase("endpoint");
      sketch.annotations["join"] = "home";
    }
    if (row.key == "tls-server-name" || row.key == "allow-insecure-connections")
      sketch.annotations["scheme"] = "https";
    sketch.annotations[std::string(row.key)] = std::string(row.example);
    add(set, sketch);
    for (const ObjectStatus& status : translate(set, {}).statuses)
      EXPECT_TRUE(status.accepted) << row.key << ": " << status.message;
  }
}

// Texts that a recursive walk would not survive.
TEST(Nesting, IsBoundedInEveryKey) {
  constexpr std::size_t kDeep = 100'000;
  const std::string brackets = std::string(kDeep, '[') + std::string(kDeep, ']');
  for (const AnnotationRow& row : annotation_table()) {
    if (row.key == "gateway" || row.key == "expose") continue;
    for (const std::string& value : {brackets, R"({"a": )" + brackets + "}"}) {
      ObjectSet set;
      Sketch sketch{.name = "s", .annotations = {{"expose", "true"}, {"endpoint", "/a"}}};
      sketch.annotations[std::string(row.key)] = value;
      add(set, sketch);
      const auto statuses = translate(set, {}).statuses;
      ASSERT_EQ(statuses.size(), 1U) << row.key;
      if (row.type == "JSON object") EXPECT_FALSE(statuses[0].accepted) << row.key;
    }
  }
}

TEST(Guarded, TurnsWhatIsThrownIntoAProblem) {
  const auto thrown = guarded([] { return nlohmann::json(5).get<std::string>(); });
  ASSERT_FALSE(thrown.has_value());
  EXPECT_EQ(thrown.error().reason, kInvalidAnnotation);
  EXPECT_TRUE(thrown.error().message.starts_with("the ropewalk.dev/ annotations cannot be read: "))
      << thrown.error().message;
  EXPECT_EQ(guarded([] { return 5; }).value(), 5);
  const auto refused = guarded(
      []() -> std::expected<int, Problem> { return std::unexpected(Problem{kConflict, "taken"}); });
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().message, "taken");
}

TEST(Version, IsThatOfKeysAndPortsOnly) {
  const auto version = [](const Sketch& sketch, const std::string& label) {
    ObjectSet set;
    add(set, sketch);
    auto service = std::make_shared<Service>(*set.services.begin()->second);
    service->meta.labels["x"] = label;
    service->meta.resource_version = label;
    service->meta.annotations["example.com/other"] = label;
    set.services.begin()->second = service;
    return translate(set, {}).statuses.at(0).version;
  };
  const Sketch base{.name = "s", .annotations = {{"expose", "true"}, {"endpoint", "/a"}}};
  Sketch key = base;
  key.annotations["timeout"] = "1s";
  Sketch value = base;
  value.annotations["endpoint"] = "/b";
  Sketch port = base;
  port.ports[0].port = 9090;
  EXPECT_EQ(version(base, "1"), version(base, "2"));
  EXPECT_NE(version(base, "1"), version(key, "1"));
  EXPECT_NE(version(base, "1"), version(value, "1"));
  EXPECT_NE(version(base, "1"), version(port, "1"));
}

// A data plane keeps what is held by its name.
TEST(TlsSecret, StaysWhileTheNextOneIsMissing) {
  const auto held_with = [](const std::string& secret) {
    ObjectSet set;
    add(set, {.name = "s",
              .annotations = {{"expose", "true"},
                              {"endpoint", "/a"},
                              {"hostnames", "a.example.com"},
                              {"tls-secret", secret}}});
    set.unreadable_secrets[{"shop", "a"}] = "does not exist";
    set.unreadable_secrets[{"shop", "b"}] = "does not exist";
    return translate(set, {}).held;
  };
  EXPECT_EQ(held_with("a"), std::set<std::string>{"tls/host/shop/a.example.com"});
  EXPECT_EQ(held_with("a"), held_with("b"));
}

class Limits : public testing::Test {
 protected:
  static Translation translated(const std::map<std::string, std::string>& keys) {
    ObjectSet set;
    Sketch sketch{.name = "s", .annotations = keys};
    sketch.annotations["expose"] = "true";
    add(set, sketch);
    return translate(set, {});
  }
  static ObjectStatus status(const std::map<std::string, std::string>& keys) {
    return translated(keys).statuses.at(0);
  }
  // `make` with the numbers from 0, in a list.
  static std::string many(std::size_t count, const std::function<std::string(std::size_t)>& make) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += (i == 0 ? "" : ",") + make(i);
    return out;
  }
  static std::string hosts(std::size_t count) {
    return many(count, [](std::size_t i) { return "h" + std::to_string(i) + ".example.com"; });
  }
  static std::string routes(std::size_t count, const std::string& more) {
    return "[" +
           many(count,
                [&](std::size_t i) {
                  const std::string n = std::to_string(i);
                  return "{name: e" + n + ", endpoint: /e" + n + more + "}";
                }) +
           "]";
  }
};

TEST_F(Limits, HostNamesOfAnEntry) {
  EXPECT_TRUE(status({{"endpoint", "/a"}, {"hostnames", hosts(64)}}).accepted);
  const auto over = status({{"endpoint", "/a"}, {"hostnames", hosts(65)}});
  EXPECT_TRUE(over.message.starts_with("ropewalk.dev/hostnames: expected at most 64 host names"))
      << over.message;
}

TEST_F(Limits, Entries) {
  EXPECT_TRUE(status({{"endpoints", routes(256, "")}}).accepted);
  const auto over = translated({{"endpoints", routes(257, "")}});
  EXPECT_EQ(over.statuses.at(0).message,
            "ropewalk.dev/endpoints: expected at most 256 entries, got 257");
  EXPECT_TRUE(over.held_services.contains("shop/s")) << "what is served stays";
}

TEST_F(Limits, HostNamesOfAllEntries) {
  const std::string more = ", hostnames: [" + hosts(64) + "]";
  EXPECT_TRUE(status({{"endpoints", routes(16, more)}}).accepted);
  const auto over = translated({{"endpoints", routes(17, more)}});
  EXPECT_EQ(over.statuses.at(0).message,
            "ropewalk.dev/endpoints: expected at most 1024 host names in all entries, got 1088");
  EXPECT_TRUE(over.held_services.contains("shop/s"));
}

TEST_F(Limits, Backends) {
  const auto backends = [](std::size_t count) {
    return ", Backend: [" +
           many(count, [](std::size_t i) { return "{url_pattern: /p" + std::to_string(i) + "}"; }) +
           "]";
  };
  EXPECT_TRUE(status({{"endpoints", routes(2, backends(128))}}).accepted);
  EXPECT_EQ(status({{"endpoints", routes(3, backends(86))}}).message,
            "ropewalk.dev/endpoints: expected at most 256 backends in all entries, got 258");
}

TEST_F(Limits, References) {
  const std::string list = "[" +
                           many(33,
                                [](std::size_t i) {
                                  const std::string n = std::to_string(i);
                                  return "{name: e" + n + ", endpoint: /e" + n + ", hostnames: [h" +
                                         n + ".example.com], tls_secret: t" + n + "}";
                                }) +
                           "]";
  const Translation out = translated({{"endpoints", list}});
  EXPECT_EQ(out.referenced_secrets.size(), 32U);
  EXPECT_TRUE(out.statuses.at(0).message.starts_with(
      "ropewalk.dev/endpoints[e32].tls_secret: expected at most 32 Secrets and ConfigMaps"))
      << out.statuses.at(0).message;
  EXPECT_TRUE(out.held.contains("tls/host/shop/h32.example.com"));
}

TEST_F(Limits, BytesOfAPair) {
  ObjectSet set;
  add(set, {.name = "s",
            .annotations = {{"expose", "true"},
                            {"endpoint", "/a"},
                            {"hostnames", "a.example.com"},
                            {"tls-secret", "big"}}});
  auto secret = std::make_shared<Secret>();
  secret->type = "kubernetes.io/tls";
  secret->data = {{"tls.crt", std::string(64 << 10, 'x')}, {"tls.key", "y"}};
  set.secrets[{"shop", "big"}] = secret;
  EXPECT_EQ(translate(set, {}).statuses.at(0).message,
            "ropewalk.dev/tls-secret: Secret shop/big: expected a chain and key of at most 64 KiB");
}

TEST_F(Limits, Paths) {
  std::string path;
  for (int i = 0; i < 32; ++i) path += "/{p" + std::to_string(i) + "}";
  EXPECT_TRUE(translated({{"endpoint", path}}).statuses.at(0).accepted);
  for (const std::string& longer : {path + "/{q}", "/" + std::string(2048, 'x')})
    EXPECT_EQ(translated({{"endpoint", longer}}).statuses.at(0).message,
              "ropewalk.dev/endpoint: expected a path of at most 2048 bytes with 32 parameters");
}

TEST_F(Limits, Events) {
  const Translation out = translated({{"endpoints", routes(100, ", timeout: soon")}});
  EXPECT_EQ(out.events.size(), 32U);
}

// One invalid byte in a string makes a data plane refuse the whole Delta.
TEST(Utf8, EveryResourceCanBeReadAgain) {
  const std::string wide = [] {
    std::string out;
    for (int i = 0; i < 600; ++i) out += "\u20ac";
    return out;
  }();
  for (const std::string& value : {wide, "x" + wide, "xy" + wide, std::string("\xff\xfe"),
                                   "[\"" + wide + "\"]", "- name: " + wide}) {
    for (const AnnotationRow& row : annotation_table()) {
      if (row.key == "gateway") continue;
      ObjectSet set;
      Sketch sketch{.name = "s", .annotations = {{"expose", "true"}, {"endpoint", "/a"}}};
      sketch.annotations[std::string(row.key)] = value;
      add(set, sketch);
      const Translation out = translate(set, {});
      for (const auto& resource : out.resources) {
        config::v1::Resource again;
        EXPECT_TRUE(again.ParseFromString(resource.SerializeAsString()))
            << row.key << ": " << resource.name();
      }
      for (const ObjectStatus& status : out.statuses) {
        EXPECT_TRUE(is_utf8(status.message)) << row.key;
        EXPECT_LE(status.message.size(), 1024U);
      }
    }
  }
}

TEST(Origins, NameTheServiceAndItsVersion) {
  ObjectSet set;
  add(set, {.name = "s", .annotations = {{"expose", "true"}, {"endpoint", "/a"}}});
  const Translation out = translate(set, {});
  int seen = 0;
  for (const auto& resource : out.resources) {
    if (resource.name() == "service") continue;
    ASSERT_EQ(resource.origins_size(), 1) << resource.name();
    EXPECT_EQ(resource.origins(0).version(), out.statuses.at(0).version);
    EXPECT_EQ(resource.origins(0).uid(), "shop-s");
    ++seen;
  }
  EXPECT_EQ(seen, 3);
}

// Design 7.4: no credential in what is told of a mistake.
TEST(Secrets, AreInNoErrorText) {
  const std::vector<std::map<std::string, std::string>> mistakes = {
      {{"extra-config", R"({"auth/api-keys":{"keys":[{"key":"S3CRET"}]})"}},
      {{"backend-extra-config", R"({"auth/client-credentials":{"client_secret":"S3CRET"})"}},
      {{"extra-config", R"(["S3CRET"])"}},
      {{"extra-config", R"({"auth/api-keys":"S3CRET"})"}},
      {{"extra-config", R"({"auth/api-keys":{"keys":"S3CRET"}})"}},
      {{"extra-config", R"({"auth/api-keys":{"keys":[{"key":"k"},"S3CRET"]}})"}},
      {{"extra-config", R"({"auth/basic":{"users":{"a":"S3CRET"}}})"}},
      {{"backend-extra-config", R"({"auth/client-credentials":"S3CRET"})"}},
      {{"input-headers", R"([1, "S3CRET"])"}},
  };
  for (const auto& mistake : mistakes) {
    for (const bool in_list : {false, true}) {
      ObjectSet set;
      Sketch sketch{.name = "s", .annotations = {{"expose", "true"}, {"endpoint", "/a"}}};
      sketch.annotations.insert(mistake.begin(), mistake.end());
      if (in_list) {
        const auto& [key, value] = *mistake.begin();
        sketch.annotations = {
            {"expose", "true"},
            {"endpoints",
             "[{name: a, endpoint: /a, " +
                 std::string(key.starts_with("backend") ? "backend: [{extra_config: " + value + "}]"
                                                        : "extra_config: " + value) +
                 "}]"}};
      }
      add(set, sketch);
      const Translation out = translate(set, {});
      EXPECT_FALSE(out.statuses.at(0).accepted) << sketch.annotations.rbegin()->second;
      std::string told = out.statuses.at(0).message;
      for (const Event& event : out.events) told += event.message;
      for (const auto& resource : out.resources) told += resource.endpoint().problem();
      EXPECT_EQ(told.find("S3CRET"), std::string::npos) << told;
    }
  }
}

}  // namespace
}  // namespace ropewalk::controller
