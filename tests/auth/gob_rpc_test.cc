#include "dataplane/filters/auth/gob_rpc.h"

#include "dataplane/filters/auth/revoker_port.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mutex>
#include <set>
#include <thread>

namespace ropewalk::auth {
namespace {

std::string from_hex(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return out;
}

// What a client of Go 1.26 sent: BloomfilterRPC.Add of ["jti-one"], then BloomfilterRPC.Check of
// ["jti-one", "x"].
const std::string kAddAndCheck = from_hex(
    "2e7f030101075265717565737401ff80000102010d536572766963654d6574686f64010c0001035365710106000000"
    "17"
    "ff800112426c6f6f6d66696c7465725250432e4164640021ff8103010108416464496e70757401ff82000101010545"
    "6c"
    "656d7301ff8400000017ff83020101095b5d5b5d75696e743801ff8400010a00000dff820101076a74692d6f6e6500"
    "1b"
    "ff800114426c6f6f6d66696c7465725250432e436865636b01010023ff850301010a436865636b496e70757401ff86"
    "00"
    "01010105456c656d7301ff840000000fff860102076a74692d6f6e65017800");

std::vector<RpcCall> read_all(RpcReader& reader, std::string& input) {
  std::vector<RpcCall> out;
  for (;;) {
    auto call = reader.next(input);
    EXPECT_TRUE(call) << call.error().message;
    if (!call || !*call) return out;
    out.push_back(std::move(**call));
  }
}

TEST(RpcReader, ReadsWhatGoSends) {
  RpcReader reader;
  std::string input = kAddAndCheck;
  const auto calls = read_all(reader, input);
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_EQ(calls[0].method, RpcCall::Method::add);
  EXPECT_EQ(calls[0].sequence, 0u);
  EXPECT_EQ(calls[0].elements, std::vector<std::string>{"jti-one"});
  EXPECT_EQ(calls[1].method, RpcCall::Method::check);
  EXPECT_EQ(calls[1].sequence, 1u);
  EXPECT_EQ(calls[1].elements, (std::vector<std::string>{"jti-one", "x"}));
  EXPECT_TRUE(input.empty());
}

TEST(RpcReader, TakesAnyPieces) {
  for (std::size_t size = 1; size < 60; size += 7) {
    RpcReader reader;
    std::string input;
    std::size_t calls = 0;
    for (std::size_t at = 0; at < kAddAndCheck.size(); at += size) {
      input += kAddAndCheck.substr(at, size);
      calls += read_all(reader, input).size();
    }
    EXPECT_EQ(calls, 2u) << size;
  }
}

TEST(RpcReader, RefusesOtherThings) {
  for (const char* hex :
       {"474554202f20485454502f312e310d0a0d0a47455420474554204745542047455420",  // HTTP
        "fc7fffffff", "f0", "00", "02ff80", "0302010500", "040203ff00", "03020a00"}) {
    RpcReader reader;
    std::string input = from_hex(hex) + std::string(80, '\0');
    EXPECT_FALSE(reader.next(input)) << hex;
  }
}

TEST(RpcReader, SkipsTheArgumentsOfOtherMethods) {
  RpcReader reader;
  std::string input = kAddAndCheck;
  input.replace(input.find("RPC.Add") + 4, 3, "Xyz");
  const auto calls = read_all(reader, input);
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_EQ(calls[0].method, RpcCall::Method::unknown);
  EXPECT_EQ(calls[0].name, "BloomfilterRPC.Xyz");
  EXPECT_EQ(calls[1].method, RpcCall::Method::check);
}

// Bytes that Go's decoder has read: types are described once.
TEST(RpcWriter, WritesWhatGoReads) {
  RpcWriter writer;
  RpcCall call{RpcCall::Method::add, "S.M", 7, {}};
  std::string out;
  writer.append_added(out, call, 2);
  EXPECT_EQ(out,
            from_hex("3aff8103010108526573706f6e736501ff82000103010d536572766963654d6574686f6401"
                     "0c00010353657101060001054572726f72010c0000000aff820103532e4d01070021ff830301"
                     "01094164644f757470757401ff840001010105436f756e74010400000005ff84010400"));
  out.clear();
  writer.append_added(out, call, 0);
  EXPECT_EQ(out, from_hex("0aff820103532e4d010700"
                          "03ff8400"));
  out.clear();
  writer.append_checked(out, call, {true, false});
  writer.append_error(out, call, "no");
  EXPECT_NE(out.find("[]bool"), std::string::npos);
}

class Dialled {
 public:
  explicit Dialled(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  }
  ~Dialled() { ::close(fd_); }
  void send(std::string_view bytes) { EXPECT_GT(::send(fd_, bytes.data(), bytes.size(), 0), 0); }
  std::string receive(std::size_t size) {
    std::string out(size, '\0');
    const ssize_t got = ::recv(fd_, out.data(), size, MSG_WAITALL);
    out.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return out;
  }

 private:
  int fd_;
};

TEST(RevokerPort, TakesRevocationsFromSeveralClients) {
  std::mutex mutex;
  std::set<std::string, std::less<>> entries;
  RevokerPort port(0, {[&](std::string_view entry) {
                         const std::lock_guard lock(mutex);
                         entries.emplace(entry);
                       },
                       [&](std::string_view entry) {
                         const std::lock_guard lock(mutex);
                         return entries.contains(entry);
                       }});
  while (port.port() == 0) std::this_thread::yield();
  RpcWriter writer;
  std::string want;
  writer.append_added(want, {RpcCall::Method::add, "BloomfilterRPC.Add", 0, {}}, 1);
  writer.append_checked(want, {RpcCall::Method::check, "BloomfilterRPC.Check", 1, {}},
                        {true, false});
  Dialled first(port.port());
  Dialled second(port.port());
  for (Dialled* client : {&first, &second}) {
    client->send(kAddAndCheck);
    EXPECT_EQ(client->receive(want.size()), want);
  }
  second.send("\xfc\x7f\xff\xff\xff");  // a message of 2 GiB
  EXPECT_EQ(second.receive(1), "");
  EXPECT_TRUE(entries.contains("jti-one"));
}

}  // namespace
}  // namespace ropewalk::auth
