// HTTP/1.1 messages as views into the connection's buffer. Pure data.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace ropewalk::http {

// Fields that the gateway itself looks at; found once while parsing, compared as an integer
// afterwards.
enum class FieldId : std::uint8_t {
  other,
  accept,
  accept_encoding,
  authorization,
  cache_control,
  connection,
  content_encoding,
  content_length,
  content_type,
  cookie,
  date,
  expect,
  host,
  keep_alive,
  location,
  proxy_authenticate,
  proxy_authorization,
  proxy_connection,
  server,
  te,
  trailer,
  transfer_encoding,
  upgrade,
  user_agent,
  via,
  x_forwarded_for,
  x_forwarded_host,
  x_forwarded_proto,
  x_real_ip,
  x_request_id,
};
FieldId field_id(std::string_view name);  // case-insensitive

struct Field {
  std::string_view name;   // as received
  std::string_view value;  // without surrounding blanks
  FieldId id = FieldId::other;
};

class Fields {
 public:
  void clear() { fields_.clear(); }
  void add(std::string_view name, std::string_view value, FieldId id) {
    fields_.push_back({name, value, id});
  }
  const Field* find(FieldId id) const {
    for (const Field& field : fields_)
      if (field.id == id) return &field;
    return nullptr;
  }
  std::string_view value(FieldId id) const {
    const Field* field = find(id);
    return field ? field->value : std::string_view{};
  }
  // Removes every field of that id, keeping the order of the others.
  void erase(FieldId id) {
    std::erase_if(fields_, [id](const Field& field) { return field.id == id; });
  }
  template <class Condition>
  void erase_if(Condition condition) {
    std::erase_if(fields_, condition);
  }
  // Gives the first field of that id another value; nothing happens without one.
  void replace(FieldId id, std::string_view value) {
    for (Field& field : fields_)
      if (field.id == id) {
        field.value = value;
        return;
      }
  }
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  std::size_t size() const { return fields_.size(); }

 private:
  std::vector<Field> fields_;  // keeps its capacity over requests
};

enum class Method : std::uint8_t {
  get,
  head,
  post,
  put,
  patch,
  delete_,
  options,
  connect,
  trace,
  other
};
Method method_id(std::string_view name);  // case-sensitive, RFC 9110 9.1

enum class BodyKind : std::uint8_t { none, length, chunked, until_close };

struct RequestHead {
  std::string_view method;
  Method method_id = Method::other;
  std::string_view target;  // origin-form; an absolute-form target is reduced to it, "*" stays
  std::string_view path;    // target up to '?'
  std::string_view query;   // after '?', "" without
  std::string_view host;    // Host or the authority of an absolute-form target, with port
  unsigned version = 11;    // 10 or 11
  Fields fields;
  BodyKind body = BodyKind::none;
  std::uint64_t content_length = 0;
  bool keep_alive = true;
  bool expect_continue = false;
};

struct ResponseHead {
  unsigned status = 0;
  std::string_view reason;
  unsigned version = 11;
  Fields fields;
  BodyKind body = BodyKind::none;
  std::uint64_t content_length = 0;
  bool keep_alive = true;
};

// True for fields that belong to one connection: RFC 9110 7.6.1 (Connection, Keep-Alive,
// Proxy-Connection, TE, Trailer, Transfer-Encoding, Upgrade, Proxy-Authenticate,
// Proxy-Authorization is end-to-end here) and those named in `connection`.
bool hop_by_hop(const Field& field, std::string_view connection);
// The same with every Connection field of the message that `field` belongs to.
bool hop_by_hop(const Field& field, const Fields& fields);
// Removes the fields that Connection names, and Connection where it names any: what is added later
// under such a name is not the sender's.
void drop_connection_options(Fields& fields);

}  // namespace ropewalk::http
