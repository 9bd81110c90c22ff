// The controller's loop over a source and a sink that a test plays, with a data plane over
// loopback.
#include "controller/app/controller.h"

#include "controller/push/server.h"
#include "dataplane/configsync/client.h"
#include "tests/controller_app/remembering.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <memory>
#include <mutex>

namespace ropewalk::controller {
namespace {

class PlayedSource final : public Source {
 public:
  void start(OnChange) override {}
  void stop() override {}
  ObjectSet snapshot() const override {
    const std::scoped_lock lock(mutex_);
    return objects_;
  }
  bool settled() const override {
    const std::scoped_lock lock(mutex_);
    return settled_;
  }
  void set_references(std::set<ObjectKey>, std::set<ObjectKey>) override {
    const std::scoped_lock lock(mutex_);
    ++asked_;
    changed_.notify_all();
  }
  std::vector<SourceProblem> problems() const override { return {}; }

  void put(Service service) {
    const std::scoped_lock lock(mutex_);
    const ObjectKey key{service.meta.namespace_, service.meta.name};
    objects_.services[key] = std::make_shared<const Service>(std::move(service));
  }
  void put(EndpointSlice slice) {
    const std::scoped_lock lock(mutex_);
    const ObjectKey key{slice.meta.namespace_, slice.meta.name};
    objects_.endpoint_slices[key] = std::make_shared<const EndpointSlice>(std::move(slice));
  }
  void settle(bool settled) {
    const std::scoped_lock lock(mutex_);
    settled_ = settled;
  }
  // Waits until that many translations were made.
  bool translated(int times) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(30), [&] { return asked_ >= times; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  ObjectSet objects_;
  bool settled_ = true;
  int asked_ = 0;
};

class PlayedSink final : public StatusSink {
 public:
  void publish(std::vector<ServiceStatus> statuses, std::vector<ServiceEvent>) override {
    const std::scoped_lock lock(mutex_);
    said_ = std::move(statuses);
    changed_.notify_all();
  }
  Standing standing() const override {
    const std::scoped_lock lock(mutex_);
    return standing_;
  }
  void on_standing(std::function<void()> changed) override {
    const std::scoped_lock lock(mutex_);
    on_standing_ = std::move(changed);
  }

  void stand(Standing standing) {
    const std::scoped_lock lock(mutex_);
    standing_ = standing;
    if (on_standing_) on_standing_();
  }
  // Waits until the only Service is said to be Programmed for that reason; "undecided", too.
  bool says(const std::string& reason) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(30), [&] {
      if (said_.size() != 1) return false;
      if (reason == "undecided") return said_[0].undecided.contains(kProgrammedCondition);
      return said_[0].conditions.size() == 2 && said_[0].conditions[1].reason == reason;
    });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<ServiceStatus> said_;
  std::function<void()> on_standing_;
  Standing standing_ = Standing::leads;
};

Service products() {
  Service out;
  out.meta = {.namespace_ = "shop", .name = "products", .uid = "u1"};
  out.meta.annotations = {{"ropewalk.dev/expose", "true"},
                          {"ropewalk.dev/endpoint", "/v1/products"}};
  out.ports.push_back({.name = "http", .port = 8080});
  return out;
}

EndpointSlice slice(const std::string& address) {
  EndpointSlice out;
  out.meta = {.namespace_ = "shop", .name = "products-1"};
  out.service_name = "products";
  out.address_type = "IPv4";
  out.ports.push_back({.name = "http", .port = 8080});
  out.endpoints.push_back({.addresses = {address}});
  return out;
}

class ControllerTest : public testing::Test {
 protected:
  void SetUp() override {
    PushServer::Options options;
    options.listen = "127.0.0.1:0";
    auto push = PushServer::start(options);
    ASSERT_TRUE(push) << push.error().message;
    push_ = std::move(*push);
    source_.put(products());
    source_.put(slice("192.0.2.1"));
  }
  void TearDown() override {
    client_.reset();
    controller_.reset();
  }
  void begin(std::chrono::milliseconds arrival = std::chrono::hours(1)) {
    controller_ = std::make_unique<Controller>(Options{}, source_, sink_, *push_, nullptr, arrival);
    controller_->start();
    controller_->on_change(Change::objects);
  }
  void connect() {
    configsync::SyncOptions options;
    options.target = "127.0.0.1:" + std::to_string(push_->port());
    options.node_id = "web-1";
    client_ = std::make_unique<configsync::SyncClient>(options, applier_);
    ASSERT_TRUE(client_->start().has_value());
  }
  bool serves(const std::string& address) {
    return applier_.sees("hosts/shop/products", [&](const config::v1::Resource* r) {
      return r && r->host_set().hosts_size() == 1 && r->host_set().hosts(0).address() == address;
    });
  }

  PlayedSource source_;
  PlayedSink sink_;
  Remembering applier_;
  std::unique_ptr<PushServer> push_;
  std::unique_ptr<Controller> controller_;
  std::unique_ptr<configsync::SyncClient> client_;
};

TEST_F(ControllerTest, NothingIsPublishedBeforeTheSourceIsSettled) {
  source_.settle(false);
  begin();
  ASSERT_TRUE(source_.translated(1));
  controller_->on_change(Change::objects);
  ASSERT_TRUE(source_.translated(2));
  EXPECT_FALSE(controller_->published());
  source_.settle(true);
  controller_->on_change(Change::objects);
  connect();
  EXPECT_TRUE(serves("192.0.2.1"));
}

TEST_F(ControllerTest, AReferenceWithoutAnswerStopsNobodyElse) {
  begin();
  connect();
  ASSERT_TRUE(serves("192.0.2.1"));
  source_.settle(false);  // somebody named a Secret that nobody has read yet
  source_.put(slice("192.0.2.2"));
  controller_->on_change(Change::endpoints);
  EXPECT_TRUE(serves("192.0.2.2"));
}

TEST_F(ControllerTest, DataPlanesHaveTimeToArriveBeforeTheirAbsenceIsSaid) {
  begin(std::chrono::milliseconds(100));
  EXPECT_TRUE(sink_.says("undecided"));
  EXPECT_TRUE(sink_.says("NoDataPlane"));
  connect();
  EXPECT_TRUE(sink_.says("Programmed"));
}

TEST_F(ControllerTest, WhoBeginsToLeadGivesThemThatTimeAgain) {
  begin(std::chrono::milliseconds(0));
  ASSERT_TRUE(sink_.says("NoDataPlane"));
  EXPECT_THAT(controller_->metrics(), testing::HasSubstr("ropewalk_controller_leading 1\n"));
  sink_.stand(Standing::stands_by);
  EXPECT_TRUE(sink_.says("undecided"));
  EXPECT_THAT(controller_->metrics(), testing::HasSubstr("ropewalk_controller_leading 0\n"));
  EXPECT_EQ(controller_->problems().back(), kStandsBy);
  sink_.stand(Standing::leads);
  EXPECT_TRUE(sink_.says("NoDataPlane"));
}

}  // namespace
}  // namespace ropewalk::controller
