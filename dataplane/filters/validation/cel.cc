#include "dataplane/filters/validation/cel.h"

#include "common/keyed_table.h"
#include "config/extra/cel.h"
#include "dataplane/http/target.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace ropewalk::filters {
namespace {

using cel::Bindings;
using cel::Value;
using config::CelName;
using pipeline::Flow;
using pipeline::Step;

Bindings no_names() { return Bindings(static_cast<std::size_t>(CelName::count)); }

void give(Bindings& bindings, CelName name, Value value) {
  bindings[static_cast<std::size_t>(name)] = std::move(value);
}

// Expressions that are asked together, and which names any of them needs a value for.
class Checks {
 public:
  explicit Checks(std::vector<cel::Program> programs) : programs_(std::move(programs)) {
    for (std::size_t name = 0; name < named_.size(); ++name)
      named_[name] = std::ranges::any_of(
          programs_, [&](const cel::Program& program) { return program.names(name); });
  }

  bool empty() const { return programs_.empty(); }
  const std::vector<cel::Program>& programs() const { return programs_; }
  // Makes no value that nobody asks for.
  template <class Make>
  void give_named(Bindings& bindings, CelName name, Make make) const {
    if (named_[static_cast<std::size_t>(name)]) give(bindings, name, make());
  }

 private:
  std::vector<cel::Program> programs_;
  std::array<bool, static_cast<std::size_t>(CelName::count)> named_{};
};

// 2006-01-02T15:04:05.999Z07:00 in the words of Go: local time, milliseconds without zeros behind.
std::string now_text() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  const auto seconds = static_cast<std::time_t>(millis / 1000);
  std::tm local{};
  localtime_r(&seconds, &local);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d", local.tm_year + 1900,
                local.tm_mon + 1, local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec);
  std::string out = text;
  if (const int rest = static_cast<int>(millis % 1000); rest != 0) {
    std::snprintf(text, sizeof text, ".%03d", rest);
    out += text;
    out.erase(out.find_last_not_of('0') + 1);
  }
  const long offset = local.tm_gmtoff;
  if (offset == 0) return out + "Z";
  const long minutes = std::abs(offset) / 60;
  std::snprintf(text, sizeof text, "%c%02ld:%02ld", offset < 0 ? '-' : '+', minutes / 60,
                minutes % 60);
  return out + text;
}

// Name -> list of values, in the order of their first.
class Lists {
 public:
  void add(std::string name, std::string_view value) {
    const auto [known, added] = places_.try_emplace(name, lists_.size());
    if (added) lists_.emplace_back(std::move(name), cel::List());
    lists_[known->second].second.push_back(Value::borrowed(value));
  }
  Value value() && {
    cel::Map out;
    for (auto& [name, list] : lists_)
      out.emplace_back(Value::text(std::move(name)), Value::list(std::move(list)));
    return Value::map(std::move(out));
  }

 private:
  std::vector<std::pair<std::string, cel::List>> lists_;
  KeyedMap<std::size_t> places_;  // of the names in lists_
};

Value fields(const http::Fields& given) {
  Lists out;
  for (const http::Field& field : given) out.add(pipeline::canonical(field.name), field.value);
  return std::move(out).value();
}

Value query(const pipeline::Request& request) {
  Lists out;
  for (const auto& [name, value] : request.query) out.add(name, value);
  return std::move(out).value();
}

Value params(const pipeline::Request& request) {
  cel::Map out;
  for (const pipeline::Param& param : request.params)
    out.emplace_back(Value::borrowed(param.name), Value::borrowed(param.value));
  return Value::map(std::move(out));
}

// As KrakenD has it: decoded, with the query of a url_pattern as it stands.
Value path(std::string_view given) {
  const std::size_t query = std::min(given.find('?'), given.size());
  auto decoded = http::decode_path(given.substr(0, query));
  if (!decoded) return Value::borrowed(given);
  return Value::text(std::move(*decoded) + std::string(given.substr(query)));
}

// The status that return_error_details of a backend put into an answer; nothing without.
std::optional<std::int64_t> details_status(const json::Value& data) {
  if (!data.is_object()) return std::nullopt;
  for (const json::Value::Member& member : data.members()) {
    const json::Value* status = member.value.find("http_status_code");
    if (status && member.key.starts_with("error_")) return status->as_integer();
  }
  return std::nullopt;
}

bool satisfied(const cel::Program& program, const Bindings& bindings) {
  const auto result = program.evaluate(bindings);
  return result && result->is(cel::Kind::boolean) && result->as_boolean();
}

Step refuse(Flow& flow, std::size_t number) {
  flow.error = {Kind::bad_request,
                Origin::gateway,
                Retry::no,
                "request aborted by evaluator #" + std::to_string(number),
                500,
                {}};
  return Step::fail;
}

class CelFilter final : public pipeline::Filter {
 public:
  explicit CelFilter(config::CelChecks checks)
      : request_(std::move(checks.request)), response_(std::move(checks.response)) {}

  Step on_request(Flow& flow) const override {
    if (request_.empty()) return Step::next;
    const pipeline::Request& request = flow.request;
    Bindings bindings = no_names();
    const auto given = [&](CelName name, auto make) { request_.give_named(bindings, name, make); };
    given(CelName::now, [] { return Value::text(now_text()); });
    given(CelName::req_method, [&] { return Value::borrowed(request.method); });
    given(CelName::req_path, [&] { return path(request.path); });
    given(CelName::req_params, [&] { return params(request); });
    given(CelName::req_headers, [&] { return fields(request.headers); });
    given(CelName::req_querystring, [&] { return query(request); });
    return ask(request_, bindings, flow);
  }

  Step on_response(Flow& flow) const override {
    if (response_.empty()) return Step::next;
    const pipeline::Response& response = flow.response;
    // A merge beside an error is handed on as it is.
    if (!flow.error.message.empty()) return Step::next;
    const auto details = details_status(response.data);
    const bool alone = details && response.data.members().size() == 1;
    const std::int64_t status = response.raw ? response.status : (alone ? *details : 0);
    Bindings bindings = no_names();
    const auto given = [&](CelName name, auto make) { response_.give_named(bindings, name, make); };
    given(CelName::now, [] { return Value::text(now_text()); });
    given(CelName::resp_completed,
          [&] { return Value::boolean(response.complete || response.raw); });
    given(CelName::resp_metadata_status, [&] { return Value::integer(status); });
    given(CelName::resp_metadata_headers,
          [&] { return response.raw ? fields(response.headers) : Value::map({}); });
    given(CelName::resp_data, [&] {
      return response.data.is_object() && !response.raw
                 ? Value::json(response.data, cel::JsonNumbers::text)
                 : Value::map({});
    });
    return ask(response_, bindings, flow);
  }

 private:
  static Step ask(const Checks& checks, const Bindings& bindings, Flow& flow) {
    for (std::size_t i = 0; i < checks.programs().size(); ++i)
      if (!satisfied(checks.programs()[i], bindings)) return refuse(flow, i);
    return Step::next;
  }

  const Checks request_;
  const Checks response_;
};

class TokenGate final : public pipeline::Gate {
 public:
  explicit TokenGate(std::vector<cel::Program> checks) : checks_(std::move(checks)) {}

  Step run(pipeline::Passage& passage) const override {
    if (!passage.claims.is_object()) return Step::next;
    Bindings bindings = no_names();
    give(bindings, CelName::now, Value::text(now_text()));
    give(bindings, CelName::jwt, Value::json(passage.claims, cel::JsonNumbers::number));
    const bool all = std::ranges::all_of(
        checks_, [&](const cel::Program& check) { return satisfied(check, bindings); });
    if (all) return Step::next;
    passage.answer(401, "", "");
    return Step::done;
  }

 private:
  std::vector<cel::Program> checks_;
};

}  // namespace

Result<std::shared_ptr<const pipeline::Filter>> make_cel(const pipeline::Site& site) {
  auto checks = config::parse_cel(site.text);
  if (!checks) return std::unexpected(checks.error());
  if (checks->request.empty() && checks->response.empty()) return nullptr;
  return std::make_shared<const CelFilter>(std::move(*checks));
}

Result<std::shared_ptr<const pipeline::Gate>> make_cel_of_token(const pipeline::Site& site) {
  auto checks = config::parse_cel(site.text);
  if (!checks) return std::unexpected(checks.error());
  if (checks->token.empty()) return nullptr;
  return std::make_shared<const TokenGate>(std::move(checks->token));
}

}  // namespace ropewalk::filters
