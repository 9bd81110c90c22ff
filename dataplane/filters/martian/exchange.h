// A call and its answer as modifiers see them: Go's request with its URL, and the response.
// One call, one worker.
#pragma once

#include "common/error.h"
#include "dataplane/pipeline/message.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ropewalk::martian {

struct Url {
  std::string scheme;
  std::string host;   // with port
  std::string path;   // decoded
  std::string sent;   // the same as the request has it, "" after a change
  std::string query;  // as sent

  std::string text() const;
};

class Exchange {
 public:
  // `host`: the URL of the backend's host, "http://host:port".
  Exchange(pipeline::Request& request, pipeline::Response& response, std::string_view host);

  pipeline::Request& request;
  pipeline::Response& response;
  Url url;
  bool skips_call = false;  // nobody is called, the answer is made here

  // Fields by Go's rules: Host, Content-Length and Transfer-Encoding are no fields.
  void set(bool answer, std::string_view name, std::string_view value);
  void add(bool answer, std::string_view name, std::string_view value);
  void erase(bool answer, std::string_view name);
  std::string get(bool answer, std::string_view name) const;
  std::vector<std::string_view> all(bool answer, std::string_view name) const;

  // What modifiers made of the URL goes into the request. Errors (protocol): a field name that HTTP
  // does not have.
  Result<void> commit();

 private:
  http::Fields& fields(bool answer) { return answer ? response.headers : request.headers; }
  const http::Fields& fields(bool answer) const {
    return answer ? response.headers : request.headers;
  }
  pipeline::Arena& arena(bool answer) { return answer ? response.arena : request.arena; }

  bool writable(bool answer, std::string_view name);

  Url before_;
  std::string bad_name_;  // of a request's field
  bool has_bad_name_ = false;
};

}  // namespace ropewalk::martian
