// In which order to try the addresses of a host (RFC 8305, as Go's net.Dialer does it): those of
// the first one's family one after the other and, once these have failed or taken too long, those
// of the other family beside them. State without I/O; what connects first ends it.
#pragma once

#include <boost/asio/ip/address.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace ropewalk::backend {

class Dial {
 public:
  enum class Lane : std::uint8_t { first, other };
  static constexpr std::size_t kLanes = 2;
  // To connect to now.
  struct Attempt {
    Lane lane;
    boost::asio::ip::address address;
  };

  // `by_family` false: all one after the other. Nothing: there are no addresses.
  std::optional<Attempt> begin(std::vector<boost::asio::ip::address> addresses, bool by_family);
  // Whether the other family waits for its turn.
  bool other_waits() const;
  // The first family has had the time that it has alone.
  std::optional<Attempt> waited();
  // The attempt of this lane has failed.
  std::optional<Attempt> failed(Lane lane);
  // No attempt is under way and none is left.
  bool lost() const;

 private:
  struct Row {
    std::size_t next = 0, end = 0;
    bool under_way = false;
  };
  std::optional<Attempt> attempt(Lane lane);
  Row& row(Lane lane) { return rows_[static_cast<std::size_t>(lane)]; }

  std::vector<boost::asio::ip::address> addresses_;
  std::array<Row, kLanes> rows_;
  bool other_begun_ = false;
};

}  // namespace ropewalk::backend
