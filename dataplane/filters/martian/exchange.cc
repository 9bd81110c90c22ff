#include "dataplane/filters/martian/exchange.h"

#include "common/strings.h"
#include "dataplane/filters/martian/query.h"
#include "dataplane/http/chars.h"
#include "dataplane/http/target.h"

#include <algorithm>

namespace ropewalk::martian {
namespace {

bool framing(std::string_view name) {
  return iequals(name, "Content-Length") || iequals(name, "Transfer-Encoding");
}

}  // namespace

std::string Url::text() const {
  std::string out = scheme + "://" + host + (sent.empty() ? http::escape_path(path) : sent);
  if (!query.empty()) out += "?" + query;
  return out;
}

Exchange::Exchange(pipeline::Request& of, pipeline::Response& answer, std::string_view host)
    : request(of), response(answer) {
  const std::string_view base = of.destination.empty() ? host : of.destination;
  const std::size_t scheme = std::min(base.find("://"), base.size());
  url.scheme = base.substr(0, scheme);
  url.host = base.substr(std::min(scheme + 3, base.size()));
  const std::size_t mark = std::min(of.path.find('?'), of.path.size());
  url.sent = of.path.substr(0, mark);
  url.path = http::decode_path(url.sent).value_or(url.sent);
  if (mark < of.path.size()) url.query = of.path.substr(mark + 1);
  const std::string more = encode_query(of.query);
  if (!more.empty() && !url.query.empty()) url.query += '&';
  url.query += more;
  before_ = url;
}

// Go refuses the call for such a name, and leaves it out of an answer.
bool Exchange::writable(bool answer, std::string_view name) {
  if (framing(name) || (answer && iequals(name, "Host"))) return false;
  if (http::is_token(name)) return true;
  if (!answer) {
    bad_name_ = name;
    has_bad_name_ = true;
  }
  return false;
}

Result<void> Exchange::commit() {
  if (has_bad_name_ && !skips_call)
    return fail(Kind::protocol, "invalid header field name \"" + bad_name_ + "\"");
  if (url.path != before_.path) url.sent.clear();
  if (url.path != before_.path || url.query != before_.query) {
    std::string path = url.sent.empty() ? http::escape_path(url.path) : url.sent;
    if (!path.starts_with('/')) path.insert(0, "/");
    if (!url.query.empty()) path += "?" + url.query;
    request.set_path(std::move(path));
    request.query.clear();
  }
  if (url.scheme != before_.scheme || url.host != before_.host) {
    // The connection goes elsewhere, the Host field stays.
    if (!request.headers.find(http::FieldId::host) && !before_.host.empty())
      pipeline::set_field(request.headers, request.arena, "Host", before_.host);
    request.destination = request.arena.keep(url.scheme + "://" + url.host);
  }
  before_ = url;
  return {};
}

void Exchange::set(bool answer, std::string_view name, std::string_view value) {
  if (!writable(answer, name)) return;
  const std::string canonical = pipeline::canonical(name);
  pipeline::set_field(fields(answer), arena(answer), canonical, value);
}

void Exchange::add(bool answer, std::string_view name, std::string_view value) {
  if (!writable(answer, name)) return;
  pipeline::add_field(fields(answer), arena(answer), pipeline::canonical(name), value);
}

void Exchange::erase(bool answer, std::string_view name) {
  if (!framing(name)) pipeline::erase_field(fields(answer), name);
}

std::string Exchange::get(bool answer, std::string_view name) const {
  if (iequals(name, "Content-Length"))
    return std::to_string(answer ? response.body.size() : request.body.size());
  if (!answer && iequals(name, "Host")) {
    const http::Field* own = request.headers.find(http::FieldId::host);
    return own ? std::string(own->value) : before_.host;
  }
  const http::Field* field = pipeline::find_field(fields(answer), name);
  return field ? std::string(field->value) : std::string();
}

std::vector<std::string_view> Exchange::all(bool answer, std::string_view name) const {
  if (!answer && iequals(name, "Host") && !request.headers.find(http::FieldId::host))
    return {before_.host};
  std::vector<std::string_view> out;
  for (const http::Field& field : fields(answer))
    if (iequals(field.name, name)) out.push_back(field.value);
  return out;
}

}  // namespace ropewalk::martian
