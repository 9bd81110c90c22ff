#include "controller/objects/manifests.h"

#include "common/strings.h"

#include <yaml-cpp/yaml.h>
#include <nlohmann/json.hpp>

#include <cctype>
#include <charconv>
#include <cstdio>
#include <map>
#include <utility>

namespace ropewalk::controller {
namespace {

using nlohmann::json;

// Aliases make a small file large: a manifest folder has no use for more.
constexpr std::size_t kMaxNodes = 200'000;
constexpr int kMaxDepth = 200;

struct Refused {
  int line = 0;
  std::string message;
};

bool one_of(const std::string& text, std::initializer_list<const char*> words) {
  for (const char* word : words) {
    if (text == word) return true;
  }
  return false;
}

json plain_scalar(const std::string& text) {
  if (one_of(text, {"", "~", "null", "Null", "NULL"})) return nullptr;
  if (one_of(text, {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"})) return true;
  if (one_of(text, {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"})) {
    return false;
  }
  const char* begin = text.data();
  const char* end = begin + text.size();
  const char* digits = *begin == '+' ? begin + 1 : begin;
  std::int64_t whole = 0;
  if (const auto [at, error] = std::from_chars(digits, end, whole);
      error == std::errc() && at == end) {
    return whole;
  }
  double real = 0;
  const bool starts_like_number =
      digits != end &&
      (std::isdigit(static_cast<unsigned char>(*digits)) || *digits == '.' || *digits == '-');
  if (const auto [at, error] = std::from_chars(digits, end, real);
      starts_like_number && error == std::errc() && at == end) {
    return real;
  }
  return text;
}

json to_json(const YAML::Node& node, int depth, std::size_t& nodes) {
  if (++nodes > kMaxNodes || depth > kMaxDepth) {
    throw Refused{node.Mark().line + 1, "too many or too deeply nested values"};
  }
  switch (node.Type()) {
    case YAML::NodeType::Undefined:
    case YAML::NodeType::Null:
      return nullptr;
    case YAML::NodeType::Scalar:
      // yaml-cpp tags quoted and block scalars with "!".
      if (node.Tag() == "!" || node.Tag() == "tag:yaml.org,2002:str") return node.Scalar();
      return plain_scalar(node.Scalar());
    case YAML::NodeType::Sequence: {
      json out = json::array();
      for (const auto& entry : node) out.push_back(to_json(entry, depth + 1, nodes));
      return out;
    }
    case YAML::NodeType::Map: {
      json out = json::object();
      for (const auto& entry : node) {
        if (!entry.first.IsScalar()) {
          throw Refused{entry.first.Mark().line + 1, "expected a plain key"};
        }
        const std::string& key = entry.first.Scalar();
        if (out.contains(key)) {
          throw Refused{entry.first.Mark().line + 1, "the key \"" + key + "\" appears twice"};
        }
        out[key] = to_json(entry.second, depth + 1, nodes);
      }
      return out;
    }
  }
  return nullptr;
}

class Reader {
 public:
  explicit Reader(const std::string& file) : file_(file) {}

  Result<void> document(const json& value) {
    ++number_;
    return one(value, 0);
  }

  std::string place() const { return file_ + ": document " + std::to_string(number_); }
  // A document that could not be read at all has the number after the last one.
  std::string next_place() const { return file_ + ": document " + std::to_string(number_ + 1); }
  std::vector<Object> take() { return std::move(objects_); }

 private:
  Result<void> one(const json& value, int depth) {
    if (value.is_null()) return {};
    if (!value.is_object()) return refuse("expected an object");
    const auto items = value.find("items");
    const auto kind = value.find("kind");
    if (kind != value.end() && kind->is_string() && items != value.end() && items->is_array() &&
        kind->get_ref<const std::string&>().ends_with("List")) {
      if (depth > 0) return refuse("a List inside a List");
      for (const auto& item : *items) {
        if (auto done = one(item, depth + 1); !done) return done;
      }
      return {};
    }
    if (kind == value.end() || !kind->is_string()) {
      return refuse("expected a Kubernetes object with \"kind\" and \"apiVersion\"");
    }
    const auto known = kind_of(value);
    if (!known) return {};
    json copy = value;
    json& meta = copy["metadata"];
    if (!meta.is_object()) return refuse("metadata: expected an object");
    if (!meta.contains("namespace")) meta["namespace"] = "default";
    char age[16];
    std::snprintf(age, sizeof age, "#%06d", number_);
    meta["creationTimestamp"] = file_ + age;
    meta["uid"] = file_ + age + "/" + meta.value("name", "");
    auto object = parse_object(*known, copy);
    if (!object) return refuse(object.error().message);
    const std::string identity = std::string(to_string(*known)) + " " + key_of(*object).namespace_ +
                                 "/" + key_of(*object).name;
    const auto [first, fresh] = seen_.emplace(identity, number_);
    if (!fresh) {
      return refuse(identity + " is already in document " + std::to_string(first->second));
    }
    objects_.push_back(std::move(*object));
    return {};
  }

  Result<void> refuse(const std::string& message) const {
    return fail(Kind::config, place() + ": " + message, Origin::control);
  }

  const std::string& file_;
  int number_ = 0;
  std::map<std::string, int> seen_;
  std::vector<Object> objects_;
};

Result<std::vector<Object>> parse_json(const std::string& file, std::string_view text) {
  Reader reader(file);
  json value;
  try {
    value = json::parse(text);
  } catch (const json::parse_error& error) {
    return fail(Kind::config, reader.next_place() + ": " + error.what(), Origin::control);
  }
  try {
    if (auto done = reader.document(value); !done) return std::unexpected(done.error());
  } catch (const json::exception& error) {
    return fail(Kind::config, reader.place() + ": " + error.what(), Origin::control);
  }
  return reader.take();
}

// The number of the document that holds a line (from 1), for errors of the YAML parser itself.
int document_at(std::string_view text, int wanted_line) {
  int document = 1;
  bool content = false;
  int line = 1;
  for (const std::string_view row : split(text, '\n')) {
    if (line++ > wanted_line) break;
    const std::string_view trimmed = trim(row, " \t\r");
    if (row.starts_with("---") && (row.size() == 3 || row[3] == ' ' || row[3] == '\r')) {
      if (content) ++document;
      content = true;
    } else if (!trimmed.empty() && !trimmed.starts_with('#')) {
      content = true;
    }
  }
  return document;
}

}  // namespace

Result<std::vector<Object>> parse_manifests(const std::string& file, std::string_view text) {
  if (file.ends_with(".json")) return parse_json(file, text);
  Reader reader(file);
  std::vector<YAML::Node> documents;
  try {
    documents = YAML::LoadAll(std::string(text));
    for (const YAML::Node& document : documents) {
      std::size_t nodes = 0;
      if (auto done = reader.document(to_json(document, 0, nodes)); !done) {
        return std::unexpected(done.error());
      }
    }
  } catch (const Refused& refused) {
    return fail(
        Kind::config,
        reader.next_place() + ", line " + std::to_string(refused.line) + ": " + refused.message,
        Origin::control);
  } catch (const YAML::Exception& error) {
    const int line = error.mark.line + 1;
    return fail(Kind::config,
                file + ": document " + std::to_string(document_at(text, line)) + ", line " +
                    std::to_string(line) + ": " + error.msg,
                Origin::control);
  } catch (const json::exception& error) {
    return fail(Kind::config, reader.place() + ": " + error.what(), Origin::control);
  }
  return reader.take();
}

}  // namespace ropewalk::controller
