// Keeps one kind of object (of all namespaces, one namespace or one name) in step with the API
// server: list and watch as a state machine without I/O. The driver asks next() what to do, does
// it, and reports the outcome by exactly one of the on_ functions (a watch: on_watch_open, then
// on_event for each event, then one of the endings). One thread.
//
// Rules (Kubernetes API concepts, efficient detection of changes):
// - WatchList first: one stream that begins with all objects; a server that refuses it is asked for
//   list pages from then on.
// - A watch continues from the last version seen, bookmarks included.
// - 410 comes as an ERROR event inside a 200, or as the HTTP status of a list: begin anew.
// - 401 and 403 may pass: the token is read again, the answer is never final.
#pragma once

#include "controller/kube/backoff.h"
#include "controller/kube/wire.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace ropewalk::controller::kube {

struct ListAction {
  std::string resource_version;  // "0": from the server's cache; "": what is in force now
  std::string continue_token;
  int limit = 0;  // 0: everything at once
};

struct WatchAction {
  std::string resource_version;
  bool initial_events = false;  // WatchList
  std::chrono::seconds timeout{};
};

struct WaitAction {
  Milliseconds delay{};
  bool refresh_credentials = false;
};

using Action = std::variant<ListAction, WatchAction, WaitAction>;

// What an answer does to the store.
struct Effect {
  enum class Type : std::uint8_t { none, upsert, remove, replace };
  Type type = Type::none;
  std::vector<Object> objects;  // one for upsert and remove, all there are for replace
  bool close = false;           // the watch is over: close the stream, then ask next()
};

class Reflector {
 public:
  explicit Reflector(Random random);

  Action next();

  Effect on_page(ListPage page, Time now);
  void on_watch_open(Time now);
  Effect on_event(WatchEvent event, Time now);
  void on_end(Time now);                              // a clean end, or the connection broke
  void on_silence(Time now);                          // neither event nor bookmark for too long
  void on_status(const ApiStatus& status, Time now);  // instead of a page or an open watch
  void on_error(const Error& error, Time now);        // no answer at all

  // The store holds a complete view (maybe an old one).
  bool synced() const { return synced_; }
  // The last failure in one line, "" while all is well.
  const std::string& problem() const { return problem_; }
  // The last answer was 403, since when.
  std::optional<Time> forbidden_since() const { return forbidden_since_; }

 private:
  enum class Mode : std::uint8_t { watch_list, list, watch };

  void begin_anew();
  void retry(Backoff::Cause cause, bool refresh_credentials = false);
  void retry_after(std::chrono::seconds delay);
  void healthy(Time now);
  Effect error_event(const ApiStatus& status, Time now);
  void over(Time now);
  Effect replace(std::vector<Object> objects, const std::string& version);

  Random random_;
  Backoff backoff_;
  Mode mode_ = Mode::watch_list;
  bool watch_list_refused_ = false;
  bool exact_ = false;   // lists ask for what is in force now, in pages
  std::string version_;  // "" before the first view
  std::string continue_;
  std::vector<Object> collected_;        // of list pages
  std::map<ObjectKey, Object> initial_;  // of a WatchList before its bookmark
  bool in_initial_ = false;
  std::optional<WaitAction> wait_;
  Time opened_{};
  std::size_t events_ = 0;
  int stale_ = 0;  // 410 in a row without an event between
  bool synced_ = false;
  std::string problem_;
  std::optional<Time> forbidden_since_;
};

}  // namespace ropewalk::controller::kube
