#include "dataplane/filters/validation/json_schema.h"

#include "common/json/value.h"
#include "config/extra/json_schema.h"

#include <utility>

namespace ropewalk::filters {
namespace {

using pipeline::Flow;
using pipeline::Step;

// What is nested deeper is not looked at: it would not be validated either.
constexpr std::size_t kDeepestBody = 1000;

Step refuse(Flow& flow, std::string message) {
  flow.error = {Kind::bad_request, Origin::client, Retry::no, std::move(message), 400, {}};
  return Step::fail;
}

class JsonSchemaFilter final : public pipeline::Filter {
 public:
  explicit JsonSchemaFilter(std::shared_ptr<const json_schema::Validator> validator)
      : validator_(std::move(validator)) {}

  Step on_request(Flow& flow) const override {
    if (flow.request.body.empty()) return refuse(flow, "could not validate an empty body");
    const auto body = json::parse(flow.request.body, kDeepestBody);
    if (!body) return refuse(flow, body.error().message);
    if (auto valid = validator_->validate(*body); !valid)
      return refuse(flow, std::move(valid.error().message));
    return Step::next;
  }

  bool needs_request_body() const override { return true; }

 private:
  std::shared_ptr<const json_schema::Validator> validator_;
};

}  // namespace

Result<std::shared_ptr<const pipeline::Filter>> make_json_schema(const pipeline::Site& site) {
  auto validator = config::parse_json_schema(site.text);
  if (!validator) return std::unexpected(validator.error());
  return std::make_shared<const JsonSchemaFilter>(std::move(*validator));
}

}  // namespace ropewalk::filters
