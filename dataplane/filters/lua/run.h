// What one run of scripts works on: the messages, the values its handles point to, a call that it
// waits for. Scripts hold handles as light userdata; they end with the run. One worker.
#pragma once

#include "dataplane/filters/lua/data.h"
#include "dataplane/pipeline/message.h"
#include "dataplane/pipeline/services.h"

#include <cstddef>
#include <deque>
#include <optional>
#include <string>

namespace ropewalk::pipeline {
class Passage;
}

namespace ropewalk::lua {

// Each has a table of methods, a global of this name.
enum class HandleKind : std::uint8_t { nil, table, list, http, request, response, ctx };
inline constexpr const char* kHandleNames[] = {"luaNil",  "luaTable", "luaList", "http_response",
                                               "request", "response", "ctx"};
inline constexpr int kHandleKinds = 7;

struct Handle {
  HandleKind kind = HandleKind::nil;
  Map* map = nullptr;
  Slice slice;
  pipeline::FetchAnswer* answer = nullptr;
};

class Run {
 public:
  explicit Run(std::size_t most_memory) : heap(most_memory) {}

  Heap heap;
  Handle* handle(HandleKind kind) {
    heap.charge(sizeof(Handle));
    Handle& made = handles_.emplace_back();
    made.kind = kind;
    return &made;
  }
  Handle* handle(Map* map) {
    Handle* made = handle(HandleKind::table);
    made->map = map;
    return made;
  }
  Handle* handle(Slice slice) {
    Handle* made = handle(HandleKind::list);
    made->slice = slice;
    return made;
  }
  Handle* handle(pipeline::FetchAnswer answer) {
    heap.charge(answer.body.size());
    Handle* made = handle(HandleKind::http);
    made->answer = &answers_.emplace_back(std::move(answer));
    return made;
  }

  // --- proxy and backend level
  pipeline::Request* request = nullptr;
  bool backend = false;   // the level: URLs of calls exist at the backend's only
  std::string_view host;  // "http://host:port" that a call goes to when nobody says otherwise
  // What a script wrote where it has no effect but on what it reads later.
  std::string url;
  bool url_set = false;
  std::string path;
  bool path_set = false;
  std::vector<std::pair<std::string, std::string>> query;
  bool query_set = false;
  // While the post script runs.
  pipeline::Response* response = nullptr;
  Item data;  // opened when a script asks for it
  bool data_opened = false;
  bool not_finite = false;                 // a number that JSON cannot write was stored
  http::Fields* answer_headers = nullptr;  // what a script sees and sets; not always the backend's
  unsigned answer_status = 0;

  // --- service and endpoint level
  pipeline::Passage* passage = nullptr;
  std::string method;                        // as the script left it
  std::vector<std::string> parameter_names;  // as written in the endpoint's path, by position

  // The call that http_response.new asked for while the script waits.
  std::optional<pipeline::FetchRequest> fetch;

 private:
  std::deque<Handle> handles_;
  std::deque<pipeline::FetchAnswer> answers_;
};

}  // namespace ropewalk::lua
