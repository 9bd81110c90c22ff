#include "dataplane/filters/http_cache/http_cache.h"

#include "common/json/value.h"
#include "dataplane/filters/http_cache/store.h"
#include "ropewalk/config/v1/config.pb.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>

namespace ropewalk::http_cache {
namespace {

using pipeline::Flow;
using pipeline::Request;
using pipeline::Services;
using pipeline::Step;
using pipeline::Waker;

Nanoseconds now() {
  return std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count();
}

Directives asked(const http::Fields& request) {
  return Directives(request.value(http::FieldId::cache_control));
}

// What a request that asks the backend remembers until the answer is there. The one that leads has
// others waiting: it lands however it ends.
struct Errand {
  Errand() = default;
  Errand(const Errand&) = delete;
  Errand& operator=(const Errand&) = delete;
  ~Errand() { land(Landing::cancelled); }

  void land(Landing landing) {
    if (!leads) return;
    leads = false;
    store->land({key, variant}, landing, now());
  }

  std::shared_ptr<Store> store;
  std::string key;
  std::string variant;
  // Of the request as it came here. Filters below this one add their own (a token of the
  // gateway's), which say nothing of whom the answer is for; what these view lives as long as the
  // flow.
  http::Fields fields;
  std::shared_ptr<const Entry> entry;  // stale, and for a request like this one; or null
  bool known = false;                  // something is stored for the key
  bool validates = false;              // the validators sent are those of the entry
  bool leads = false;
};

struct Options {
  bool shared = false;
  Bounds bounds;  // 0: none of its own
};

Result<Options> parse_options(std::string_view text) {
  const auto document = json::parse(text);
  if (!document || !document->is_object()) return fail(Kind::config, "expected an object");
  Options out;
  for (const auto& [key, value] : document->members()) {
    const auto number = value.as_integer();
    if (key == "shared" && value.is_boolean())
      out.shared = value.boolean();
    else if (key == "max_items" && number && *number > 0)
      out.bounds.items = static_cast<std::size_t>(*number);
    else if (key == "max_size" && number && *number > 0)
      out.bounds.bytes = static_cast<std::uint64_t>(*number);
    else
      return fail(Kind::config, "cannot use " + key);
  }
  return out;
}

class CacheFilter final : public pipeline::Filter {
 public:
  // New bounds of a store that other configurations know, too.
  struct Resize {
    Bounds bounds;
    std::uint64_t configuration;
  };

  CacheFilter(std::shared_ptr<Store> store, std::string scope, bool reads_every_body,
              std::optional<Resize> resize)
      : store_(std::move(store)),
        scope_(std::move(scope)),
        reads_every_body_(reads_every_body),
        resize_(resize) {}

  // Not before: a configuration that is refused changes nothing.
  void begin(Services&) const override {
    if (resize_) store_->resize(resize_->bounds, resize_->configuration);
  }

  bool needs_answer_body() const override { return true; }

  Step on_request(Flow& flow) const override {
    const Request& request = flow.request;
    if (request.method != "GET" && request.method != "HEAD") return Step::next;
    std::string key = key_of(request);
    if (pipeline::find_field(request.headers, "Range")) {
      store_->erase(key);
      return Step::next;
    }
    return decide(flow, std::move(key), Waiting::allowed, nullptr);
  }

  Step on_response(Flow& flow) const override {
    auto* errand = static_cast<Errand*>(flow.note().get());
    if (!errand) return Step::next;
    const Landing landing = keep(flow, *errand);
    errand->land(landing);
    return Step::next;
  }

  bool recovers(Flow& flow) const override {
    auto* errand = static_cast<Errand*>(flow.note().get());
    if (!errand || !errand->entry || flow.error.kind == Kind::cancelled) return false;
    if (!covers_error(errand->entry->lifetime, asked(errand->fields), now())) return false;
    flow.response = {};
    replace(flow.response, *errand, errand->entry);
    errand->land(Landing::failed);
    return true;
  }

  void on_error(Flow& flow) const override {
    auto* errand = static_cast<Errand*>(flow.note().get());
    if (!errand) return;
    const bool left = flow.error.kind == Kind::cancelled;
    if (!left && errand->known) store_->erase(errand->key);
    errand->land(left ? Landing::cancelled : Landing::failed);
    flow.note().reset();
  }

 private:
  enum class Waiting : std::uint8_t { allowed, no };

  // Method, place, host and URL. Parameters in the order of their names, as they are sent. Each
  // part has its length in front: what is decoded may hold any byte, so no byte could end a part.
  std::string key_of(const Request& request) const {
    std::string key;
    const auto add = [&key](std::string_view part) { add_part(key, part); };
    const http::Field* set = request.headers.find(http::FieldId::host);
    const std::string_view host = set && !set->value.empty() ? set->value : request.host;
    std::size_t size =
        scope_.size() + request.destination.size() + host.size() + request.path.size() + 32;
    for (const auto& [name, value] : request.query) size += name.size() + value.size() + 8;
    key.reserve(size);
    key += scope_;
    for (const std::string_view part : {request.method, request.destination, host, request.path})
      add(part);
    const auto append = [&](const auto& parameter) {
      add(parameter.first);
      add(parameter.second);
    };
    const auto by_name = [](const auto& a, const auto& b) { return a.first < b.first; };
    if (std::ranges::is_sorted(request.query, by_name)) {
      std::ranges::for_each(request.query, append);
      return key;
    }
    using Parameter = std::pair<std::string, std::string>;
    std::vector<const Parameter*> sorted;
    for (const Parameter& parameter : request.query) sorted.push_back(&parameter);
    std::ranges::sort(sorted, [](const Parameter* a, const Parameter* b) {
      return a->first == b->first ? a < b : a->first < b->first;  // equal names as they came
    });
    for (const Parameter* parameter : sorted) append(*parameter);
    return key;
  }

  Step decide(Flow& flow, std::string key, Waiting waiting, const Waker* waker) const {
    constexpr int kLooks = 3;  // then the answers change faster than they can be looked at
    const Directives directives = asked(flow.request.headers);
    for (int look = 0;; ++look) {
      std::shared_ptr<const Entry> entry = store_->find(key);
      const bool matches = entry && entry->matches(flow.request.headers);
      const auto freshness =
          matches ? judge(entry->lifetime, directives, now()) : Freshness::transparent;
      if (freshness == Freshness::fresh) return serve(flow, std::move(entry));
      if (!entry && directives.has("only-if-cached")) return refuse(flow);

      std::string variant = entry ? entry->variant_of(flow.request.headers) : std::string();
      auto role = Store::Role::alone;
      if (waiting == Waiting::allowed && !directives.has("no-cache") && look < kLooks)
        role = store_->join(
            {key, variant}, entry.get(), &flow.passage(), [&] { return wake(flow, key, waker); },
            now());
      if (role == Store::Role::changed) continue;
      if (role == Store::Role::waits) return Step::wait;
      auto errand = std::make_shared<Errand>();
      errand->store = store_;
      errand->key = std::move(key);
      errand->variant = std::move(variant);
      errand->leads = role == Store::Role::leads;
      errand->known = entry != nullptr;
      errand->fields = flow.request.headers;
      if (matches) errand->entry = std::move(entry);
      if (freshness == Freshness::stale) validate(flow, *errand);
      flow.note() = std::move(errand);
      return Step::next;
    }
  }

  static Step serve(Flow& flow, std::shared_ptr<const Entry> entry) {
    copy_to(*entry, flow.response);
    flow.note() = std::const_pointer_cast<Entry>(entry);  // the fields are views into it
    return Step::done;
  }

  static Step refuse(Flow& flow) {
    constexpr unsigned kGatewayTimeout = 504;
    flow.response.status = kGatewayTimeout;
    flow.response.headers.clear();
    flow.response.body.clear();
    return Step::done;
  }

  // Asks only for what is newer than the entry; conditions of the client's own stay.
  static void validate(Flow& flow, Errand& errand) {
    http::Fields& fields = flow.request.headers;
    const auto send = [&](std::string_view name, std::string_view value) {
      if (value.empty()) return false;
      const std::string_view own = value_of(fields, name);
      if (own.empty()) pipeline::set_field(fields, flow.request.arena, name, value);
      return own.empty() || own == value;
    };
    const bool tag = send("If-None-Match", errand.entry->etag);
    const bool date = send("If-Modified-Since", errand.entry->last_modified);
    // A tag decides, whatever the date says (RFC 9110 13.1.3).
    errand.validates = tag || (date && value_of(fields, "If-None-Match").empty());
  }

  // Called by whoever lands, on his worker; the flow is looked for on its own.
  Wake wake(Flow& flow, const std::string& key, const Waker* reused) const {
    const Waker waker = reused ? *reused : flow.suspend();
    const Services* services = &flow.services();
    return [this, waker, key, services](Landing landing) {
      services->post([this, waker, key, landing] {
        Flow* waiting = waker.flow();
        if (!waiting) return;  // the filter may be gone, too
        const bool again = landing == Landing::cancelled;
        const Step step = decide(*waiting, key, again ? Waiting::allowed : Waiting::no, &waker);
        if (step != Step::wait) waker.resume(step);
      });
    };
  }

  bool reads_body(unsigned status) const {
    constexpr std::array<unsigned, 7> kRead{200, 201, 301, 302, 303, 307, 308};
    return reads_every_body_ || std::ranges::find(kRead, status) != kRead.end();
  }

  // Whether a request that asks for nothing special gets it from memory: else each of those who
  // wait would call only now, one after another.
  static bool serves_others(const Entry& entry) {
    return entry.any_request && judge(entry.lifetime, Directives(""), now()) == Freshness::fresh;
  }

  Landing keep(Flow& flow, Errand& errand) const {
    constexpr unsigned kOk = 200;
    constexpr unsigned kNotModified = 304;
    constexpr unsigned kServerError = 500;
    pipeline::Response& response = flow.response;
    const Directives directives = asked(errand.fields);
    std::shared_ptr<const Entry> answer;
    if (errand.entry && response.status == kNotModified) {
      const std::string_view tag = value_of(response.headers, "ETag");
      if (!errand.validates && (tag.empty() || tag != errand.entry->etag)) return Landing::unshared;
      answer = refreshed(*errand.entry, errand.fields, response.headers);
      replace(response, errand, answer);
    } else if (errand.entry && response.status >= kServerError &&
               covers_error(errand.entry->lifetime, directives, now())) {
      replace(response, errand, errand.entry);
      return Landing::failed;
    } else if (response.status == kNotModified) {
      return Landing::unshared;
    }
    if (response.cut) {
      if (errand.known) store_->erase(errand.key);
      return Landing::unshared;
    }
    const Directives control(response.headers.value(http::FieldId::cache_control));
    if (!storable(errand.fields, directives, response.status, control)) {
      store_->erase(errand.key);
      return Landing::unshared;
    }
    if (!reads_body(response.status)) {
      if (errand.known && response.status != kOk) store_->erase(errand.key);
      return response.status >= kServerError ? Landing::failed : Landing::unshared;
    }
    if (!answer) answer = make_entry(errand.fields, response);
    const bool kept = store_->put(errand.key, answer);
    return kept && serves_others(*answer) ? Landing::stored : Landing::unshared;
  }

  // The answer gives way to a stored one, which the note keeps in place.
  static void replace(pipeline::Response& response, Errand& errand,
                      std::shared_ptr<const Entry> entry) {
    errand.entry = std::move(entry);
    copy_to(*errand.entry, response);
  }

  const std::shared_ptr<Store> store_;
  const std::string scope_;
  const bool reads_every_body_;
  const std::optional<Resize> resize_;
};

std::shared_ptr<Store> store_of(const Options& options, const pipeline::Site& site) {
  constexpr Bounds kCommon{100'000, std::uint64_t{256} << 20U};
  constexpr std::size_t kShards = 16;
  if (options.bounds.items == 0) return site.state<Store>("qos/http-cache", kCommon, kShards);
  if (!options.shared)
    return site.state<Store>(std::string(site.id) + "#qos/http-cache " + std::string(site.text),
                             options.bounds, std::size_t{1});
  return site.state<Store>("qos/http-cache shared", options.bounds, std::size_t{1});
}

}  // namespace

Result<std::shared_ptr<const pipeline::Filter>> make_http_cache(const pipeline::Site& site) {
  const auto options = parse_options(site.text);
  if (!options) return std::unexpected(options.error());
  const config::v1::Backend& backend = *site.backend;
  std::string scope;
  add_part(scope, options->shared ? std::string_view() : site.id);
  add_part(scope, backend.host_set());
  const bool reads_every_body = backend.encoding() == config::v1::ENCODING_NO_OP ||
                                backend.extra_config().contains("backend/http");
  // Of several shared ones with limits the first declared counts, in each configuration anew.
  std::optional<CacheFilter::Resize> resize;
  if (options->shared && options->bounds.items != 0)
    resize = {options->bounds, site.states->configuration()};
  return std::make_shared<CacheFilter>(store_of(*options, site), std::move(scope), reads_every_body,
                                       resize);
}

}  // namespace ropewalk::http_cache
