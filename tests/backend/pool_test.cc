#include "dataplane/backend/pool.h"

#include <gmock/gmock.h>

namespace ropewalk::backend {
namespace {

using testing::ElementsAre;

class PoolTest : public testing::Test {
 protected:
  static compile::Host host(const std::string& address) {
    compile::Host out;
    out.address = address;
    out.port = 80;
    return out;
  }
  // A call to the host has ended.
  void give_back(HostPool& pool, ConnectionRef connection = {}) {
    if (!connection) connection = new Connection(io_, http::ReaderLimits());
    pool.put(std::move(connection), 250, {});
  }
  std::vector<std::size_t> idle() const { return {a_->idle(), b_->idle(), c_->idle()}; }

  asio::io_context io_;
  Pool pool_{nullptr};
  runtime::Ref<HostPool> a_ = pool_.of(host("a.test"), nullptr, {});
  runtime::Ref<HostPool> b_ = pool_.of(host("b.test"), nullptr, {});
  runtime::Ref<HostPool> c_ = pool_.of(host("c.test"), nullptr, {});
};

TEST_F(PoolTest, WithoutABoundAllStay) {
  for (int i = 0; i < 100; ++i)
    for (HostPool* pool : {a_.get(), b_.get()}) give_back(*pool);
  EXPECT_THAT(idle(), ElementsAre(100, 100, 0));
}

TEST_F(PoolTest, TheOneThatWasIdleLongestGoesWhateverItsHost) {
  pool_.bound_idle(3);
  give_back(*a_);
  give_back(*b_);
  give_back(*b_);
  EXPECT_THAT(idle(), ElementsAre(1, 2, 0));
  give_back(*a_, a_->take());  // the first is now the last
  give_back(*c_);
  EXPECT_THAT(idle(), ElementsAre(1, 1, 1));
  give_back(*c_);
  EXPECT_THAT(idle(), ElementsAre(1, 0, 2));
  give_back(*c_);
  EXPECT_THAT(idle(), ElementsAre(0, 0, 3));
  give_back(*c_);
  EXPECT_THAT(idle(), ElementsAre(0, 0, 3));
}

TEST_F(PoolTest, ConnectionsInUseDoNotCount) {
  pool_.bound_idle(1);
  give_back(*a_);
  const ConnectionRef used = a_->take();
  give_back(*b_);
  EXPECT_THAT(idle(), ElementsAre(0, 1, 0));
  EXPECT_TRUE(used->open());
}

TEST_F(PoolTest, ThoseThatLeaveMakeRoom) {
  pool_.bound_idle(2);
  const ConnectionRef ended(new Connection(io_, http::ReaderLimits()));
  give_back(*a_);
  give_back(*b_, ended);
  b_->drop(*ended);
  give_back(*c_);
  EXPECT_THAT(idle(), ElementsAre(1, 0, 1));
}

// A configuration without the host, and the next one has another bound.
TEST_F(PoolTest, ABoundMayChangeAndHostsMayGo) {
  give_back(*a_);
  give_back(*b_);
  give_back(*c_);
  give_back(*b_);
  pool_.bound_idle(2);
  EXPECT_THAT(idle(), ElementsAre(0, 1, 1));
  c_.reset();
  pool_.sweep({});
  give_back(*a_);
  EXPECT_THAT((std::vector{a_->idle(), b_->idle()}), ElementsAre(1, 1));
  pool_.bound_idle(0);
  for (int i = 0; i < 5; ++i) give_back(*a_);
  EXPECT_THAT((std::vector{a_->idle(), b_->idle()}), ElementsAre(6, 1));
}

}  // namespace
}  // namespace ropewalk::backend
