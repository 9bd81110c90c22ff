#include "dataplane/proxy/leg.h"

#include "common/strings.h"
#include "dataplane/http/reference.h"
#include "dataplane/proxy/fields.h"
#include "dataplane/runtime/kept_memory.h"

namespace ropewalk::proxy {
namespace {

using pipeline::Step;
using runtime::Clock;

// The tenth redirect is one too many (Go's client).
constexpr std::size_t kMostRedirects = 10;

bool redirects(unsigned status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// What a redirect must not carry to another place (design 7.4).
bool secret(std::string_view name) {
  return iequals(name, "Authorization") || iequals(name, "Cookie") || iequals(name, "Cookie2") ||
         iequals(name, "Proxy-Authorization") || iequals(name, "WWW-Authenticate");
}

// What says something about a body that is left out.
bool of_body(std::string_view name) {
  return iequals(name, "Content-Type") || iequals(name, "Content-Encoding") ||
         iequals(name, "Content-Language") || iequals(name, "Content-Location");
}

// Removes the lines of `fields` whose name `unwanted` picks.
template <class Unwanted>
void drop_lines(std::string& fields, Unwanted unwanted) {
  std::string kept;
  for (std::size_t at = 0; at < fields.size();) {
    const std::size_t end = fields.find("\r\n", at) + 2;
    const std::string_view line = std::string_view(fields).substr(at, end - at);
    if (!unwanted(line.substr(0, line.find(':')))) kept += line;
    at = end;
  }
  fields = std::move(kept);
}

// Whether `url` names the host that was called, by its own name or by `sent`, the Host field of the
// call; with the port of that name or the one that was connected to.
bool names(const http::Url& url, const compile::Host& called, std::string_view sent) {
  if (url.tls != called.tls) return false;
  for (const std::string_view name : {std::string_view(called.authority), sent}) {
    const auto known = http::parse_url((called.tls ? "https://" : "http://") + std::string(name));
    if (known && url.host == known->host && (url.port == known->port || url.port == called.port))
      return true;
  }
  return false;
}

}  // namespace

Leg::Leg(WorkerContext& worker, LegOwner& owner, std::size_t position)
    : part(position), worker_(worker), owner_(owner), call_(worker.backends, *this) {}

Leg::~Leg() = default;

void Leg::start(const Job& job) {
  job_ = job;
  state_ = State::filtering;
  reached_ = streaming_ = complete_ = has_answer_ = decoded_at_once_ = stayed_ = false;
  redirects_ = 0;
  elsewhere_.clear();
  failure_.reset();
  partial_ = {};
  decoded_.clear();
  response.status = 0;
  response.headers.clear();
  response.body.clear();
  response.raw = response.cut = false;
  response.arena.clear();
  started_ = job.now;
  span_ = 0;
  chain_.begin(job.plan->filters);
  if (auto built = build(); !built) return fail_with(std::move(built.error()));
  if (!chain_.empty()) error = {};
  if (chain_.empty()) {
    serialise(*job.from, path_, true);
    return dispatch();
  }
  materialise();
  descend();
}

void Leg::cancel(const Error& why) {
  if (state_ == State::idle) return;
  state_ = State::idle;
  stop_clock(Clock::now());
  if (why.kind == Kind::timeout)
    call_.expire();
  else
    call_.cancel();
  forget();
  if (chain_.empty()) return;
  error = why;
  chain_.fail(*this);
}

void Leg::give_back() {
  drop_made();
  if (!call_.active()) call_.give_back();
  runtime::release_if_large(response.body);
  runtime::release_if_large(decoded_);
  runtime::release_if_large(json_);
}

void Leg::finish(Clock::time_point now) {
  state_ = State::idle;
  // Fields belong to an answer; those of a stream are views into what others use by now.
  if (!has_answer_ && failure_) response.headers.clear();
  stop_clock(now);
  owner_.on_leg_done(*this);
}

void Leg::stop_clock(Clock::time_point now) {
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(now - started_);
  took_us_ = static_cast<std::uint64_t>(took.count());
}

void Leg::fail_with(Error why) {
  call_.cancel();
  if (!chain_.empty()) {
    error = why;
    // A filter may have another answer, if it is not too late for any.
    if (streaming_ || Clock::now() >= job_.deadline) {
      chain_.fail(*this);
    } else if (chain_.recover(*this)) {
      state_ = State::answering;
      return ascend_client();
    }
    why = std::move(error);
  }
  failure_ = std::move(why);
  complete_ = has_answer_ = false;
  finish();
}

// --- down

void Leg::descend() {
  switch (chain_.down(*this)) {
    case Step::next:
      // Calls are made in capital letters, whatever a filter wrote.
      if (const std::string method = to_upper(request.method); method != request.method)
        request.set_method(method);
      serialise(request, request.path, false);
      return dispatch();
    case Step::wait:
      return;
    case Step::fail:
      failure_ = std::move(error);
      return finish();
    case Step::done:
      break;
  }
  state_ = State::answering;
  if (chain_.open() >= job_.plan->backend_filters) return ascend_client();
  ascend_backend();
}

void Leg::resumed(Step step) {
  const bool was_client = chain_.open() > job_.plan->backend_filters;
  const bool descending = chain_.descending();
  switch (chain_.settle(*this, step)) {
    case Step::wait:
      return;
    case Step::fail:
      failure_ = std::move(error);
      has_answer_ = false;
      return finish();
    case Step::next:
      if (descending) return descend();
      return was_client ? ascend_client() : ascend_backend();
    case Step::done:
      state_ = State::answering;
      if (chain_.open() >= job_.plan->backend_filters) return ascend_client();
      return ascend_backend();
  }
}

void Leg::dispatch() {
  state_ = State::calling;
  reached_ = true;
  // Filters may have taken their time.
  if ((chain_.empty() ? job_.now : Clock::now()) >= job_.deadline)
    return fail_with({Kind::timeout, Origin::backend, Retry::no, "context deadline exceeded"});
  if (!chain_.empty() && !request.destination.empty() && redirects_ == 0) {
    if (!job_.plan->leaves_host_set)
      return fail_with({Kind::config, Origin::gateway, Retry::no,
                        "a filter leads to another host than those of the backend"});
    elsewhere_ = request.destination;
  }
  if (!elsewhere_.empty()) return call_again(nullptr);
  backend::Call::Options options = call_options(job_.plan->tls.get());
  if (job_.plan->resilience) options.resilience = &*job_.plan->resilience;
  call_.start(call_request_, options, *job_.targets);
}

backend::Call::Options Leg::call_options(const net::ClientTls* tls) const {
  using enum config::v1::Encoding;
  const config::v1::Encoding encoding = job_.plan->encoding;
  backend::Call::Options options;
  options.settings = &job_.graph->settings;
  options.tls = tls;
  options.streaming = job_.streams;
  options.keep_fields = !chain_.empty() || job_.no_op;
  options.passes_status = job_.no_op || job_.plan->error_code;
  options.deadline = job_.deadline;
  // KrakenD's decoders of these read one value and do not look further.
  options.may_end_early =
      !job_.no_op &&
      (encoding == ENCODING_JSON || encoding == ENCODING_SAFEJSON || encoding == ENCODING_XML);
  return options;
}

// To the place that elsewhere_ names: `called` by that name, or, where null, none of the backend's
// hosts.
void Leg::call_again(const compile::Host* called) {
  const auto url = http::parse_url(elsewhere_);
  if (!url) return fail_with(url.error());
  auto hosts = std::make_shared<compile::HostList>(1);
  compile::Host& host = hosts->front();
  host.tls = url->tls;
  host.address = url->host;
  host.literal = url->host.find(':') != std::string::npos ||
                 url->host.find_first_not_of("0123456789.") == std::string::npos;
  host.port = url->port;
  host.authority = url->authority;
  host.url = (url->tls ? "https://" : "http://") + url->authority;
  // The authority of a pod is no address.
  if (called) {
    host.address = called->address;
    host.literal = called->literal;
    host.port = called->port;
    host.url = called->url;
  }
  const net::ClientTls* tls = job_.plan->tls.get();
  if (host.tls && !tls) {
    const auto shared = job_.serving->client_tls();
    if (!shared) return fail_with(shared.error());
    tls = shared->get();
  }
  detour_.hosts = detour_hosts_ = std::move(hosts);
  detour_.list.assign(
      1, {&detour_hosts_->front(), worker_.pool.of(detour_hosts_->front(), tls, job_.plan->proxy)});
  detour_.next = 0;
  if (redirects_ > 0) call_request_.host_header = {};
  call_.start(call_request_, call_options(tls), detour_);
}

// True when another call has been started (or the redirect failed). Go's rules, and what design 7.4
// keeps at home.
bool Leg::redirect(const http::Fields& fields) {
  const unsigned status = call_.status();
  if (!redirects(status) || job_.plan->no_redirect) return false;
  const std::string_view location = fields.value(http::FieldId::location);
  if (location.empty()) return false;
  const bool keeps_method = status == 307 || status == 308;
  const bool has_body = call_request_.body_kind != backend::RequestBody::none;
  if (keeps_method && has_body && !job_.plan->send_body_on_redirect) return false;
  const compile::Host& host = *call_.host();
  const bool stays = !job_.plan->leaves_host_set;
  const std::string sent(stays && !call_request_.host_header.empty() ? call_request_.host_header
                                                                     : host.authority);
  const auto current = http::parse_url((host.tls ? "https://" : "http://") + sent + host.base_path +
                                       call_request_.target);
  const auto next = current ? http::resolve_reference(*current, location)
                            : Result<http::Url>(std::unexpected(current.error()));
  const bool same_place = next && names(*next, host, sent);
  if (stays && !same_place) {
    stayed_ = true;
    return false;
  }
  const std::string method =
      keeps_method || call_request_.method == "GET" || call_request_.method == "HEAD"
          ? std::string(call_request_.method)
          : "GET";
  const std::string verb = method.substr(0, 1) + to_lower(method.substr(1));
  if (!next) {
    fail_with({Kind::protocol, Origin::backend, Retry::no, verb + " " + next.error().message});
    return true;
  }
  if (++redirects_ >= kMostRedirects) {
    fail_with({Kind::protocol, Origin::backend, Retry::no,
               verb + " \"" + next->text() + "\": stopped after 10 redirects"});
    return true;
  }
  call_.cancel();
  if (redirects_ == 1)
    own_referer_ = ("\r\n" + call_request_.fields).find("\r\nReferer: ") == std::string::npos;
  const bool other_place = !stays && (next->host != current->host || next->port != current->port);
  const bool less_safe = current->tls && !next->tls;
  drop_lines(call_request_.fields, [&](std::string_view name) {
    return ((other_place || less_safe) && secret(name)) || (!keeps_method && of_body(name)) ||
           (iequals(name, "Referer") && (own_referer_ || less_safe));
  });
  if (!less_safe && own_referer_) put(call_request_.fields, "Referer", current->text());
  if (!keeps_method) {
    call_request_.method = method == "HEAD" ? "HEAD" : "GET";
    call_request_.body_kind = backend::RequestBody::none;
    call_request_.body = {};
  }
  call_request_.target = next->target;
  elsewhere_ = next->text();
  call_again(same_place ? &host : nullptr);
  return true;
}

// --- up

void Leg::on_call_done(backend::Call& call) {
  if (redirect(call.fields())) return;
  const Clock::time_point now = Clock::now();
  if (now >= job_.deadline)
    return fail_with({Kind::timeout, Origin::backend, Retry::no, "context deadline exceeded"});
  state_ = State::answering;
  if (chain_.empty() && !job_.no_op) return decode(now);
  const auto body = unpacked_body();
  if (!body) return fail_with(body.error());
  response.status = call.status();
  // Before a filter takes the Connection away that names some of them.
  response.headers = call.fields();
  response.headers.erase_if(
      [&call](const http::Field& field) { return http::hop_by_hop(field, call.fields()); });
  if (call.gzip() && job_.unpacks) response.headers.erase(http::FieldId::content_encoding);
  response.body.assign(*body);
  response.data = nullptr;
  response.complete = false;
  response.cut = call.cut();
  ascend_client();
}

void Leg::on_call_failed(backend::Call&, Error why) {
  // The head stands: the client gets it, and sees that the rest is missing.
  if (streaming_) owner_.on_leg_idle(*this);
  if (state_ == State::idle) return;  // the client has gone meanwhile
  fail_with(std::move(why));
}

void Leg::ascend_client() {
  switch (chain_.up(*this, job_.plan->backend_filters)) {
    case Step::wait:
      return;
    case Step::fail:
      failure_ = std::move(error);
      return finish();
    default:
      return decode(Clock::now());
  }
}

// The bytes of the answer become what the merge reads, or what filters change.
void Leg::decode(Clock::time_point now) {
  if (job_.no_op) {
    response.raw = true;
    complete_ = has_answer_ = true;
    return ascend_backend();
  }
  // Of a decoded answer clients see the fields that filters set, and no others.
  if (!chain_.empty()) {
    answered_type_ = response.headers.value(http::FieldId::content_type);
    response.headers.clear();
  }
  // evaluate() follows
  const bool waits = job_.plan->answer_use == pipeline::AnswerUse::nothing && !job_.decodes_at_once;
  if (waits && job_.plan->backend_filters == 0) return finish(now);
  if (waits) return ascend_backend();
  json::clear(worker_.scratch);
  decoded_at_once_ = true;
  if (chain_.empty()) {
    const auto body = unpacked_body();
    if (!body) return fail_with(body.error());
    if (!decode_into_partial(*body, call_.status())) return fail_with(std::move(*failure_));
    keep_partial();
    return finish();
  }
  response.body.reserve(response.body.size() + json::kPadding);
  if (!decode_into_partial(response.body, response.status)) return fail_with(std::move(*failure_));
  response.complete = !failure_;
  keep_partial();
  if (job_.plan->answer_use != pipeline::AnswerUse::data) return ascend_backend();
  auto data = json::parse(decoded_);
  if (!data) return fail_with(std::move(data.error()));
  response.data = std::move(*data);
  ascend_backend();
}

// False: failure_ is all there is. Error details are an answer beside a failure.
bool Leg::decode_into_partial(std::string_view body, unsigned status) {
  if (job_.plan->encoding == config::v1::ENCODING_NO_OP) {
    // Counts as complete and adds nothing, but a later backend of a sequence may ask for its text.
    if (chain_.empty() && job_.decodes_at_once) response.body.assign(body);
    partial_ = {true, {}, {}};
    return true;
  }
  if (!job_.plan->accepts(status)) {
    failure_ = status_error(body, status);
    return !job_.plan->error_details.empty();
  }
  auto partial = project(body);
  if (partial)
    partial_ = *partial;
  else
    failure_ = std::move(partial.error());
  return partial.has_value();
}

// As text of the leg's own: the scratch serves others until the merge.
void Leg::keep_partial() {
  std::string text = "null";
  if (partial_.has_data || !partial_.members.empty()) {
    text.clear();
    json::append_merged(text, {&partial_, 1}, worker_.scratch);
  }
  complete_ = !failure_;
  has_answer_ = true;
  decoded_ = std::move(text);
  decoded_.reserve(decoded_.size() + json::kPadding);
  raw_text_ = {};
}

void Leg::evaluate() {
  static const json::Projection kEverything{json::Rules{}};
  partial_ = {};
  raw_text_ = {};
  if (failed() || response.raw) return;
  if (!decoded_at_once_) {
    if (!chain_.empty()) response.body.reserve(response.body.size() + json::kPadding);
    const auto body = chain_.empty() ? unpacked_body() : Result<std::string_view>(response.body);
    if (body)
      decode_into_partial(*body, status());
    else
      failure_ = body.error();
    complete_ = !failure_;  // null as well: what several nulls lack the merge knows
    return;
  }
  auto partial = kEverything.run(decoded_, worker_.scratch);
  if (partial)
    partial_ = *partial;
  else
    failure_ = std::move(partial.error());
}

json::Value Leg::data() const {
  auto data = json::parse(decoded_);
  return data ? std::move(*data) : json::Value();
}

void Leg::ascend_backend() {
  switch (chain_.up(*this, 0)) {
    case Step::wait:
      return;
    case Step::fail:
      failure_ = std::move(error);
      has_answer_ = false;
      return finish();
    default:
      break;
  }
  if (!response.raw && job_.plan->answer_use == pipeline::AnswerUse::data) {
    decoded_at_once_ = has_answer_ = true;
    complete_ = response.complete;
    decoded_.clear();
    json::write(decoded_, response.data);
    decoded_.reserve(decoded_.size() + json::kPadding);
  }
  finish();
}

// --- streaming

void Leg::on_call_head(backend::Call& call) {
  if (redirect(call.head().fields)) return;
  if (!chain_.empty()) {
    const http::ResponseHead& head = call.head();
    response.status = head.status;
    response.headers.clear();
    for (const http::Field& field : head.fields)
      if (!http::hop_by_hop(field, head.fields))
        response.headers.add(field.name, field.value, field.id);
    response.raw = true;
    response.body.clear();
    const Step step = chain_.up(*this, 0);
    if (step == Step::wait) {
      forget();
      error = waits_in_stream();
    }
    if (step != Step::next) return fail_with(std::move(error));
  }
  streaming_ = true;
  owner_.on_leg_head(*this, call.head());
}

void Leg::on_call_data(backend::Call&, std::string_view piece, bool last) {
  if (last) {
    state_ = State::idle;
    stop_clock(Clock::now());
  }
  owner_.on_leg_data(*this, piece, last);
}

void Leg::on_call_idle(backend::Call&) {
  if (streaming_) owner_.on_leg_idle(*this);
}

void Leg::on_call_wants_body(backend::Call&) { owner_.on_leg_wants_body(*this); }

}  // namespace ropewalk::proxy
