#include "config/extra/backend_http.h"

#include <nlohmann/json.hpp>

namespace ropewalk::config {

using nlohmann::json;

BackendHttp read_backend_http(const ExtraValue& extra, Diagnostics& diagnostics) {
  BackendHttp out;
  if (!extra.value->is_object()) {
    diagnostics.warn(extra.path, "ignored: expected an object, got " + shown(*extra.value));
    return out;
  }
  Reader reader(*extra.value, extra.path, diagnostics);
  const json* code = reader.find("return_error_code");
  if (code && !code->is_boolean())
    diagnostics.warn(reader.path_of("return_error_code"),
                     "ignored: expected true or false, got " + shown(*code));
  if (const json* details = reader.find("return_error_details")) {
    if (details->is_string() && !details->get_ref<const std::string&>().empty())
      out.return_error_details = details->get<std::string>();
    else
      diagnostics.warn(reader.path_of("return_error_details"),
                       "expected a name; as it stands it switches return_error_code off too");
  } else if (!extra.value->contains("return_error_details")) {
    out.return_error_code = code && code->is_boolean() && code->get<bool>();
  }
  reader.finish();
  return out;
}

std::string to_text(const BackendHttp& options) {
  if (!options.return_error_details.empty())
    return json{{"return_error_details", options.return_error_details}}.dump(
        -1, ' ', false, json::error_handler_t::replace);
  return options.return_error_code ? R"({"return_error_code":true})" : std::string();
}

Result<BackendHttp> parse_backend_http(std::string_view text) {
  const json document = json::parse(text, nullptr, false);
  if (!document.is_object()) return fail(Kind::config, "backend/http: expected an object");
  BackendHttp out;
  for (auto it = document.begin(); it != document.end(); ++it) {
    if (it.key() == "return_error_code" && it->is_boolean())
      out.return_error_code = it->get<bool>();
    else if (it.key() == "return_error_details" && it->is_string())
      out.return_error_details = it->get<std::string>();
    else
      return fail(Kind::config, "backend/http: cannot use " + it.key());
  }
  return out;
}

}  // namespace ropewalk::config
