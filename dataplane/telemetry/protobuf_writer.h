// The few rules of the protobuf wire format that OTLP messages need
// (https://protobuf.dev/programming-guides/encoding). Appends to a text; one thread.
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace ropewalk::telemetry {

class ProtobufWriter {
 public:
  void varint(unsigned field, std::uint64_t value) {
    tag(field, 0);
    number(value);
  }
  void fixed64(unsigned field, std::uint64_t value) {
    tag(field, 1);
    little_endian(value);
  }
  void real(unsigned field, double value) { fixed64(field, std::bit_cast<std::uint64_t>(value)); }
  void bytes(unsigned field, std::string_view value) {
    tag(field, 2);
    number(value.size());
    out_ += value;
  }
  void message(unsigned field, const ProtobufWriter& inner) { bytes(field, inner.out_); }
  void packed_fixed64(unsigned field, std::span<const std::uint64_t> values) {
    tag(field, 2);
    number(values.size() * sizeof(std::uint64_t));
    for (const std::uint64_t value : values) little_endian(value);
  }

  const std::string& text() const { return out_; }

 private:
  void tag(unsigned field, unsigned type) { number(std::uint64_t{field} << 3 | type); }
  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_ += static_cast<char>(value | 0x80);
    out_ += static_cast<char>(value);
  }
  void little_endian(std::uint64_t value) {
    for (int i = 0; i < 8; ++i) out_ += static_cast<char>(value >> (8 * i));
  }

  std::string out_;
};

}  // namespace ropewalk::telemetry
