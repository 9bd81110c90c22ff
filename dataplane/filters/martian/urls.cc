// url.Modifier, querystring.Modifier and port.Modifier.
#include "dataplane/filters/martian/modifier.h"
#include "dataplane/filters/martian/query.h"

namespace ropewalk::martian {
namespace {

class UrlModifier final : public Modifier {
 public:
  explicit UrlModifier(const json::Value& fields)
      : scheme_(text_of(fields, "scheme")),
        host_(text_of(fields, "host")),
        path_(text_of(fields, "path")),
        query_(text_of(fields, "query")) {}
  Result<void> request(Exchange& exchange) const override {
    if (!scheme_.empty()) exchange.url.scheme = scheme_;
    if (!host_.empty()) exchange.url.host = host_;
    if (!path_.empty()) {
      exchange.url.path = path_;
      exchange.url.sent.clear();
    }
    if (!query_.empty()) exchange.url.query = query_;
    return {};
  }

 private:
  std::string scheme_;
  std::string host_;
  std::string path_;
  std::string query_;
};

// Replaces or adds one parameter; the whole query is encoded anew, sorted.
class QueryModifier final : public Modifier {
 public:
  QueryModifier(std::string name, std::string value)
      : name_(std::move(name)), value_(std::move(value)) {}
  Result<void> request(Exchange& exchange) const override {
    Query query = parse_query(exchange.url.query);
    std::erase_if(query, [&](const auto& parameter) { return parameter.first == name_; });
    query.emplace_back(name_, value_);
    exchange.url.query = encode_query(std::move(query));
    return {};
  }

 private:
  std::string name_;
  std::string value_;
};

class PortModifier final : public Modifier {
 public:
  explicit PortModifier(const json::Value& fields)
      : port_(integer_of(fields, "port")), remove_(flag_of(fields, "remove")) {}
  Result<void> request(Exchange& exchange) const override {
    const std::string host = without_port(exchange.url.host);
    if (remove_)
      exchange.url.host = host;
    else
      exchange.url.host = host + ":" +
                          std::to_string(port_ != 0                       ? port_
                                         : exchange.url.scheme == "https" ? 443
                                                                          : 80);
    return {};
  }

 private:
  std::int64_t port_;
  bool remove_;
};

}  // namespace

Result<ModifierPtr> build_url(const std::string& name, const json::Value& fields) {
  if (name == "url.Modifier") return std::make_unique<UrlModifier>(fields);
  if (name == "querystring.Modifier")
    return std::make_unique<QueryModifier>(text_of(fields, "name"), text_of(fields, "value"));
  if (name == "port.Modifier") return std::make_unique<PortModifier>(fields);
  return nullptr;
}

}  // namespace ropewalk::martian
