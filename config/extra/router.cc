#include "config/extra/router.h"

#include "common/strings.h"
#include "config/document.h"
#include "config/extra/payload.h"
#include "config/network.h"
#include "config/path.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace ropewalk::config {
namespace {

using nlohmann::json;

struct Flag {
  std::string_view key;
  void (v1::Router::*set)(bool);
};

// What KrakenD reads together: one wrong type and all are gone.
constexpr std::array<Flag, 9> kTogether{{
    {"return_error_msg", &v1::Router::set_return_error_msg},
    {"hide_version_header", &v1::Router::set_hide_version_header},
    {"disable_redirect_trailing_slash", &v1::Router::set_disable_redirect_trailing_slash},
    {"disable_redirect_fixed_path", &v1::Router::set_disable_redirect_fixed_path},
    {"disable_handle_method_not_allowed", &v1::Router::set_disable_handle_method_not_allowed},
    {"remove_extra_slash", &v1::Router::set_remove_extra_slash},
    {"auto_options", &v1::Router::set_auto_options},
    {"forwarded_by_client_ip", &v1::Router::set_forwarded_by_client_ip},
    {"app_engine", &v1::Router::set_app_engine},
}};

constexpr std::array<Flag, 3> kApart{{
    {"disable_health", &v1::Router::set_disable_health},
    {"disable_path_decoding", &v1::Router::set_disable_path_decoding},
    {"disable_access_log", &v1::Router::set_disable_access_log},
}};

class Router {
 public:
  Router(const ExtraValue& extra, Diagnostics& diagnostics)
      : reader_(*extra.value, extra.path, diagnostics), diagnostics_(diagnostics) {}

  // Returns max_payload.
  std::uint64_t read(v1::Router& out) {
    v1::Router together = out;
    for (const Flag& flag : kTogether) read_flag(flag, together);
    for (std::string& name : texts("remote_ip_headers"))
      together.add_remote_ip_headers(std::move(name));
    if (const json* size = reader_.find("max_multipart_memory"); size && !size->is_number())
      wrong("max_multipart_memory", "a number", *size);
    for (const Flag& flag : kApart) read_flag(flag, together);
    for (std::string& path : texts("logger_skip_paths"))
      together.add_logger_skip_paths(std::move(path));
    const json* health = reader_.find("health_path");
    if (health && !health->is_string()) wrong("health_path", "a text", *health);

    if (wrong_.empty()) {
      out = together;
    } else {
      out.set_disable_health(together.disable_health());
      out.set_disable_path_decoding(together.disable_path_decoding());
      out.set_disable_access_log(together.disable_access_log());
      *out.mutable_logger_skip_paths() = together.logger_skip_paths();
      diagnostics_.warn(wrong_, wrong_message_ +
                                    "; error texts, redirects, version header, methods and client "
                                    "IP options of this block are ignored with it");
    }
    if (health && health->is_string()) read_health_path(health->get<std::string>(), out);
    read_trusted_proxies(out);
    read_error_body(out);
    const std::uint64_t max_payload = read_max_payload(reader_);
    read_missing();
    reader_.finish();
    return max_payload;
  }

 private:
  void wrong(std::string_view key, std::string_view expected, const json& value) {
    if (!wrong_.empty()) return;
    wrong_ = reader_.path_of(key);
    wrong_message_ = "expected " + std::string(expected) + ", got " + shown(value);
  }

  void read_flag(const Flag& flag, v1::Router& out) {
    const json* value = reader_.find(flag.key);
    if (!value) return;
    if (value->is_boolean())
      (out.*flag.set)(value->get<bool>());
    else
      wrong(flag.key, "true or false", *value);
  }

  std::vector<std::string> texts(std::string_view key) {
    std::vector<std::string> out;
    const json* value = reader_.find(key);
    if (!value) return out;
    const auto text = [](const json& entry) { return entry.is_string(); };
    if (value->is_array() && std::ranges::all_of(*value, text))
      for (const json& entry : *value) out.push_back(entry.get<std::string>());
    else
      wrong(key, "a list of texts", *value);
    return out;
  }

  void read_health_path(const std::string& text, v1::Router& out) {
    if (text.empty()) return;
    if (auto path = parse_router_path(text))
      out.set_health_path(std::move(*path));
    else
      diagnostics_.refuse(reader_.path_of("health_path"), path.error().message);
  }

  void read_trusted_proxies(v1::Router& out) {
    const json* list = reader_.find("trusted_proxies");
    if (!list) return;
    const std::string path = reader_.path_of("trusted_proxies");
    if (!list->is_array()) {
      diagnostics_.refuse(path, "expected a list of addresses and networks, got " + shown(*list));
      return;
    }
    for (std::size_t i = 0; i < list->size(); ++i) {
      const json& entry = (*list)[i];
      if (!entry.is_string() || !is_network(entry.get_ref<const std::string&>())) {
        diagnostics_.refuse(
            child(path, i),
            "expected an address or a network such as 10.0.0.0/8, got " + shown(entry));
        return;
      }
      out.add_trusted_proxies(entry.get<std::string>());
    }
    out.set_trusted_proxies_set(out.trusted_proxies_size() > 0);
  }

  void read_error_body(v1::Router& out) {
    const json* bodies = reader_.find("error_body");
    if (!bodies) return;
    if (!bodies->is_object()) {
      diagnostics_.warn(reader_.path_of("error_body"),
                        "ignored: expected an object, got " + shown(*bodies));
      return;
    }
    Reader reader(*bodies, reader_.path_of("error_body"), diagnostics_);
    if (const json* body = reader.find("404")) out.set_error_body_404(go_json(*body));
    if (const json* body = reader.find("405")) out.set_error_body_405(go_json(*body));
    reader.finish();
  }

  void read_missing() {
    for (const std::string_view key : {"decompress_gzip", "disable_gzip", "base_path"})
      reader_.ignore(key, "not supported yet and without effect");
    reader_.ignore("use_h2c", "HTTP/2 is not supported yet; HTTP/1.1 is served");
  }

  Reader reader_;
  Diagnostics& diagnostics_;
  std::string wrong_;
  std::string wrong_message_;
};

}  // namespace

std::string read_router(const ExtraValue& extra, v1::Router& out, Diagnostics& diagnostics) {
  if (!extra.value->is_object()) {
    diagnostics.warn(extra.path, "ignored: expected an object, got " + shown(*extra.value));
    return {};
  }
  Router router(extra, diagnostics);
  return payload_text(router.read(out));
}

}  // namespace ropewalk::config
