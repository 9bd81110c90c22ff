#include "dataplane/filters/cors/cors.h"

#include "common/json/value.h"
#include "common/strings.h"
#include "dataplane/filters/cors/allowed_names.h"
#include "dataplane/pipeline/block.h"
#include "dataplane/pipeline/gate.h"

#include <algorithm>
#include <optional>

namespace ropewalk::filters {
namespace {

using pipeline::flag_of;
using pipeline::number_of;
using pipeline::Passage;
using pipeline::put_field;
using pipeline::Step;
using pipeline::texts_of;

constexpr std::string_view kRequestMethod = "Access-Control-Request-Method";
constexpr std::string_view kRequestHeaders = "Access-Control-Request-Headers";
constexpr std::string_view kPrivateNetwork = "Access-Control-Request-Private-Network";
constexpr unsigned kNoContent = 204;

// Origins, compared without case; one * in an origin stands for any text.
class Origins {
 public:
  explicit Origins(const std::vector<std::string>& list) {
    all_ = list.empty();
    for (const std::string& entry : list) {
      const std::string origin = to_lower(entry);
      if (origin == "*") all_ = true;
      if (const auto star = origin.find('*'); star != std::string::npos)
        patterns_.emplace_back(origin.substr(0, star), origin.substr(star + 1));
      else
        exact_.push_back(origin);
    }
  }

  bool all() const { return all_; }
  bool allow(std::string_view origin) const {
    if (all_) return true;
    const std::string lowered = to_lower(origin);
    if (std::ranges::find(exact_, lowered) != exact_.end()) return true;
    return std::ranges::any_of(patterns_, [&](const auto& pattern) {
      const auto& [head, tail] = pattern;
      return lowered.size() >= head.size() + tail.size() && lowered.starts_with(head) &&
             lowered.ends_with(tail);
    });
  }

 private:
  bool all_ = false;
  std::vector<std::string> exact_;
  std::vector<std::pair<std::string, std::string>> patterns_;
};

std::vector<std::string_view> values(const http::Fields& fields, std::string_view name) {
  std::vector<std::string_view> out;
  for (const http::Field& field : fields)
    if (field.id == http::FieldId::other && iequals(field.name, name)) out.push_back(field.value);
  return out;
}

class Cors final : public pipeline::Gate {
 public:
  explicit Cors(const json::Value& block)
      : origins_(texts_of(block, "allow_origins")),
        methods_(texts_of(block, "allow_methods")),
        credentials_(flag_of(block, "allow_credentials")),
        private_network_(flag_of(block, "allow_private_network")),
        passthrough_(flag_of(block, "options_passthrough")) {
    if (methods_.empty()) methods_ = {"GET", "POST", "HEAD"};
    const auto headers = texts_of(block, "allow_headers");
    if (!headers.empty() && std::ranges::find(headers, "*") == headers.end())
      headers_.emplace(headers);
    for (const std::string& name : texts_of(block, "expose_headers"))
      expose_ += (expose_.empty() ? "" : ", ") + pipeline::canonical(name);
    if (const auto age = number_of(block, "max_age"); age != 0)
      max_age_ = std::to_string(std::max<std::int64_t>(0, age));
    if (const auto status = number_of(block, "options_success_status"); status > 0)
      success_ = static_cast<unsigned>(status);
    vary_ = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";
    if (private_network_) vary_ += ", Access-Control-Request-Private-Network";
  }

  bool covers_everything() const override { return true; }

  Step run(Passage& passage) const override {
    const http::Fields& fields = passage.head->fields;
    const bool options = passage.head->method_id == http::Method::options;
    const auto methods = options ? values(fields, kRequestMethod) : std::vector<std::string_view>();
    const auto origin = values(fields, "Origin");
    if (methods.empty() || methods.front().empty()) {
      put_field(passage.answer_fields, "Vary", "Origin");
      answer_actual(passage, origin);
      return Step::next;
    }
    put_field(passage.answer_fields, "Vary", vary_);
    answer_preflight(passage, origin, methods);
    if (passthrough_) return Step::next;
    passage.answer(success_, "", "");
    return Step::done;
  }

 private:
  bool allows_method(std::string_view method) const {
    return method == "OPTIONS" || std::ranges::find(methods_, method) != methods_.end();
  }

  bool allows_origin(const std::vector<std::string_view>& origin) const {
    return !origin.empty() && !origin.front().empty() && origins_.allow(origin.front());
  }

  void put_origin(std::string& out, const std::vector<std::string_view>& origin) const {
    if (origins_.all()) return put_field(out, "Access-Control-Allow-Origin", "*");
    for (const std::string_view value : origin)
      put_field(out, "Access-Control-Allow-Origin", value);
  }

  void answer_actual(Passage& passage, const std::vector<std::string_view>& origin) const {
    if (!allows_origin(origin) || !allows_method(passage.head->method)) return;
    std::string& out = passage.answer_fields;
    put_origin(out, origin);
    if (!expose_.empty()) put_field(out, "Access-Control-Expose-Headers", expose_);
    if (credentials_) put_field(out, "Access-Control-Allow-Credentials", "true");
  }

  void answer_preflight(Passage& passage, const std::vector<std::string_view>& origin,
                        const std::vector<std::string_view>& methods) const {
    if (!allows_origin(origin) || !allows_method(methods.front())) return;
    const auto headers = values(passage.head->fields, kRequestHeaders);
    if (headers_ && !headers_->accepts(headers)) return;
    std::string& out = passage.answer_fields;
    put_origin(out, origin);
    for (const std::string_view method : methods)
      put_field(out, "Access-Control-Allow-Methods", method);
    if (!headers.empty() && !headers.front().empty())
      for (const std::string_view names : headers)
        put_field(out, "Access-Control-Allow-Headers", names);
    if (credentials_) put_field(out, "Access-Control-Allow-Credentials", "true");
    if (private_network_) {
      const auto wanted = values(passage.head->fields, kPrivateNetwork);
      if (!wanted.empty() && wanted.front() == "true")
        put_field(out, "Access-Control-Allow-Private-Network", "true");
    }
    if (!max_age_.empty()) put_field(out, "Access-Control-Max-Age", max_age_);
  }

  Origins origins_;
  std::vector<std::string> methods_;
  std::optional<AllowedNames> headers_;  // none: every name
  std::string expose_;
  std::string max_age_;
  std::string vary_;
  bool credentials_;
  bool private_network_;
  bool passthrough_;
  unsigned success_ = kNoContent;
};

}  // namespace

Result<std::shared_ptr<const pipeline::Gate>> make_cors(const pipeline::Site& site) {
  const auto block = json::parse(site.text);
  if (!block) return std::unexpected(block.error());
  return std::make_shared<const Cors>(*block);
}

}  // namespace ropewalk::filters
