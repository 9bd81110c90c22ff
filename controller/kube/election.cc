#include "controller/kube/election.h"

#include <nlohmann/json.hpp>

#include <utility>

namespace ropewalk::controller::kube {
namespace {

using nlohmann::json;

constexpr Milliseconds kRetry{2'000};
constexpr double kJitter = 0.2;
constexpr std::chrono::seconds kRenewDeadline{10};
constexpr int kDuration = 15;

std::string text(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

int number(const json& object, const char* name, int otherwise) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number_integer() ? found->get<int>() : otherwise;
}

}  // namespace

Result<LeaseRecord> parse_lease(std::string_view body) {
  const json value = json::parse(body, nullptr, false);
  if (!value.is_object() || !value.contains("metadata") || !value["metadata"].is_object()) {
    return fail(Kind::protocol, "the API server sent no Lease", Origin::control);
  }
  const json spec =
      value.contains("spec") && value["spec"].is_object() ? value["spec"] : json::object();
  LeaseRecord out;
  out.holder = text(spec, "holderIdentity");
  out.duration_seconds = number(spec, "leaseDurationSeconds", kDuration);
  out.transitions = number(spec, "leaseTransitions", 0);
  out.acquire_time = text(spec, "acquireTime");
  out.renew_time = text(spec, "renewTime");
  out.resource_version = text(value["metadata"], "resourceVersion");
  return out;
}

std::string lease_body(const LeaseRecord& record, const std::string& namespace_,
                       const std::string& name, WallTime now) {
  json meta = {{"name", name}, {"namespace", namespace_}};
  if (!record.resource_version.empty()) meta["resourceVersion"] = record.resource_version;
  const std::string time = to_rfc3339_micro(now);
  return json({{"apiVersion", "coordination.k8s.io/v1"},
               {"kind", "Lease"},
               {"metadata", std::move(meta)},
               {"spec",
                {{"holderIdentity", record.holder},
                 {"leaseDurationSeconds", record.duration_seconds},
                 {"leaseTransitions", record.transitions},
                 {"acquireTime", record.acquire_time.empty() ? time : record.acquire_time},
                 {"renewTime", time}}}})
      .dump(-1, ' ', false, json::error_handler_t::replace);
}

Election::Election(std::string identity, Random random)
    : identity_(std::move(identity)), random_(std::move(random)) {}

Election::Action Election::next(Time now) {
  if (std::exchange(wait_, false)) {
    const double factor = 1.0 + kJitter * random_();
    return Wait{
        Milliseconds(static_cast<Milliseconds::rep>(static_cast<double>(kRetry.count()) * factor))};
  }
  if (!std::exchange(know_, false)) return Read{};
  LeaseRecord mine{.holder = identity_, .duration_seconds = kDuration};
  if (absent_) return Write{mine};
  mine.resource_version = seen_->resource_version;
  mine.transitions = seen_->transitions;
  if (seen_->holder == identity_) {
    mine.acquire_time = seen_->acquire_time;
    return Write{mine};
  }
  if (!another_leads(now)) {
    ++mine.transitions;
    return Write{mine};
  }
  wait_ = true;
  return next(now);
}

bool Election::another_leads(Time now) const {
  return seen_ && !seen_->holder.empty() && seen_->holder != identity_ &&
         now - changed_ < std::chrono::seconds(seen_->duration_seconds);
}

void Election::on_read(const std::optional<LeaseRecord>& record, Time now) {
  know_ = true;
  absent_ = !record;
  if (!record) {
    seen_.reset();
    return;
  }
  if (!seen_ || seen_->resource_version != record->resource_version) changed_ = now;
  seen_ = record;
  // Someone else took it: whatever we renewed is void.
  if (seen_->holder != identity_) renewed_.reset();
}

void Election::on_written(const LeaseRecord& record, Time sent) {
  seen_ = record;
  changed_ = sent;
  renewed_ = sent;
  absent_ = false;
  know_ = true;
  wait_ = true;
}

void Election::on_failure() {
  know_ = false;
  wait_ = true;
}

std::optional<Time> Election::leads_until() const {
  if (!renewed_) return {};
  return *renewed_ + kRenewDeadline;
}

std::optional<LeaseRecord> Election::release(Time now) const {
  if (!leading(now) || !seen_) return {};
  LeaseRecord out = *seen_;
  out.holder.clear();
  out.duration_seconds = 1;
  return out;
}

}  // namespace ropewalk::controller::kube
