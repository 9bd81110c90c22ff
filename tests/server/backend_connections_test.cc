// The sockets to backends, looked at as the kernel sees them: they are of this process.
#include "tests/server/fixture.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <filesystem>

namespace ropewalk::server {
namespace {

// The sockets of this process that are connected to `port`.
std::vector<int> sockets_to(std::uint16_t port) {
  std::vector<int> out;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const int fd = std::stoi(entry.path().filename().string());
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0 &&
        peer.sin_family == AF_INET && ntohs(peer.sin_port) == port)
      out.push_back(fd);
  }
  return out;
}

int option(int socket, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  EXPECT_EQ(::getsockopt(socket, level, name, &value, &size), 0);
  return value;
}

TEST_F(GatewayTest, ABackendThatIsSilentIsProbed) {
  struct Case {
    std::string keys;
    int on, first;
  };
  const Case cases[] = {{"", 1, 15},
                        {R"("dialer_keep_alive": 0,)", 1, 15},
                        {R"("dialer_keep_alive": "45500ms",)", 1, 46},
                        {R"("dialer_keep_alive": "20h",)", 1, 32767},
                        {R"("dialer_keep_alive": "-1s",)", 0, -1}};
  for (const Case& one : cases) {
    Backend backend(echo);
    ASSERT_TRUE(gateway_.replace(load(R"({"version": 3, )" + one.keys + R"(
      "host": ["http://127.0.0.1:PORT1"],
      "endpoints": [{"endpoint": "/a", "backend": [{"url_pattern": "/b"}]}]})",
                                      {backend.port()})));
    ASSERT_THAT(get(port(), "/a"), HasSubstr("GET /b")) << one.keys;
    const std::vector<int> sockets = sockets_to(backend.port());
    ASSERT_EQ(sockets.size(), 1U) << one.keys;
    const int socket = sockets.front();
    EXPECT_EQ(option(socket, SOL_SOCKET, SO_KEEPALIVE), one.on) << one.keys;
    if (one.on == 0) continue;
    EXPECT_EQ(option(socket, IPPROTO_TCP, TCP_KEEPIDLE), one.first) << one.keys;
    EXPECT_EQ(option(socket, IPPROTO_TCP, TCP_KEEPINTVL), 15) << one.keys;
    EXPECT_EQ(option(socket, IPPROTO_TCP, TCP_KEEPCNT), 9) << one.keys;
  }
}

TEST_F(GatewayTest, MaxIdleConnectionsBoundsAllHosts) {
  Backend a(echo), b(echo), c(echo);
  ResourceMap all = load(R"({"version": 3, "max_idle_connections": 3, "endpoints": [
      {"endpoint": "/a", "backend": [{"host": ["http://127.0.0.1:PORT1"], "url_pattern": "/"}]},
      {"endpoint": "/b", "backend": [{"host": ["http://127.0.0.1:PORT2"], "url_pattern": "/"}]},
      {"endpoint": "/c", "backend": [{"host": ["http://127.0.0.1:PORT3"], "url_pattern": "/"}]}]})",
                         {a.port(), b.port(), c.port()});
  const auto open = [&] {
    return std::vector{sockets_to(a.port()).size(), sockets_to(b.port()).size(),
                       sockets_to(c.port()).size()};
  };
  ASSERT_TRUE(gateway_.replace(all));
  Client client(port());  // of one worker, whose share of 3 is 2
  const auto call = [&](const std::string& path) {
    client.send("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_THAT(client.read_answer(), StartsWith("HTTP/1.1 200"));
  };
  for (const char* path : {"/a", "/b", "/a", "/c"}) call(path);
  EXPECT_THAT(open(), ::testing::ElementsAre(1, 0, 1));
  call("/b");
  EXPECT_THAT(open(), ::testing::ElementsAre(0, 1, 1));
}

}  // namespace
}  // namespace ropewalk::server
