#include "config/extra/json_schema.h"

#include "common/json_schema/uri.h"

#include <nlohmann/json.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>

namespace ropewalk::config {
namespace {

namespace value = ropewalk::json;
using Document = nlohmann::json;

constexpr std::size_t kDeepest = 500;
constexpr std::string_view kFile = "file://";

// KrakenD reads every number of its configuration as a double and writes it again before the schema
// is made of it.
std::string go_number(double number) {
  std::array<char, 512> buffer;
  const double size = std::abs(number);
  const bool scientific = size != 0 && (size < 1e-6 || size >= 1e21);
  const auto format = scientific ? std::chars_format::scientific : std::chars_format::fixed;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, format).ptr;
  std::string out(buffer.data(), end);
  if (const auto zero = out.find("e-0"); zero != std::string::npos) out.erase(zero + 2, 1);
  return out;
}

value::Value converted(const Document& document) {
  switch (document.type()) {
    case Document::value_t::object: {
      value::Value::Object members;
      for (auto it = document.begin(); it != document.end(); ++it)
        members.push_back({it.key(), converted(*it)});
      return value::Value(std::move(members));
    }
    case Document::value_t::array: {
      value::Value::List list;
      for (const Document& element : document) list.push_back(converted(element));
      return value::Value(std::move(list));
    }
    case Document::value_t::string:
      return value::Value(document.get_ref<const std::string&>());
    case Document::value_t::boolean:
      return value::Value(document.get<bool>());
    case Document::value_t::number_integer:
    case Document::value_t::number_unsigned:
    case Document::value_t::number_float:
      return value::Value::number(go_number(document.get<double>()));
    default:
      return {};
  }
}

// Reads the files that references name and keeps them.
class Loader {
 public:
  Loader(Files* files, std::string path, Diagnostics& diagnostics)
      : files_(files), path_(std::move(path)), diagnostics_(diagnostics) {}

  std::optional<value::Value> operator()(const std::string& uri) {
    if (!uri.starts_with(kFile)) return std::nullopt;
    if (!files_) {
      diagnostics_.refuse(path_, "a $ref to a file cannot be used here");
      return std::nullopt;
    }
    const std::string name = json_schema::percent_decode(uri.substr(kFile.size()));
    const auto text = files_->read(name, path_, diagnostics_);
    if (!text) return std::nullopt;
    auto document = value::parse(*text, kDeepest);
    if (!document) {
      diagnostics_.refuse(path_, name + ": " + document.error().message);
      return std::nullopt;
    }
    documents_.set(uri, *document);
    return std::move(*document);
  }

  const value::Value& documents() const { return documents_; }

 private:
  Files* files_;
  std::string path_;
  Diagnostics& diagnostics_;
  value::Value documents_ = value::Value::object();
};

bool deeper_than(const Document& document, std::size_t levels) {
  if (levels == 0) return true;
  if (!document.is_structured()) return false;
  for (const Document& element : document)
    if (deeper_than(element, levels - 1)) return true;
  return false;
}

}  // namespace

std::string read_json_schema(const ExtraValue& extra, Files* files, Diagnostics& diagnostics) {
  if (deeper_than(*extra.value, kDeepest)) {
    diagnostics.refuse(extra.path, "a schema nested too deep");
    return {};
  }
  // Relative references start from the working directory.
  const std::string base = std::string(kFile) + (files ? files->directory() : "/") + "/";
  Loader loader(files, extra.path, diagnostics);
  const value::Value schema = converted(*extra.value);
  const auto validator =
      json_schema::Validator::compile(schema, base, [&](const auto& uri) { return loader(uri); });
  if (!validator) {
    diagnostics.refuse(extra.path, validator.error().message);
    return {};
  }
  value::Value out = value::Value::object();
  out.set("schema", schema);
  if (!loader.documents().members().empty()) {
    out.set("base", value::Value(base));
    out.set("documents", loader.documents());
  }
  return value::to_string(out);
}

Result<std::shared_ptr<const json_schema::Validator>> parse_json_schema(std::string_view text) {
  auto document = value::parse(text);
  const value::Value* schema = document ? document->find("schema") : nullptr;
  if (!schema) return fail(Kind::config, "validation/json-schema: expected a schema");
  const value::Value* base = document->find("base");
  const value::Value* documents = document->find("documents");
  const auto load = [&](const std::string& uri) -> std::optional<value::Value> {
    const value::Value* found = documents ? documents->find(uri) : nullptr;
    return found ? std::optional(*found) : std::nullopt;
  };
  auto validator = json_schema::Validator::compile(
      *schema, base && base->is_string() ? base->string() : "file:///", load);
  if (!validator) return fail(Kind::config, "validation/json-schema: " + validator.error().message);
  return validator;
}

}  // namespace ropewalk::config
