#include "config/extra/client_credentials.h"

#include "common/strings.h"
#include "config/host.h"
#include "config/strict.h"

#include <nlohmann/json.hpp>

#include <map>

namespace ropewalk::config {
namespace {

using nlohmann::json;
using Params = std::map<std::string, std::vector<std::string>>;

// Split at commas, joined by blanks, nothing trimmed: KrakenD sends what comes out, also "".
std::string scope_of(std::string_view scopes) {
  std::string out(scopes);
  for (char& c : out)
    if (c == ',') c = ' ';
  return out;
}

bool is_list_of_texts(const json& value) {
  if (!value.is_array()) return false;
  for (const json& element : value)
    if (!element.is_string()) return false;
  return true;
}

Params read_params(StrictReader& reader) {
  Params out;
  const json* given = reader.find("endpoint_params");
  if (!given) return out;
  if (!given->is_object()) {
    reader.refuse_value("endpoint_params", "an object of lists", *given);
    return out;
  }
  for (auto it = given->begin(); it != given->end(); ++it) {
    if (is_list_of_texts(*it))
      out[it.key()] = it->get<std::vector<std::string>>();
    else
      reader.refuse("endpoint_params",
                    "expected a list of texts for " + it.key() + ", got " + shown(*it));
  }
  return out;
}

std::string problem_of(const std::string& token_url, const Params& params) {
  if (params.contains("scope")) return "endpoint_params cannot replace scope";
  if (token_url.empty()) return "no token_url";
  if (!token_url.starts_with("http://") && !token_url.starts_with("https://"))
    return "token_url is neither http nor https";
  const auto host = parse_host(token_url.substr(0, token_url.find_first_of("?#")));
  return host ? std::string() : "token_url has no usable host";
}

}  // namespace

std::string read_client_credentials(const ExtraValue& extra, Diagnostics& diagnostics) {
  StrictReader reader(extra, diagnostics, KeyCase::any);
  const bool off = reader.flag("is_disabled");
  json out = json::object();
  const std::string url = reader.text("token_url");
  out["token_url"] = url;
  out["client_id"] = reader.text("client_id");
  out["client_secret"] = reader.text("client_secret");
  const std::string scope = scope_of(reader.text("scopes"));
  Params params = read_params(reader);
  const std::string problem = problem_of(url, params);
  if (!off && !problem.empty()) reader.warn("token_url", problem + ": every call will fail");
  params.try_emplace("grant_type", std::vector<std::string>{"client_credentials"});
  params.try_emplace("scope", std::vector<std::string>{scope});
  json list = json::array();
  for (const auto& [name, values] : params)
    for (const std::string& value : values) list.push_back({name, value});
  out["params"] = std::move(list);
  out["problem"] = problem;
  reader.finish();
  return off ? std::string() : out.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace ropewalk::config
