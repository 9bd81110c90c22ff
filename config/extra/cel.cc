#include "config/extra/cel.h"

#include <nlohmann/json.hpp>

#include <utility>

namespace ropewalk::config {
namespace {

using nlohmann::json;

// KrakenD's declarations.
cel::Environment make_environment() {
  const cel::Type text = cel::plain(cel::Kind::text);
  const cel::Type lists = cel::map_of(text, cel::list_of(text));
  const cel::Type anything = cel::map_of(text, cel::dyn());
  cel::Environment out;
  out.variables.resize(static_cast<std::size_t>(CelName::count));
  const auto declare = [&](CelName place, std::string name, cel::Type type) {
    out.variables[static_cast<std::size_t>(place)] = {std::move(name), std::move(type)};
  };
  declare(CelName::now, "now", text);
  declare(CelName::req_method, "req_method", text);
  declare(CelName::req_path, "req_path", text);
  declare(CelName::req_params, "req_params", cel::map_of(text, text));
  declare(CelName::req_headers, "req_headers", lists);
  declare(CelName::req_querystring, "req_querystring", lists);
  declare(CelName::resp_completed, "resp_completed", cel::plain(cel::Kind::boolean));
  declare(CelName::resp_metadata_status, "resp_metadata_status", cel::plain(cel::Kind::integer));
  declare(CelName::resp_metadata_headers, "resp_metadata_headers", lists);
  declare(CelName::resp_data, "resp_data", anything);
  declare(CelName::jwt, "JWT", anything);
  return out;
}

bool of_request(std::string_view expression) { return expression.contains("req"); }
bool of_response(std::string_view expression) { return expression.contains("resp"); }
bool of_token(std::string_view expression) { return expression.contains("JWT"); }

bool yields_boolean(const cel::Program& program) {
  const cel::Type& result = program.result();
  return result.form != cel::Type::Form::plain ? result.form == cel::Type::Form::dyn
                                               : result.kind == cel::Kind::boolean;
}

// What is allowed and yet hardly meant.
void judge(const std::string& expression, const cel::Program& program, bool tokens,
           const std::string& path, Diagnostics& diagnostics) {
  if (!yields_boolean(program))
    diagnostics.warn(path, "yields " + cel::to_string(program.result()) +
                               ", not bool: everything it is asked about is refused");
  if (of_request(expression) || of_response(expression)) return;
  if (!of_token(expression))
    diagnostics.warn(path, "never evaluated: it names nothing of req, resp and JWT");
  else if (!tokens)
    diagnostics.warn(path, "never evaluated: no auth/validator gives JWT a value here");
}

}  // namespace

std::string read_cel(const ExtraValue& extra, bool tokens, Diagnostics& diagnostics) {
  const json& list = *extra.value;
  if (!list.is_array()) {
    diagnostics.refuse(extra.path,
                       "expected a list of {\"check_expr\": expression}, got " + shown(list));
    return {};
  }
  if (list.empty()) diagnostics.warn(extra.path, "an empty list checks nothing");
  const cel::Environment environment = make_environment();
  json out = json::array();
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string path = child(extra.path, i);
    Reader reader(list[i], path, diagnostics);
    const json* given = list[i].is_object() ? reader.find("check_expr") : nullptr;
    if (!given || !given->is_string() || given->get_ref<const std::string&>().empty()) {
      diagnostics.refuse(reader.path_of("check_expr"),
                         "expected an expression, got " + (given ? shown(*given) : "nothing"));
      return {};
    }
    reader.ignore("mod_expr", "KrakenD does not evaluate it");
    reader.finish();
    const std::string& expression = given->get_ref<const std::string&>();
    const auto program = cel::compile(environment, expression);
    if (!program) {
      diagnostics.refuse(reader.path_of("check_expr"),
                         program.error().message + " in " + shown(*given));
      return {};
    }
    judge(expression, *program, tokens, reader.path_of("check_expr"), diagnostics);
    out.push_back(expression);
  }
  return out.empty() ? std::string() : out.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<CelChecks> parse_cel(std::string_view text) {
  const json document = json::parse(text, nullptr, false);
  if (!document.is_array()) return fail(Kind::config, "validation/cel: expected a list");
  const cel::Environment environment = make_environment();
  CelChecks out;
  for (const json& entry : document) {
    if (!entry.is_string()) return fail(Kind::config, "validation/cel: expected expressions");
    const std::string& expression = entry.get_ref<const std::string&>();
    const auto add = [&](std::vector<cel::Program>& checks) -> Result<void> {
      auto program = cel::compile(environment, expression);
      if (!program)
        return fail(Kind::config,
                    "validation/cel: " + program.error().message + " in " + expression);
      checks.push_back(std::move(*program));
      return {};
    };
    if (of_request(expression))
      if (auto added = add(out.request); !added) return std::unexpected(added.error());
    if (of_response(expression))
      if (auto added = add(out.response); !added) return std::unexpected(added.error());
    if (of_token(expression))
      if (auto added = add(out.token); !added) return std::unexpected(added.error());
  }
  return out;
}

}  // namespace ropewalk::config
