// Values of CEL expressions (the Common Expression Language, github.com/google/cel-spec). Small and
// cheap to copy: texts, lists and maps are shared, JSON documents are looked at where they lie.
// What a value points to (texts and documents given by `borrowed` and `json`) must outlive it.
// One thread.
#pragma once

#include "common/json/value.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace ropewalk::cel {

class Meter;
class Value;

enum class Kind : std::uint8_t {
  null,
  boolean,
  integer,
  uinteger,
  number,
  text,
  bytes,
  timestamp,
  duration,
  type,
  list,
  map,
};

// Years 1 to 9999, UTC.
struct Timestamp {
  std::int64_t seconds = 0;  // since 1970
  std::int32_t nanos = 0;    // 0 to 999'999'999
  auto operator<=>(const Timestamp&) const = default;
};

struct Duration {
  std::int64_t nanos = 0;
  auto operator<=>(const Duration&) const = default;
};

using List = std::vector<Value>;
using Map = std::vector<std::pair<Value, Value>>;  // keys differ from each other

// How numbers of a JSON document are seen: KrakenD hands answers over with numbers as text
// (json.Number) and claims with numbers as double.
enum class JsonNumbers : std::uint8_t { text, number };

class Value {
 public:
  Value() = default;  // null
  static Value boolean(bool flag) { return Value(Data(flag)); }
  static Value integer(std::int64_t value) { return Value(Data(value)); }
  static Value uinteger(std::uint64_t value) { return Value(Data(value)); }
  static Value number(double value) { return Value(Data(value)); }
  static Value text(std::string text);
  static Value borrowed(std::string_view text);
  static Value bytes(std::string bytes);
  static Value timestamp(Timestamp time) { return Value(Data(time)); }
  static Value duration(Duration duration) { return Value(Data(duration)); }
  static Value type(std::string_view name);  // a name that outlives all values: "int"
  static Value list(List elements);
  static Value map(Map entries);
  static Value json(const json::Value& document, JsonNumbers numbers);

  Kind kind() const;
  bool is(Kind kind_) const { return kind() == kind_; }
  bool is_numeric() const;

  // Each for its own kind only (std::bad_variant_access otherwise).
  bool as_boolean() const { return std::get<bool>(data_); }
  std::int64_t as_integer() const { return std::get<std::int64_t>(data_); }
  std::uint64_t as_uinteger() const { return std::get<std::uint64_t>(data_); }
  double as_number() const { return std::get<double>(data_); }
  Timestamp as_timestamp() const { return std::get<Timestamp>(data_); }
  Duration as_duration() const { return std::get<Duration>(data_); }
  std::string_view as_type() const { return std::get<TypeName>(data_).name; }
  std::string_view as_text() const;  // text and bytes

  // Lists: how many and which. Maps: how many, and the entry at a place.
  std::size_t size() const;
  Value element(std::size_t at) const;
  std::pair<Value, Value> entry(std::size_t at) const;

 private:
  struct Shared {
    std::shared_ptr<const std::string> owner;
    std::string_view view;
  };
  struct Text : Shared {};
  struct Bytes : Shared {};
  struct TypeName {
    std::string_view name;
  };
  struct JsonView {
    const json::Value* document;
    JsonNumbers numbers;
  };
  using Data = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, Text, Bytes,
                            Timestamp, Duration, TypeName, std::shared_ptr<const List>,
                            std::shared_ptr<const Map>, JsonView>;
  explicit Value(Data data) : data_(std::move(data)) {}
  friend std::optional<Value> find(const Value& map, const Value& key, Meter& meter);

  Data data_;
};

// The name of a value's type, as type() gives it: "int", "null_type", "google.protobuf.Timestamp".
std::string_view type_name(Kind kind);

// Numbers compare by what they are (1 == 1u == 1.0), other kinds only with their own.
bool equal(const Value& a, const Value& b, Meter& meter);
// -1, 0, 1; nothing where there is no order (different kinds, NaN, lists, maps, types, null).
std::optional<int> compare(const Value& a, const Value& b);
std::optional<Value> find(const Value& map, const Value& key, Meter& meter);
// A number of another kind as an integer when it is one: 1u, 1.0.
std::optional<std::int64_t> integral(const Value& number);

}  // namespace ropewalk::cel
