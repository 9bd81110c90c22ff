#include "dataplane/json/flatmap.h"

#include "common/strings.h"
#include "dataplane/json/flatmap_tree.h"

namespace ropewalk::json {

Path split_path(std::string_view text) {
  const std::vector<std::string_view> pieces = split(text, '.');
  return {pieces.begin(), pieces.end()};
}

void run_flatmap(std::span<const FlatmapOperation> operations, Value& data) {
  if (data.is_null()) return;
  FlatmapTree tree(std::move(data));
  for (const FlatmapOperation& operation : operations) {
    switch (operation.type) {
      case FlatmapOperation::Type::move:
        tree.move(operation.arguments[0], operation.arguments[1]);
        break;
      case FlatmapOperation::Type::append:
        tree.append(operation.arguments[0], operation.arguments[1]);
        break;
      case FlatmapOperation::Type::del:
        for (const Path& path : operation.arguments) tree.erase(path);
        break;
    }
  }
  data = tree.take();
}

}  // namespace ropewalk::json
