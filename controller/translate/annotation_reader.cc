#include "controller/translate/annotation_reader.h"

#include "common/strings.h"
#include "common/utf8.h"
#include "controller/translate/annotations.h"

namespace ropewalk::controller {

Problem bad_value(std::string_view key, std::string_view expected, std::string_view value) {
  // What stands in JSON may be a key or a password (design 7.4).
  const bool shown = !key.ends_with("extra-config") && key != "endpoints" &&
                     !value.starts_with('{') && !value.starts_with('[');
  return {kInvalidAnnotation, std::string(kAnnotationPrefix) + std::string(key) + ": expected " +
                                  std::string(expected) +
                                  (shown ? ", got " + in_quotes(value) : "")};
}

AnnotationReader::AnnotationReader(const ObjectMeta& meta) {
  for (const auto& [key, value] : meta.annotations) {
    if (!key.starts_with(kAnnotationPrefix)) continue;
    const std::string_view text = trim(value, " \t\r\n");
    if (text.empty()) continue;
    // An API server sends nothing but UTF-8; a folder may hold anything.
    if (!is_utf8(text) || !is_utf8(key)) not_text_ = true;
    values_.emplace(to_utf8(std::string_view(key).substr(kAnnotationPrefix.size())), to_utf8(text));
  }
}

std::optional<std::string_view> AnnotationReader::raw(std::string_view key) const {
  const auto found = values_.find(key);
  if (found == values_.end()) return std::nullopt;
  return found->second;
}

AnnotationReader::Unknown AnnotationReader::unknown() const {
  Unknown out;
  if (not_text_) {
    out.problems.push_back({kInvalidAnnotation, "expected keys and values in UTF-8"});
    out.claims = true;
  }
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
