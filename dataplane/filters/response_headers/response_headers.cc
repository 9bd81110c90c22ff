#include "dataplane/filters/response_headers/response_headers.h"

#include "dataplane/filters/response_headers/field_lines.h"
#include "dataplane/pipeline/block.h"
#include "dataplane/pipeline/gate.h"
#include "dataplane/pipeline/message.h"

namespace ropewalk::filters {
namespace {

class ResponseHeaders final : public pipeline::Gate {
 public:
  explicit ResponseHeaders(FieldChanges changes) : changes_(std::move(changes)) {}

  void on_answer(pipeline::Passage&, std::string& fields) const override {
    fields = change(fields, changes_);
  }

 private:
  FieldChanges changes_;
};

std::vector<std::pair<std::string, std::vector<std::string>>> lists(const json::Value& block,
                                                                    std::string_view key) {
  std::vector<std::pair<std::string, std::vector<std::string>>> out;
  const json::Value* value = block.find(key);
  if (value && value->is_object())
    for (const auto& [name, values] : value->members())
      out.emplace_back(pipeline::canonical(name), pipeline::texts_of(values));
  return out;
}

}  // namespace

Result<std::shared_ptr<const pipeline::Gate>> make_response_headers(const pipeline::Site& site) {
  const auto block = json::parse(site.text);
  if (!block) return std::unexpected(block.error());
  FieldChanges changes;
  changes.erase = pipeline::texts_of(*block, "delete");
  for (const auto& [from, to] : pipeline::text_map_of(*block, "rename"))
    changes.rename.emplace_back(from, pipeline::canonical(to));
  changes.replace = lists(*block, "replace");
  changes.add = lists(*block, "add");
  return std::make_shared<const ResponseHeaders>(std::move(changes));
}

}  // namespace ropewalk::filters
