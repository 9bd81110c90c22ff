// What the server answers by itself: refusals, and what no endpoint matched.
#include "common/strings.h"
#include "dataplane/compile/routes.h"
#include "dataplane/http/target.h"
#include "dataplane/http/writer.h"
#include "dataplane/proxy/fields.h"
#include "dataplane/server/connection.h"
#include "dataplane/server/worker.h"

#include <algorithm>

namespace ropewalk::server {

using runtime::Clock;

void Connection::respond() {
  state_ = State::answering;
  // Sees the client go, and the next request come; a body still to come is read when somebody asks
  // for it.
  if (body_complete_) start_read();
  if (plan_) return start_exchange();
  if (match_.outcome != router::Match::Outcome::found) return answer_unmatched();
  switch (match_.id) {
    case compile::kHealthRoute:
      return answer_health();
    case compile::kDebugRoute:
      return answer_debug();
    default:
      return answer_echo();
  }
}

void Connection::start_exchange() {
  endpoint_ = &serving_->endpoint(match_.id);
  exchange_.start(*plan_, *endpoint_, *serving_, gates_);
}

// HTTP that cannot be understood, or may not be: an answer, then the end of the connection.
void Connection::refuse(const http::Refusal& refusal) {
  ++worker_.metrics().server.malformed_requests;
  if (!serving_) serving_ = worker_.serving();
  if (state_ == State::head) {
    ++worker_.metrics().server.requests_in_flight;
    started_ = Clock::now();
    head_only_ = false;
    match_ = {};
    gates_.begin({}, {});
    gates_.answer_fields.clear();
    plan_ = nullptr;
    endpoint_ = nullptr;
    request_id_.clear();
  }
  state_ = State::answering;
  keep_alive_ = false;
  log::debug("request refused", {{"client", peer_address_},
                                 {"status", std::to_string(refusal.status)},
                                 {"reason", refusal.text}});
  // The texts of Go's server, which KrakenD's users see: nothing of what was wrong goes to the
  // client.
  if (refusal.status == 417) return answer_own(417, "", "", false);
  const std::string text =
      refusal.status == 501 && reader_.head().method_id != http::Method::connect
          ? "Unsupported transfer encoding"
          : std::to_string(refusal.status) + " " + std::string(http::reason_phrase(refusal.status));
  answer_own(refusal.status, "text/plain; charset=utf-8", text, false);
}

void Connection::answer_own(unsigned status, std::string_view content_type, std::string_view body,
                            bool gateway_fields) {
  std::string& out = begin(status);
  if (!content_type.empty()) proxy::put(out, "Content-Type", content_type);
  if (gateway_fields) {
    const compile::Identity& identity = serving_->graph().identity;
    proxy::put(out, "X-Krakend", identity.version_header);
    proxy::put(out, "X-Krakend-Completed", "false");
    if (!identity.compat) proxy::put(out, "X-Request-Id", request_id_);
  }
  send(body);
}

void Connection::answer_unmatched() {
  const compile::Settings& settings = serving_->graph().settings;
  const http::RequestHead& head = reader_.head();
  ++worker_.metrics().server.requests_unmatched;
  if (!redirect_.empty()) return redirect(redirect_);
  if (settings.auto_options && head.method_id == http::Method::options &&
      match_.outcome == router::Match::Outcome::method_not_allowed && match_.allow &&
      answer_options())
    return;
  const bool wrong_method = match_.outcome == router::Match::Outcome::method_not_allowed &&
                            settings.handle_method_not_allowed;
  const std::string& json = wrong_method ? settings.error_body_405 : settings.error_body_404;
  std::string& out = begin(wrong_method ? 405 : 404);
  proxy::put(out, "Content-Type", json.empty() ? "text/plain" : "application/json; charset=utf-8");
  if (wrong_method && match_.allow)
    proxy::put(
        out, "Allow",
        settings.auto_options && allows_endpoint() ? *match_.allow + ", OPTIONS" : *match_.allow);
  const compile::Identity& identity = serving_->graph().identity;
  proxy::put(out, "X-Krakend", identity.version_header);
  proxy::put(out, "X-Krakend-Completed", "false");
  if (!identity.compat) proxy::put(out, "X-Request-Id", request_id_);
  send(!json.empty()  ? std::string_view(json)
       : wrong_method ? "405 method not allowed"
                      : "404 page not found");
}

// What the router answers by itself (redirects, auto_options) does not.
bool Connection::goes_to_catch_all() const {
  const http::Method method = reader_.head().method_id;
  if (match_.outcome == router::Match::Outcome::found || !redirect_.empty() ||
      !reader_.head().path.starts_with('/') || method == http::Method::connect ||
      method == http::Method::trace)
    return false;
  return !(serving_->graph().settings.auto_options && method == http::Method::options &&
           match_.outcome == router::Match::Outcome::method_not_allowed && match_.allow &&
           allows_endpoint());
}

// Whether the methods of match_.allow are those of an endpoint, not of a page of the gateway.
bool Connection::allows_endpoint() const {
  const std::string_view first = split(*match_.allow, ',').front();
  const router::Match other =
      serving_->graph().router.match(reader_.head().host, trim(first),
                                     path_.empty() ? reader_.head().path : std::string_view(path_));
  return other.outcome == router::Match::Outcome::found && other.id < compile::kHealthRoute;
}

// router.auto_options: the methods of the endpoints at this path, sorted. False where there is
// none.
bool Connection::answer_options() {
  const compile::Graph& graph = serving_->graph();
  const http::RequestHead& head = reader_.head();
  std::vector<std::string_view> methods;
  for (std::string_view method : split(*match_.allow, ',')) {
    method = trim(method);
    if (method == "OPTIONS") continue;
    const router::Match other =
        graph.router.match(head.host, method, path_.empty() ? head.path : std::string_view(path_));
    if (other.outcome != router::Match::Outcome::found || other.id >= compile::kHealthRoute)
      continue;
    if (methods.empty()) {
      const auto decoded =
          proxy::decode_parameters(graph.endpoints[other.id], graph.settings,
                                   {other.parameters.data(), other.parameter_count}, gates_);
      if (!decoded) {
        answer_own(400, "text/plain; charset=utf-8", "error: " + decoded.error().message, false);
        return true;
      }
    }
    methods.push_back(method);
  }
  if (methods.empty()) return false;
  std::ranges::sort(methods);
  std::string allow;
  for (const std::string_view method : methods) {
    if (!allow.empty()) allow += ", ";
    allow += method;
  }
  std::string& out = begin(200);
  proxy::put(out, "Allow", allow);
  proxy::put(out, "X-Krakend", graph.identity.version_header);
  send({});
  return true;
}

void Connection::find_redirect() {
  const compile::Settings& settings = serving_->graph().settings;
  const router::Router& router = serving_->graph().router;
  const http::RequestHead& head = reader_.head();
  if (settings.auto_options && head.method_id == http::Method::options) {
    // As if OPTIONS were a method of every endpoint.
    if (match_.outcome != router::Match::Outcome::not_found) return;
    for (const std::string_view method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
      if (settings.redirect_trailing_slash)
        redirect_ = router.redirect_trailing_slash(head.host, method, head.path);
      if (redirect_.empty() && settings.redirect_fixed_path)
        redirect_ = router.redirect_fixed_path(head.host, method, head.path);
      if (!redirect_.empty()) return;
    }
    return;
  }
  if (settings.redirect_trailing_slash && !path_.empty()) {
    // The cleaned path decides, the path as it came gets or loses its slash (Go).
    if (!router.redirect_trailing_slash(head.host, head.method, path_).empty()) {
      std::string path = http::decode_path(head.path).value_or(std::string(head.path));
      if (path_.ends_with('/'))
        path.pop_back();
      else
        path += '/';
      redirect_ = router::location(std::move(path));
    }
  } else if (settings.redirect_trailing_slash) {
    redirect_ = router.redirect_trailing_slash(head.host, head.method, head.path);
  }
  if (redirect_.empty() && settings.redirect_fixed_path)
    redirect_ = router.redirect_fixed_path(head.host, head.method, head.path);
}

// As Go: 301 with a small page for GET, 307 otherwise.
void Connection::redirect(const std::string& path) {
  const http::RequestHead& head = reader_.head();
  const bool get = head.method_id == http::Method::get;
  std::string location = path;
  if (!head.query.empty()) location += "?" + std::string(head.query);
  std::string& out = begin(get ? 301 : 307);
  std::string page;
  if (get) {
    proxy::put(out, "Content-Type", "text/html; charset=utf-8");
    std::string escaped;
    for (const char c : location) {
      if (c == '&')
        escaped += "&amp;";
      else if (c == '<')
        escaped += "&lt;";
      else if (c == '>')
        escaped += "&gt;";
      else if (c == '"')
        escaped += "&#34;";
      else if (c == '\'')
        escaped += "&#39;";
      else
        escaped += c;
    }
    page = "<a href=\"" + escaped + "\">Moved Permanently</a>.\n\n";
  }
  proxy::put(out, "Location", location);
  send(page);
}

}  // namespace ropewalk::server
