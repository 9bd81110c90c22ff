#include "controller/translate/annotation_reader.h"

#include "common/strings.h"
#include "controller/translate/annotations.h"

namespace ropewalk::controller {

Problem bad_value(std::string_view key, std::string_view expected, std::string_view value) {
  return {kInvalidAnnotation, std::string(kAnnotationPrefix) + std::string(key) + ": expected " +
                                  std::string(expected) + ", got " + in_quotes(value)};
}

AnnotationReader::AnnotationReader(const ObjectMeta& meta) {
  for (const auto& [key, value] : meta.annotations) {
    if (!key.starts_with(kAnnotationPrefix)) continue;
    const std::string_view text = trim(value, " \t\r\n");
    if (!text.empty()) values_.emplace(key.substr(kAnnotationPrefix.size()), text);
  }
}

std::optional<std::string_view> AnnotationReader::raw(std::string_view key) const {
  const auto found = values_.find(key);
  if (found == values_.end()) return std::nullopt;
  return found->second;
}

AnnotationReader::Unknown AnnotationReader::unknown() const {
  Unknown out;
  for (const auto& [key, value] : values_) {
    if (find_annotation(key)) continue;
    std::string message = std::string(kAnnotationPrefix) + key + ": unknown key";
    if (const AnnotationRow* const near = nearest_annotation(key)) {
      message += " (did you mean " + std::string(kAnnotationPrefix) + std::string(near->key) + "?)";
      out.claims = out.claims || near->claims;
      out.addresses = out.addresses || near->key == "port" || near->key == "scheme";
    }
    out.problems.push_back({"UnknownAnnotation", std::move(message)});
  }
  return out;
}

}  // namespace ropewalk::controller
