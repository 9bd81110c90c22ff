#include "dataplane/json/structure.h"

#include <simdjson.h>

#include <algorithm>
#include <bit>

namespace ropewalk::json {
namespace {

constexpr std::size_t kSmallest = 4096;
// The index takes four bytes per byte of text.
constexpr std::size_t kKept = 256 * 1024;

}  // namespace

struct Structure::Stage1 {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
  std::size_t capacity = 0;
};

Structure::Structure() : stage1_(std::make_unique<Stage1>()) {}
Structure::~Structure() = default;

std::span<const std::uint32_t> Structure::index(std::string_view text) {
  if (text.empty() || text.size() > simdjson::SIMDJSON_MAXSIZE_BYTES) return {};
  if (text.size() > stage1_->capacity) {
    const std::size_t capacity = std::min<std::size_t>(
        std::bit_ceil(std::max(text.size(), kSmallest)), simdjson::SIMDJSON_MAXSIZE_BYTES);
    // The depth sizes the stacks of stage 2, which never runs.
    const auto error =
        stage1_->parser ? stage1_->parser->set_capacity(capacity)
                        : simdjson::get_active_implementation()->create_dom_parser_implementation(
                              capacity, 1, stage1_->parser);
    stage1_->capacity = error ? 0 : capacity;
    if (error) return {};
  }
  auto& parser = *stage1_->parser;
  const auto error = parser.stage1(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(),
                                   simdjson::stage1_mode::regular);
  if (error) return {};
  return {parser.structural_indexes.get(), parser.n_structural_indexes};
}

void Structure::shrink() {
  if (stage1_->capacity > kKept) *stage1_ = {};
}

}  // namespace ropewalk::json
