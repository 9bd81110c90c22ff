// *.Filter and *.RegexFilter: a modifier for what matches, another for what does not.
#include "dataplane/filters/martian/modifier.h"
#include "dataplane/filters/martian/query.h"

#include "common/strings.h"

#include <re2/re2.h>

#include <algorithm>

namespace ropewalk::martian {
namespace {

// Of headers and cookies the message itself is looked at, of URLs the request's in both directions.
class Condition {
 public:
  virtual ~Condition() = default;
  virtual bool matches(const Exchange& exchange, bool answer) const = 0;
};

class Filter final : public Modifier {
 public:
  Filter(std::unique_ptr<const Condition> condition, Scoped yes, Scoped no)
      : condition_(std::move(condition)), yes_(std::move(yes)), no_(std::move(no)) {}
  Result<void> request(Exchange& exchange) const override {
    return (condition_->matches(exchange, false) ? yes_ : no_).request(exchange);
  }
  Result<void> response(Exchange& exchange) const override {
    return (condition_->matches(exchange, true) ? yes_ : no_).response(exchange);
  }
  bool replaces_answer_body() const override {
    return (yes_.modifier && yes_.on_response && yes_.modifier->replaces_answer_body()) ||
           (no_.modifier && no_.on_response && no_.modifier->replaces_answer_body());
  }
  bool replaces_request_body() const override {
    return (yes_.modifier && yes_.on_request && yes_.modifier->replaces_request_body()) ||
           (no_.modifier && no_.on_request && no_.modifier->replaces_request_body());
  }

 private:
  std::unique_ptr<const Condition> condition_;
  Scoped yes_;
  Scoped no_;
};

class HeaderCondition final : public Condition {
 public:
  explicit HeaderCondition(const json::Value& fields)
      : name_(text_of(fields, "name")), value_(text_of(fields, "value")) {}
  bool matches(const Exchange& exchange, bool answer) const override {
    const auto values = exchange.all(answer, name_);
    return std::ranges::find(values, value_) != values.end();
  }

 private:
  std::string name_;
  std::string value_;
};

// The request's field in both directions.
class HeaderRegexCondition final : public Condition {
 public:
  HeaderRegexCondition(const json::Value& fields, const RE2::Options& options)
      : name_(text_of(fields, "header")), regex_(text_of(fields, "regex"), options) {}
  bool matches(const Exchange& exchange, bool) const override {
    const std::string value = exchange.get(false, name_);
    return !value.empty() && RE2::PartialMatch(value, regex_);
  }

 private:
  std::string name_;
  RE2 regex_;
};

class CookieCondition final : public Condition {
 public:
  explicit CookieCondition(const json::Value& fields)
      : name_(text_of(fields, "name")), value_(text_of(fields, "value")) {}
  bool matches(const Exchange& exchange, bool answer) const override {
    for (const std::string_view field : exchange.all(answer, answer ? "Set-Cookie" : "Cookie"))
      for (const std::string_view piece : split(field, ';')) {
        if (one(trim(piece))) return true;
        if (answer) break;  // attributes follow
      }
    return false;
  }

 private:
  bool one(std::string_view pair) const {
    const std::size_t equals = pair.find('=');
    if (trim(pair.substr(0, equals)) != name_) return false;
    std::string_view value =
        equals == pair.npos ? std::string_view() : trim(pair.substr(equals + 1));
    if (value.size() > 1 && value.starts_with('"') && value.ends_with('"'))
      value = value.substr(1, value.size() - 2);
    return value_.empty() || value == value_;
  }
  std::string name_;
  std::string value_;
};

class QueryCondition final : public Condition {
 public:
  explicit QueryCondition(const json::Value& fields)
      : name_(text_of(fields, "name")), value_(text_of(fields, "value")) {}
  bool matches(const Exchange& exchange, bool) const override {
    return std::ranges::any_of(parse_query(exchange.url.query), [&](const auto& parameter) {
      return parameter.first == name_ && (value_.empty() || parameter.second == value_);
    });
  }

 private:
  std::string name_;
  std::string value_;
};

// "*" at the beginning of a label of the pattern stands for any beginning of that label.
bool host_matches(std::string_view host, std::string_view pattern) {
  if (host == pattern) return true;
  if (pattern.find('*') == pattern.npos) return false;
  const auto labels = split(host, '.');
  const auto wanted = split(pattern, '.');
  if (labels.size() != wanted.size()) return false;
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (wanted[i] != labels[i] &&
        !(wanted[i].starts_with('*') && labels[i].ends_with(wanted[i].substr(1))))
      return false;
  return true;
}

class UrlCondition final : public Condition {
 public:
  explicit UrlCondition(const json::Value& fields)
      : scheme_(text_of(fields, "scheme")),
        host_(text_of(fields, "host")),
        path_(text_of(fields, "path")),
        query_(text_of(fields, "query")) {}
  bool matches(const Exchange& exchange, bool) const override {
    const Url& url = exchange.url;
    return (scheme_.empty() || scheme_ == url.scheme) &&
           (host_.empty() || host_matches(url.host, host_)) &&
           (path_.empty() || path_ == url.path) && (query_.empty() || query_ == url.query);
  }

 private:
  std::string scheme_;
  std::string host_;
  std::string path_;
  std::string query_;
};

class UrlRegexCondition final : public Condition {
 public:
  UrlRegexCondition(const json::Value& fields, const RE2::Options& options)
      : regex_(text_of(fields, "regex"), options) {}
  bool matches(const Exchange& exchange, bool) const override {
    return RE2::PartialMatch(exchange.url.text(), regex_);
  }

 private:
  RE2 regex_;
};

class PortCondition final : public Condition {
 public:
  explicit PortCondition(const json::Value& fields) : port_(integer_of(fields, "port")) {}
  bool matches(const Exchange& exchange, bool) const override {
    const auto given = port_of(exchange.url.host);
    return port_ == (given ? *given : exchange.url.scheme == "https" ? 443 : 80);
  }

 private:
  std::int64_t port_;
};

}  // namespace

Result<ModifierPtr> build_filter(const std::string& name, const json::Value& fields) {
  RE2::Options options;
  options.set_log_errors(false);
  std::unique_ptr<const Condition> condition;
  if (name == "header.Filter") condition = std::make_unique<HeaderCondition>(fields);
  if (name == "header.RegexFilter")
    condition = std::make_unique<HeaderRegexCondition>(fields, options);
  if (name == "cookie.Filter") condition = std::make_unique<CookieCondition>(fields);
  if (name == "querystring.Filter") condition = std::make_unique<QueryCondition>(fields);
  if (name == "url.Filter") condition = std::make_unique<UrlCondition>(fields);
  if (name == "url.RegexFilter") condition = std::make_unique<UrlRegexCondition>(fields, options);
  if (name == "port.Filter") condition = std::make_unique<PortCondition>(fields);
  if (!condition) return nullptr;
  Scoped yes;
  Scoped no;
  for (const char* key : {"modifier", "else"}) {
    const json::Value* node = fields.find(key);
    if (!node) continue;
    auto built = build(*node);
    if (!built) return std::unexpected(built.error());
    (std::string_view(key) == "else" ? no : yes) = std::move(*built);
  }
  return std::make_unique<Filter>(std::move(condition), std::move(yes), std::move(no));
}

}  // namespace ropewalk::martian
