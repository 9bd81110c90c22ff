#include "common/cel/value.h"

#include "common/cel/meter.h"

#include <cmath>
#include <limits>

namespace ropewalk::cel {
namespace {

int order(auto a, auto b) { return a < b ? -1 : (b < a ? 1 : 0); }

int order_unsigned(std::int64_t a, std::uint64_t b) {
  return a < 0 ? -1 : order(static_cast<std::uint64_t>(a), b);
}

// Compared as doubles where both have one, which rounds large integers: as KrakenD's CEL does.
std::optional<int> order_double(double a, std::int64_t b) {
  if (std::isnan(a)) return std::nullopt;
  return order(a, static_cast<double>(b));
}

std::optional<int> order_double(double a, std::uint64_t b) {
  if (std::isnan(a)) return std::nullopt;
  return order(a, static_cast<double>(b));
}

std::optional<int> reversed(std::optional<int> result) {
  if (result) *result = -*result;
  return result;
}

std::optional<int> compare_numbers(const Value& a, const Value& b) {
  if (a.kind() > b.kind()) return reversed(compare_numbers(b, a));
  if (a.is(Kind::integer)) {
    if (b.is(Kind::integer)) return order(a.as_integer(), b.as_integer());
    if (b.is(Kind::uinteger)) return order_unsigned(a.as_integer(), b.as_uinteger());
    return reversed(order_double(b.as_number(), a.as_integer()));
  }
  if (a.is(Kind::uinteger)) {
    if (b.is(Kind::uinteger)) return order(a.as_uinteger(), b.as_uinteger());
    return reversed(order_double(b.as_number(), a.as_uinteger()));
  }
  if (std::isnan(a.as_number()) || std::isnan(b.as_number())) return std::nullopt;
  return order(a.as_number(), b.as_number());
}

bool equal_lists(const Value& a, const Value& b, Meter& meter) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!equal(a.element(i), b.element(i), meter)) return false;
  return true;
}

bool equal_maps(const Value& a, const Value& b, Meter& meter) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto [key, value] = a.entry(i);
    const auto other = find(b, key, meter);
    if (!other || !equal(value, *other, meter)) return false;
  }
  return true;
}

}  // namespace

Value Value::text(std::string text) {
  auto owner = std::make_shared<const std::string>(std::move(text));
  const std::string_view view = *owner;
  return Value(Data(Text{{std::move(owner), view}}));
}

Value Value::borrowed(std::string_view text) { return Value(Data(Text{{nullptr, text}})); }

Value Value::bytes(std::string bytes) {
  auto owner = std::make_shared<const std::string>(std::move(bytes));
  const std::string_view view = *owner;
  return Value(Data(Bytes{{std::move(owner), view}}));
}

Value Value::type(std::string_view name) { return Value(Data(TypeName{name})); }

Value Value::list(List elements) {
  return Value(Data(std::make_shared<const List>(std::move(elements))));
}

Value Value::map(Map entries) {
  return Value(Data(std::make_shared<const Map>(std::move(entries))));
}

Value Value::json(const json::Value& document, JsonNumbers numbers) {
  switch (document.type()) {
    case json::Value::Type::null:
      return {};
    case json::Value::Type::boolean:
      return boolean(document.boolean());
    case json::Value::Type::number:
      return numbers == JsonNumbers::text ? borrowed(document.number_text())
                                          : number(document.as_double());
    case json::Value::Type::string:
      return borrowed(document.string());
    default:
      return Value(Data(JsonView{&document, numbers}));
  }
}

Kind Value::kind() const {
  constexpr Kind kKinds[] = {Kind::null,     Kind::boolean, Kind::integer, Kind::uinteger,
                             Kind::number,   Kind::text,    Kind::bytes,   Kind::timestamp,
                             Kind::duration, Kind::type,    Kind::list,    Kind::map};
  if (const auto* view = std::get_if<JsonView>(&data_))
    return view->document->is_list() ? Kind::list : Kind::map;
  return kKinds[data_.index()];
}

bool Value::is_numeric() const {
  const Kind own = kind();
  return own == Kind::integer || own == Kind::uinteger || own == Kind::number;
}

std::string_view Value::as_text() const {
  if (const auto* bytes = std::get_if<Bytes>(&data_)) return bytes->view;
  return std::get<Text>(data_).view;
}

std::size_t Value::size() const {
  if (const auto* view = std::get_if<JsonView>(&data_))
    return view->document->is_list() ? view->document->elements().size()
                                     : view->document->members().size();
  if (const auto* list = std::get_if<std::shared_ptr<const List>>(&data_)) return (*list)->size();
  return std::get<std::shared_ptr<const Map>>(data_)->size();
}

Value Value::element(std::size_t at) const {
  if (const auto* view = std::get_if<JsonView>(&data_))
    return json(view->document->elements()[at], view->numbers);
  return (*std::get<std::shared_ptr<const List>>(data_))[at];
}

std::pair<Value, Value> Value::entry(std::size_t at) const {
  if (const auto* view = std::get_if<JsonView>(&data_)) {
    const json::Value::Member& member = view->document->members()[at];
    return {borrowed(member.key), json(member.value, view->numbers)};
  }
  return (*std::get<std::shared_ptr<const Map>>(data_))[at];
}

std::string_view type_name(Kind kind) {
  constexpr std::string_view kNames[] = {"null_type",
                                         "bool",
                                         "int",
                                         "uint",
                                         "double",
                                         "string",
                                         "bytes",
                                         "google.protobuf.Timestamp",
                                         "google.protobuf.Duration",
                                         "type",
                                         "list",
                                         "map"};
  return kNames[static_cast<std::size_t>(kind)];
}

bool equal(const Value& a, const Value& b, Meter& meter) {
  if (!meter.spend()) return false;
  if (a.is_numeric() && b.is_numeric()) return compare_numbers(a, b) == 0;
  const Kind kind = a.kind();
  if (kind != b.kind()) return false;
  bool same = false;
  switch (kind) {
    case Kind::null:
      return true;
    case Kind::boolean:
      return a.as_boolean() == b.as_boolean();
    case Kind::text:
    case Kind::bytes:
      return meter.scan(a.as_text().size()) && a.as_text() == b.as_text();
    case Kind::timestamp:
      return a.as_timestamp() == b.as_timestamp();
    case Kind::duration:
      return a.as_duration() == b.as_duration();
    case Kind::type:
      return a.as_type() == b.as_type();
    default:
      if (meter.descend())
        same = kind == Kind::list ? equal_lists(a, b, meter) : equal_maps(a, b, meter);
      meter.ascend();
      return same;
  }
}

std::optional<int> compare(const Value& a, const Value& b) {
  if (a.is_numeric() && b.is_numeric()) return compare_numbers(a, b);
  const Kind kind = a.kind();
  if (kind != b.kind()) return std::nullopt;
  switch (kind) {
    case Kind::boolean:
      return order(a.as_boolean(), b.as_boolean());
    case Kind::text:
    case Kind::bytes:
      return order(a.as_text(), b.as_text());
    case Kind::timestamp:
      return order(a.as_timestamp(), b.as_timestamp());
    case Kind::duration:
      return order(a.as_duration(), b.as_duration());
    default:
      return std::nullopt;
  }
}

std::optional<Value> find(const Value& map, const Value& key, Meter& meter) {
  if (!meter.spend(map.size() / 8 + 1)) return std::nullopt;
  if (const auto* view = std::get_if<Value::JsonView>(&map.data_)) {
    if (!key.is(Kind::text)) return std::nullopt;
    const json::Value* member = view->document->find(key.as_text());
    if (!member) return std::nullopt;
    return Value::json(*member, view->numbers);
  }
  for (const auto& [name, value] : *std::get<std::shared_ptr<const Map>>(map.data_))
    if (equal(name, key, meter)) return value;
  return std::nullopt;
}

std::optional<std::int64_t> integral(const Value& number) {
  switch (number.kind()) {
    case Kind::integer:
      return number.as_integer();
    case Kind::uinteger:
      if (number.as_uinteger() <= std::uint64_t{std::numeric_limits<std::int64_t>::max()})
        return static_cast<std::int64_t>(number.as_uinteger());
      return std::nullopt;
    case Kind::number: {
      const double value = number.as_number();
      if (value >= -0x1p63 && value < 0x1p63 && std::trunc(value) == value)
        return static_cast<std::int64_t>(value);
      return std::nullopt;
    }
    default:
      return std::nullopt;
  }
}

}  // namespace ropewalk::cel
