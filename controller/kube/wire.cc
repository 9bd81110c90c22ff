#include "controller/kube/wire.h"

#include <nlohmann/json.hpp>

#include <charconv>
#include <utility>

namespace ropewalk::controller::kube {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxMessage = 500;

const json& at(const json& value, const char* name) {
  static const json nothing;
  if (!value.is_object()) return nothing;
  const auto found = value.find(name);
  return found == value.end() ? nothing : *found;
}

std::string text(const json& value, const char* name) {
  const json& found = at(value, name);
  return found.is_string() ? found.get<std::string>() : std::string();
}

std::string one_line(std::string message) {
  if (message.size() > kMaxMessage) message.resize(kMaxMessage);
  for (char& c : message) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return message;
}

ApiStatus read_status(const json& value, int otherwise) {
  ApiStatus out;
  const json& code = at(value, "code");
  out.code = code.is_number_integer() ? code.get<int>() : otherwise;
  out.reason = text(value, "reason");
  out.message = one_line(text(value, "message"));
  const json& seconds = at(at(value, "details"), "retryAfterSeconds");
  if (seconds.is_number_integer() && seconds.get<std::int64_t>() > 0) {
    out.retry_after = std::chrono::seconds(seconds.get<std::int64_t>());
  }
  return out;
}

std::string unreadable(ObjectKind kind, const json& value, const Error& error) {
  const json& meta = at(value, "metadata");
  return one_line(std::string(to_string(kind)) + " " + text(meta, "namespace") + "/" +
                  text(meta, "name") + ": " + error.message);
}

std::unexpected<Error> malformed(const char* what) {
  return fail(Kind::protocol, std::string("the API server sent ") + what, Origin::control);
}

}  // namespace

Result<ListPage> parse_list(ObjectKind kind, std::string_view body) {
  const json value = json::parse(body, nullptr, false);
  const json& items = at(value, "items");
  if (value.is_discarded() || !(items.is_array() || items.is_null())) {
    return malformed("no list of objects");
  }
  ListPage out;
  out.resource_version = text(at(value, "metadata"), "resourceVersion");
  out.continue_token = text(at(value, "metadata"), "continue");
  if (out.resource_version.empty()) return malformed("a list without resourceVersion");
  for (const json& item : items) {
    auto object = parse_object(kind, item);
    if (object) {
      out.items.push_back(std::move(*object));
    } else {
      out.unreadable.push_back(unreadable(kind, item, object.error()));
    }
  }
  return out;
}

Result<WatchEvent> parse_watch_event(ObjectKind kind, std::string_view line) {
  const json value = json::parse(line, nullptr, false);
  if (value.is_discarded()) return malformed("a watch event that is not JSON");
  const std::string type = text(value, "type");
  const json& object = at(value, "object");
  if (!object.is_object()) return malformed("a watch event without object");
  WatchEvent out;
  if (type == "ERROR") {
    out.type = WatchEvent::Type::error;
    out.status = read_status(object, 500);
    return out;
  }
  const json& meta = at(object, "metadata");
  out.resource_version = text(meta, "resourceVersion");
  if (out.resource_version.empty()) return malformed("a watch event without resourceVersion");
  if (type == "BOOKMARK") {
    out.initial_events_end = text(at(meta, "annotations"), "k8s.io/initial-events-end") == "true";
    return out;
  }
  if (type == "ADDED" || type == "MODIFIED") {
    out.type = WatchEvent::Type::upsert;
  } else if (type == "DELETED") {
    out.type = WatchEvent::Type::remove;
  } else {
    return malformed("a watch event of unknown type");
  }
  auto parsed = parse_object(kind, object);
  if (parsed) {
    out.object = std::move(*parsed);
  } else {
    out.unreadable = unreadable(kind, object, parsed.error());
  }
  return out;
}

ApiStatus parse_status(int code, std::string_view body, std::string_view retry_after) {
  const json value = json::parse(body, nullptr, false);
  ApiStatus out = read_status(value, code);
  out.code = code;
  if (out.message.empty()) out.message = "HTTP status " + std::to_string(code);
  int seconds = 0;
  const auto [end, error] =
      std::from_chars(retry_after.data(), retry_after.data() + retry_after.size(), seconds);
  if (error == std::errc() && end == retry_after.data() + retry_after.size() && seconds > 0) {
    out.retry_after = std::chrono::seconds(seconds);
  }
  return out;
}

}  // namespace ropewalk::controller::kube
