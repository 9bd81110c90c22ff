// What the API server sends: lists, watch events, Status objects. Pure; any thread; never throws.
#pragma once

#include "common/error.h"
#include "controller/objects/parse.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::controller::kube {

// An answer that is not a success, from a status line with its body or from an ERROR event.
struct ApiStatus {
  int code = 0;
  std::string reason;   // "Expired", "Forbidden", ...
  std::string message;  // one line
  std::optional<std::chrono::seconds> retry_after;
};

struct ListPage {
  std::vector<Object> items;
  std::vector<std::string> unreadable;  // one line per item that is not what its kind says
  std::string resource_version;
  std::string continue_token;  // "" on the last page
};

struct WatchEvent {
  enum class Type : std::uint8_t { upsert, remove, bookmark, error };
  Type type = Type::bookmark;
  std::optional<Object> object;  // of upsert and remove; absent if it is unreadable
  std::string unreadable;        // why, one line
  std::string resource_version;
  bool initial_events_end = false;
  ApiStatus status;  // of error
};

Result<ListPage> parse_list(ObjectKind kind, std::string_view body);
Result<WatchEvent> parse_watch_event(ObjectKind kind, std::string_view line);
// `retry_after` is the header's value, "" without one; details.retryAfterSeconds counts too.
ApiStatus parse_status(int code, std::string_view body, std::string_view retry_after);

}  // namespace ropewalk::controller::kube
