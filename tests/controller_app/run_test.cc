// The controller program with a folder as its source and a data plane that only remembers.
#include "common/files.h"
#include "dataplane/configsync/client.h"
#include "tests/controller_app/program.h"
#include "tests/controller_app/remembering.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace ropewalk {
namespace {

using testing::HasSubstr;

constexpr const char* kEndpoint = "endpoint/* GET /v1/products";
constexpr const char* kBackend = "backend/* GET /v1/products#shop/products";

std::string service(const std::string& annotations) {
  return "apiVersion: v1\nkind: Service\nmetadata:\n  name: products\n  namespace: shop\n"
         "  annotations:\n    ropewalk.dev/expose: \"true\"\n"
         "    ropewalk.dev/endpoint: /v1/products\n" +
         annotations + "spec:\n  ports: [{name: http, port: 8080}]\n";
}

std::string slice(const std::string& address) {
  return "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata:\n  name: products-1\n"
         "  namespace: shop\n  labels: {kubernetes.io/service-name: products}\n"
         "addressType: IPv4\nports: [{name: http, port: 8080}]\n"
         "endpoints: [{addresses: [" +
         address + "]}]\n";
}

class Controller : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = std::filesystem::temp_directory_path() / "ropewalk-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    write("products.yaml", service(""));
    write("slices.yaml", slice("127.0.0.1"));
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& file, const std::string& text) {
    ASSERT_TRUE(write_file_atomically((folder_ / file).string(), text, 0644).has_value());
  }

  void start(std::vector<std::string> more = {}) {
    std::vector<std::string> command = {
        ROPEWALK_CONTROLLER, "run",   "--source", "dir=" + folder_.string(),
        "--listen",          listen_, "--admin",  "127.0.0.1:0"};
    command.insert(command.end(), more.begin(), more.end());
    program_ = std::make_unique<Program>(command);
    const std::string line = program_->line_with("serving data planes");
    ASSERT_NE(line, "") << program_->output();
    stream_ = "127.0.0.1:" + Program::value(line, "port");
    admin_ = "127.0.0.1:" + Program::value(line, "admin_port");
  }

  void connect(const std::string& id = "web-1") {
    configsync::SyncOptions options;
    options.target = stream_;
    options.node_id = id;
    client_ = std::make_unique<configsync::SyncClient>(options, applier_);
    ASSERT_TRUE(client_->start().has_value());
  }

  std::string problems() {
    Program command({ROPEWALK_CONTROLLER, "problems", "--admin", admin_});
    EXPECT_EQ(command.wait(), 0);
    return command.output();
  }

  // Reads log lines until one tells that condition about the Service.
  void expect_status(const std::string& condition, const std::string& reason) {
    std::string line;
    do line = program_->line_with("condition=ropewalk.dev/" + condition + " ");
    while (line != "" && line.find("reason=" + reason + " ") == std::string::npos);
    EXPECT_NE(line, "") << condition << " " << reason << "\n" << program_->output();
  }

  std::filesystem::path folder_;
  std::string listen_ = "127.0.0.1:0";
  std::string stream_;
  std::string admin_;
  Remembering applier_;
  std::unique_ptr<Program> program_;
  std::unique_ptr<configsync::SyncClient> client_;
};

TEST_F(Controller, AnEditReachesTheDataPlaneAndTheStatus) {
  start();
  connect();
  ASSERT_TRUE(
      applier_.sees(kEndpoint, [](auto* r) { return r && r->endpoint().problem().empty(); }));
  expect_status("Programmed", "Programmed");
  EXPECT_EQ(problems(), "no problems\n");

  write("products.yaml", service("    ropewalk.dev/url-pattern: /products\n"));
  EXPECT_TRUE(applier_.sees(
      kBackend, [](auto* r) { return r && r->backend().url_pattern() == "/products"; }));

  std::filesystem::remove(folder_ / "products.yaml");
  EXPECT_TRUE(applier_.sees(kEndpoint, [](auto* r) { return r == nullptr; }));
  EXPECT_TRUE(applier_.sees(kBackend, [](auto* r) { return r == nullptr; }));
}

TEST_F(Controller, ABadAnnotationHoldsWhatIsServed) {
  start();
  connect();
  ASSERT_TRUE(applier_.sees(kEndpoint, [](auto* r) { return r != nullptr; }));
  expect_status("Programmed", "Programmed");
  write("products.yaml", service("    ropewalk.dev/timeout: soon\n"));
  expect_status("Accepted", "InvalidAnnotation");
  EXPECT_THAT(problems(), HasSubstr("ropewalk.dev/timeout: expected a duration"));
  EXPECT_THAT(problems(), HasSubstr(std::string("held: ") + kEndpoint));

  // The other Service proves that the translation with the bad one has arrived.
  write("other.yaml",
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: other\n  namespace: shop\n"
        "  annotations:\n    ropewalk.dev/expose: \"true\"\n"
        "    ropewalk.dev/endpoint: /other\nspec:\n  ports: [{port: 80}]\n");
  ASSERT_TRUE(applier_.sees("endpoint/* GET /other", [](auto* r) { return r != nullptr; }));
  EXPECT_TRUE(applier_.sees(kEndpoint, [](auto* r) {
    return r && r->endpoint().problem().empty() && r->endpoint().timeout_ns() == 2'000'000'000;
  }));

  write("products.yaml", service("    ropewalk.dev/timeout: 1s\n"));
  EXPECT_TRUE(applier_.sees(
      kEndpoint, [](auto* r) { return r && r->endpoint().timeout_ns() == 1'000'000'000; }));
}

TEST_F(Controller, AHeldRouteThatNeverServedSaysWhy) {
  write("products.yaml", service("    ropewalk.dev/timeout: soon\n"));
  start();
  connect();
  EXPECT_TRUE(applier_.sees(kEndpoint, [](auto* r) {
    return r && r->endpoint().problem().find("timeout") != std::string::npos;
  }));
}

TEST_F(Controller, AnUnreadableClaimKeepsTheRoute) {
  start();
  connect();
  ASSERT_TRUE(applier_.sees(kEndpoint, [](auto* r) { return r != nullptr; }));
  write("products.yaml", service("    ropewalk.dev/hostnames: \"shop.example.com:80\"\n"));
  expect_status("Accepted", "InvalidAnnotation");
  write("other.yaml",
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: other\n  namespace: shop\n"
        "  annotations:\n    ropewalk.dev/expose: \"true\"\n"
        "    ropewalk.dev/endpoint: /other\nspec:\n  ports: [{port: 80}]\n");
  ASSERT_TRUE(applier_.sees("endpoint/* GET /other", [](auto* r) { return r != nullptr; }));
  EXPECT_TRUE(applier_.sees(kEndpoint, [](auto* r) { return r != nullptr; }));
  EXPECT_TRUE(applier_.sees(kBackend, [](auto* r) { return r != nullptr; }));
}

TEST_F(Controller, AddressesTakeTheirOwnPath) {
  start();
  connect();
  ASSERT_TRUE(applier_.sees(kEndpoint, [](auto* r) { return r != nullptr; }));
  expect_status("Programmed", "Programmed");
  write("slices.yaml", slice("127.0.0.2"));
  EXPECT_TRUE(applier_.sees("hosts/shop/products", [](auto* r) {
    return r && r->host_set().hosts_size() == 1 && r->host_set().hosts(0).address() == "127.0.0.2";
  }));
  EXPECT_EQ(applier_.host_set_changes(), 1);
}

TEST_F(Controller, ARejectionAppearsOnTheObject) {
  applier_.refuse(kBackend);
  start();
  connect();
  expect_status("Programmed", "Rejected");
  EXPECT_THAT(problems(), HasSubstr("this data plane does not like it"));
}

TEST_F(Controller, GatewayConfigGoesLiveWithoutRestart) {
  const auto document = [](const std::string& timeout) {
    return R"({"version": 3, "timeout": ")" + timeout +
           R"(", "endpoints": [{"endpoint": "/legacy", "backend": [{"host": ["http://127.0.0.1:8090"], "url_pattern": "/x"}]}]})";
  };
  const std::string file = (folder_ / "krakend.conf.d").string();
  std::filesystem::create_directory(file);
  ASSERT_TRUE(write_file_atomically(file + "/krakend.json", document("3s"), 0644).has_value());
  start({"--gateway-config", file + "/krakend.json"});
  connect();
  ASSERT_TRUE(applier_.sees("endpoint/* GET /legacy", [](auto* r) { return r != nullptr; }));
  ASSERT_TRUE(applier_.sees(
      kEndpoint, [](auto* r) { return r && r->endpoint().timeout_ns() == 3'000'000'000; }));

  ASSERT_TRUE(write_file_atomically(file + "/krakend.json", "{", 0644).has_value());
  EXPECT_NE(program_->line_with("gateway configuration is not acceptable"), "");
  EXPECT_THAT(problems(), HasSubstr("gateway configuration"));
  ASSERT_TRUE(write_file_atomically(file + "/krakend.json", document("5s"), 0644).has_value());
  EXPECT_TRUE(applier_.sees(
      kEndpoint, [](auto* r) { return r && r->endpoint().timeout_ns() == 5'000'000'000; }));
  EXPECT_EQ(problems(), "no problems\n");
}

TEST_F(Controller, AStartWithABadGatewayConfigTakesNothingAway) {
  const auto document = [](const std::string& timeout) {
    return R"({"version": 3, "timeout": ")" + timeout +
           R"(", "endpoints": [{"endpoint": "/legacy", "backend": [{"host": ["http://127.0.0.1:8090"], "url_pattern": "/x"}]}]})";
  };
  const std::string config = (folder_ / "krakend.conf.d").string();
  std::filesystem::create_directory(config);
  const std::string file = config + "/krakend.json";
  ASSERT_TRUE(write_file_atomically(file, document("3s"), 0644).has_value());
  start({"--gateway-config", file});
  connect();
  ASSERT_TRUE(applier_.sees("endpoint/* GET /legacy", [](auto* r) { return r != nullptr; }));
  ASSERT_TRUE(applier_.sees(kEndpoint, [](auto* r) { return r != nullptr; }));
  program_->terminate();
  ASSERT_EQ(program_->wait(), 0);

  ASSERT_TRUE(write_file_atomically(file, "{", 0644).has_value());
  write("other.yaml",
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: other\n  namespace: shop\n"
        "  annotations:\n    ropewalk.dev/expose: \"true\"\n"
        "    ropewalk.dev/endpoint: /other\nspec:\n  ports: [{port: 80}]\n");
  listen_ = stream_;
  start({"--gateway-config", file});
  EXPECT_THAT(program_->output(), HasSubstr("told addresses only"));
  write("slices.yaml", slice("127.0.0.2"));
  EXPECT_TRUE(applier_.sees("hosts/shop/products", [](auto* r) {
    return r && r->host_set().hosts_size() == 1 && r->host_set().hosts(0).address() == "127.0.0.2";
  }));
  const auto there = [](auto* r) { return r != nullptr; };
  EXPECT_TRUE(applier_.sees("endpoint/* GET /legacy", there));
  EXPECT_TRUE(applier_.sees("service", there));
  EXPECT_TRUE(applier_.sees(
      kEndpoint, [](auto* r) { return r && r->endpoint().timeout_ns() == 3'000'000'000; }));
  EXPECT_TRUE(applier_.sees("endpoint/* GET /other", [](auto* r) { return r == nullptr; }));
  EXPECT_THAT(problems(), HasSubstr("gateway configuration"));

  ASSERT_TRUE(write_file_atomically(file, document("5s"), 0644).has_value());
  EXPECT_TRUE(applier_.sees("endpoint/* GET /other", there));
  EXPECT_TRUE(applier_.sees(
      kEndpoint, [](auto* r) { return r && r->endpoint().timeout_ns() == 5'000'000'000; }));
  EXPECT_EQ(problems(), "no problems\n");
}

TEST_F(Controller, EndsOnSigterm) {
  start();
  connect();
  ASSERT_TRUE(applier_.sees(kEndpoint, [](auto* r) { return r != nullptr; }));
  program_->terminate();
  EXPECT_EQ(program_->wait(), 0);
}

TEST(ControllerCommandLine, SaysWhatIsWrong) {
  ::unsetenv("KUBERNETES_SERVICE_HOST");
  const struct {
    std::vector<std::string> arguments;
    int code;
    const char* text;
  } cases[] = {
      {{"run"}, 1, "--source is required outside a cluster"},
      {{"run", "--source", "file"}, 1, "expected kubernetes or dir=PATH"},
      {{"run", "--source", "dir=/does/not/exist"}, 1, "/does/not/exist"},
      {{"run", "--source", "dir=/", "--default-tls-secret", "x"}, 1, "expected NAMESPACE/NAME"},
      {{"run", "--source", "dir=.", "--gateway-config", "/does/not/exist.json"},
       1,
       "/does/not/exist.json"},
      {{"run", "--source", "kubernetes", "--kubeconfig", "/does/not/exist"}, 1, "/does/not/exist"},
      {{"run", "--source", "dir=.", "--nonsense"}, 1, "--nonsense"},
      {{"problems", "--admin", "127.0.0.1:1"}, 1, "no controller answers at 127.0.0.1:1"},
      {{}, 1, "a command is missing"},
  };
  for (const auto& test : cases) {
    std::vector<std::string> command = {ROPEWALK_CONTROLLER};
    command.insert(command.end(), test.arguments.begin(), test.arguments.end());
    Program program(command);
    EXPECT_EQ(program.wait(), test.code) << test.text;
    EXPECT_THAT(program.output(), HasSubstr(test.text));
  }
}

TEST(ControllerCommandLine, PlaintextStaysOnLoopback) {
  std::string pattern = std::filesystem::temp_directory_path() / "ropewalk-XXXXXX";
  ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
  Program program({ROPEWALK_CONTROLLER, "run", "--source", "dir=" + pattern, "--listen",
                   "0.0.0.0:0", "--admin", "127.0.0.1:0"});
  EXPECT_EQ(program.wait(), 1);
  EXPECT_THAT(program.output(), HasSubstr("--insecure-stream"));
  std::filesystem::remove_all(pattern);
}

}  // namespace
}  // namespace ropewalk
