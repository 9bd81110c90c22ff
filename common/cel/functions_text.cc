// Functions on texts, sizes, regular expressions; what calls prepare.
#include "common/cel/ast.h"
#include "common/cel/functions.h"
#include "common/cel/meter.h"
#include "common/cel/prepared.h"
#include "common/find_text.h"
#include "common/utf8.h"

#include <string>

namespace ropewalk::cel {

std::unique_ptr<const re2::RE2> make_pattern(std::string_view text) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(std::int64_t{1} << 20);
  return std::make_unique<const re2::RE2>(re2::StringPiece(text.data(), text.size()), options);
}

std::shared_ptr<const Prepared> prepare(const Expr& call) {
  if (call.operands.size() != 2) return nullptr;
  const Expr& second = *call.operands[1];
  if (second.node != Node::literal || !second.literal.is(Kind::text)) return nullptr;
  auto out = std::make_shared<Prepared>();
  if (call.text == "matches") {
    out->pattern = make_pattern(second.literal.as_text());
  } else if (call.receiver && call.text.starts_with("get")) {
    out->zone = Zone::find(second.literal.as_text());
    if (!out->zone) return nullptr;
  } else {
    return nullptr;
  }
  return out;
}

namespace functions {
namespace {

// Both operands as texts, where they are.
std::optional<std::pair<std::string_view, std::string_view>> texts(const Call& call) {
  const Value& a = call.arguments[0];
  const Value& b = call.arguments[1];
  if (!a.is(Kind::text) || !b.is(Kind::text)) return std::nullopt;
  if (!call.meter.scan(a.as_text().size() + b.as_text().size())) return std::nullopt;
  return std::pair(a.as_text(), b.as_text());
}

}  // namespace

Outcome size(const Call& call) {
  const Value& a = call.arguments[0];
  switch (a.kind()) {
    case Kind::text:
      if (!call.meter.scan(a.as_text().size())) return no_overload();
      return Value::integer(static_cast<std::int64_t>(utf8_characters(a.as_text())));
    case Kind::bytes:
      return Value::integer(static_cast<std::int64_t>(a.as_text().size()));
    case Kind::list:
    case Kind::map:
      return Value::integer(static_cast<std::int64_t>(a.size()));
    default:
      return no_overload();
  }
}

Outcome contains(const Call& call) {
  const auto both = texts(call);
  if (!both) return no_overload();
  return Value::boolean(find_text(both->first, both->second) != std::string_view::npos);
}

Outcome starts_with(const Call& call) {
  const auto both = texts(call);
  if (!both) return no_overload();
  return Value::boolean(both->first.starts_with(both->second));
}

Outcome ends_with(const Call& call) {
  const auto both = texts(call);
  if (!both) return no_overload();
  return Value::boolean(both->first.ends_with(both->second));
}

Outcome matches(const Call& call) {
  const auto both = texts(call);
  if (!both) return no_overload();
  std::unique_ptr<const re2::RE2> made;
  const re2::RE2* pattern = call.prepared ? call.prepared->pattern.get() : nullptr;
  if (!pattern) {
    if (!call.meter.spend(1000 + both->second.size())) return no_overload();
    made = make_pattern(both->second);
    pattern = made.get();
  }
  if (!pattern->ok()) return failed("not a regular expression");
  if (!call.meter.spend(both->first.size() / 4)) return no_overload();
  return Value::boolean(
      re2::RE2::PartialMatch(re2::StringPiece(both->first.data(), both->first.size()), *pattern));
}

}  // namespace functions
}  // namespace ropewalk::cel
