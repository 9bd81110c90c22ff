#include "config/extra/martian.h"

#include "common/strings.h"

#include <openssl/evp.h>
#include <re2/re2.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdint>
#include <ctime>
#include <optional>
#include <vector>

namespace ropewalk::config {
namespace {

using nlohmann::json;

constexpr int kDeepest = 64;

enum class ValueKind : std::uint8_t {
  text,
  flag,
  integer,
  texts,
  paths,
  base64,
  time,
  regex,
  modifier,
  group,
  priorities
};

struct Key {
  std::string_view name;
  ValueKind kind;
  bool required = false;
};

enum Scope : std::uint8_t { request = 1, response = 2, both = 3 };

struct Modifier {
  std::string_view name;
  Scope scopes;
  std::vector<Key> keys;
};

const std::vector<Modifier>& modifiers() {
  using enum ValueKind;
  static const std::vector<Modifier> kModifiers{
      {"body.Modifier", both, {{"contentType", text}, {"body", base64}}},
      {"cookie.Filter",
       both,
       {{"name", text}, {"value", text}, {"modifier", modifier, true}, {"else", modifier}}},
      {"cookie.Modifier",
       both,
       {{"name", text},
        {"value", text},
        {"path", text},
        {"domain", text},
        {"expires", time},
        {"secure", flag},
        {"httpOnly", flag},
        {"maxAge", integer}}},
      {"fifo.Group", both, {{"modifiers", group}, {"aggregateErrors", flag}}},
      {"header.Append", both, {{"name", text}, {"value", text}}},
      {"header.Blacklist", both, {{"names", texts}}},
      {"header.Copy", both, {{"from", text}, {"to", text}}},
      {"header.Filter",
       both,
       {{"name", text}, {"value", text}, {"modifier", modifier, true}, {"else", modifier}}},
      {"header.Id", request, {{"header", text}}},
      {"header.Modifier", both, {{"name", text}, {"value", text}}},
      {"header.RegexFilter",
       both,
       {{"header", text}, {"regex", regex}, {"modifier", modifier, true}}},
      {"port.Filter", both, {{"port", integer}, {"modifier", modifier, true}}},
      {"port.Modifier", request, {{"port", integer}, {"defaultForScheme", flag}, {"remove", flag}}},
      {"priority.Group", both, {{"modifiers", priorities}}},
      {"querystring.Filter",
       both,
       {{"name", text}, {"value", text}, {"modifier", modifier, true}, {"else", modifier}}},
      {"querystring.Modifier", request, {{"name", text}, {"value", text}}},
      {"stash.Modifier", both, {{"headerName", text}}},
      {"static.Modifier", both, {{"rootPath", text}, {"explicitPaths", paths}}},
      {"status.Modifier", response, {{"statusCode", integer}}},
      {"url.Filter",
       both,
       {{"scheme", text},
        {"host", text},
        {"path", text},
        {"query", text},
        {"modifier", modifier, true},
        {"else", modifier}}},
      {"url.Modifier",
       request,
       {{"scheme", text}, {"host", text}, {"path", text}, {"query", text}}},
      {"url.RegexFilter",
       both,
       {{"regex", regex}, {"modifier", modifier, true}, {"else", modifier}}},
  };
  return kModifiers;
}

const Modifier* find_modifier(std::string_view name) {
  for (const Modifier& known : modifiers())
    if (known.name == name) return &known;
  return nullptr;
}

// As Go reads it: line breaks count for nothing.
bool is_base64(std::string text) {
  std::erase_if(text, [](char c) { return c == '\r' || c == '\n'; });
  if (text.size() % 4 != 0) return false;
  std::vector<unsigned char> out(text.size() / 4 * 3 + 1);
  return text.empty() ||
         EVP_DecodeBlock(out.data(), reinterpret_cast<const unsigned char*>(text.data()),
                         static_cast<int>(text.size())) >= 0;
}

// KrakenD holds every number as a float: 418.0 is whole as well.
std::optional<std::int64_t> whole_number(const json& value) {
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (!value.is_number()) return std::nullopt;
  const double number = value.get<double>();
  if (number != std::trunc(number) || std::fabs(number) > 9007199254740992.0) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

bool is_field_text(const std::string& text) {
  for (const char c : text)
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f) return false;
  return true;
}

class Tree {
 public:
  Tree(std::string root, const BlockContext& context, Diagnostics& diagnostics)
      : root_(std::move(root)), context_(context), diagnostics_(diagnostics) {
    for (const Modifier& known : modifiers()) diagnostics_.known(root_, known.name, false);
  }

  // {"header.Modifier": {...}} in canonical form; null after a refusal.
  json node(const json& value, const std::string& path, int depth) {
    if (depth > kDeepest) return refuse(path, "modifiers are nested too deep");
    if (!value.is_object())
      return refuse(path, "expected an object with one modifier, got " + shown(value));
    const json* body = nullptr;
    std::string name;
    for (auto it = value.begin(); it != value.end(); ++it) {
      if (comment(it.key())) continue;
      if (body)
        return refuse(path, "expected one modifier, got several (fifo.Group holds several)");
      body = &*it;
      name = it.key();
    }
    if (!body) return refuse(path, "expected a modifier such as header.Modifier, got none");
    const Modifier* const known = find_modifier(name);
    const std::string at = child(path, name);
    if (!known) return refuse(at, "no modifier of this name exists" + suggestion(name));
    diagnostics_.known(root_, name, true);
    if (!body->is_object()) return refuse(at, "expected an object, got " + shown(*body));
    json out = fields(*known, *body, at, depth);
    if (out.is_null()) return out;
    return json{{name, std::move(out)}};
  }

 private:
  json refuse(const std::string& path, const std::string& message) {
    diagnostics_.refuse(path, message);
    return nullptr;
  }

  static std::string suggestion(const std::string& name) {
    std::vector<std::string_view> names;
    for (const Modifier& known : modifiers()) names.push_back(known.name);
    for (const std::string_view known : names)
      if (iequals(known, name)) return " (did you mean " + std::string(known) + "?)";
    const std::string_view near = nearest(name, names);
    return near.empty() ? std::string() : " (did you mean " + std::string(near) + "?)";
  }

  json fields(const Modifier& known, const json& body, const std::string& path, int depth) {
    json out = json::object();
    for (auto it = body.begin(); it != body.end(); ++it) {
      if (comment(it.key()) || it->is_null()) continue;
      const std::string at = child(path, it.key());
      if (iequals(it.key(), "scope")) {
        if (!scope(known, *it, at, out)) return nullptr;
        continue;
      }
      const Key* key = nullptr;
      for (const Key& candidate : known.keys)
        if (iequals(candidate.name, it.key())) key = &candidate;
      if (!key) {
        diagnostics_.warn(at, unknown_key(known, it.key()));
        continue;
      }
      json value = read(*key, *it, at, depth);
      if (diagnostics_.failed()) return nullptr;
      out[std::string(key->name)] = std::move(value);
    }
    for (const Key& key : known.keys)
      diagnostics_.known(child(root_, known.name), key.name, out.contains(std::string(key.name)));
    for (const Key& key : known.keys)
      if (key.required && !out.contains(std::string(key.name)))
        return refuse(path, "expected the key " + std::string(key.name));
    return rules(known, std::move(out), path);
  }

  static std::string unknown_key(const Modifier& known, const std::string& key) {
    std::vector<std::string_view> names{"scope"};
    for (const Key& candidate : known.keys) names.push_back(candidate.name);
    const std::string_view near = nearest(key, names);
    return near.empty() ? "has no effect in " + std::string(known.name)
                        : "unknown key (did you mean " + std::string(near) + "?)";
  }

  bool scope(const Modifier& known, const json& value, const std::string& path, json& out) {
    const auto wrong = [&](const json& got) {
      diagnostics_.refuse(path, "expected a list of request and response, got " + shown(got));
      return false;
    };
    if (!value.is_array()) return wrong(value);
    out["scope"] = json::array();
    for (const json& entry : value) {
      if (entry != "request" && entry != "response") return wrong(entry);
      const Scope wanted = entry == "request" ? request : response;
      if ((known.scopes & wanted) == 0) {
        diagnostics_.refuse(path, std::string(known.name) + " changes only " +
                                      (known.scopes == request ? "requests" : "responses"));
        return false;
      }
      out["scope"].push_back(entry);
    }
    if (value.empty()) diagnostics_.warn(path, "an empty scope: the modifier does nothing");
    return true;
  }

  json read(const Key& key, const json& value, const std::string& path, int depth) {
    const auto wrong = [&](const char* expected) {
      return refuse(path, std::string("expected ") + expected + ", got " + shown(value));
    };
    switch (key.kind) {
      case ValueKind::text:
        if (!value.is_string()) return wrong("a text");
        if (!is_field_text(value.get<std::string>())) return wrong("a text without line breaks");
        return value;
      case ValueKind::flag:
        return value.is_boolean() ? value : wrong("true or false");
      case ValueKind::integer:
        if (const auto number = whole_number(value)) return *number;
        return wrong("a whole number");
      case ValueKind::texts:
        if (!value.is_array()) return wrong("a list of texts");
        for (const json& entry : value)
          if (!entry.is_string()) return wrong("a list of texts");
        return value;
      case ValueKind::paths:
        if (!value.is_object()) return wrong("an object of path and file");
        for (const json& entry : value)
          if (!entry.is_string()) return wrong("an object of path and file");
        return value;
      case ValueKind::base64:
        return value.is_string() && is_base64(value.get<std::string>()) ? value
                                                                        : wrong("a base64 text");
      case ValueKind::time: {
        std::tm parsed{};
        if (!value.is_string()) return wrong("a time such as 2030-01-02T03:04:05Z");
        const std::string text = value.get<std::string>();
        const char* rest = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parsed);
        static const RE2 kZone(R"((\.\d+)?(Z|[+-]\d\d:\d\d))");
        if (!rest || !RE2::FullMatch(rest, kZone))
          return wrong("a time such as 2030-01-02T03:04:05Z");
        return value;
      }
      case ValueKind::regex: {
        if (!value.is_string()) return wrong("a regular expression");
        RE2::Options quiet;
        quiet.set_log_errors(false);
        const RE2 compiled(value.get<std::string>(), quiet);
        if (!compiled.ok())
          return refuse(path, "expected a regular expression: " + compiled.error());
        return value;
      }
      case ValueKind::modifier:
        return node(value, path, depth + 1);
      case ValueKind::group:
      case ValueKind::priorities:
        return members(key.kind == ValueKind::priorities, value, path, depth);
    }
    return nullptr;
  }

  json members(bool priorities, const json& value, const std::string& path, int depth) {
    if (!value.is_array()) return refuse(path, "expected a list, got " + shown(value));
    json out = json::array();
    for (std::size_t i = 0; i < value.size(); ++i) {
      const std::string at = child(path, i);
      if (!priorities) {
        out.push_back(node(value[i], at, depth + 1));
        continue;
      }
      const json& entry = value[i];
      if (!entry.is_object() || !entry.contains("modifier"))
        return refuse(at, "expected an object with priority and modifier, got " + shown(entry));
      const json priority = entry.value("priority", json(0));
      const auto order = whole_number(priority);
      if (!order)
        return refuse(child(at, "priority"), "expected a whole number, got " + shown(priority));
      out.push_back({{"priority", *order},
                     {"modifier", node(entry["modifier"], child(at, "modifier"), depth + 1)}});
    }
    return out;
  }

  json rules(const Modifier& known, json out, const std::string& path) {
    if (context_.host_rule == HostRule::refuse) {
      if (known.name == "port.Modifier") return refuse(path, "ports come from Services");
      for (const char* key : {"scheme", "host"})
        if (known.name == "url.Modifier" && out.contains(key))
          return refuse(child(path, key), "hosts come from Services: expected path and query only");
    }
    if (known.name == "port.Modifier") {
      const int given = (out.value("port", 0) != 0 ? 1 : 0) +
                        (out.value("defaultForScheme", false) ? 1 : 0) +
                        (out.value("remove", false) ? 1 : 0);
      if (given != 1) return refuse(path, "expected one of port, defaultForScheme and remove");
      const auto port = out.value("port", std::int64_t{0});
      if (port < 0 || port > 65535)
        return refuse(child(path, "port"), "expected a port, got " + std::to_string(port));
    }
    if (known.name == "status.Modifier") {
      const auto status = out.value("statusCode", std::int64_t{0});
      if (status < 200 || status > 599)
        return refuse(child(path, "statusCode"),
                      "expected a status from 200 to 599, got " + std::to_string(status));
    }
    if (known.name == "static.Modifier") {
      if (!context_.files) return refuse(path, "names files, which an annotation cannot do");
      if (out.value("rootPath", "").empty())
        diagnostics_.advise(path, "without rootPath: serves the files of the working directory");
    }
    if (known.name == "stash.Modifier" && out.contains("scope") && out["scope"].size() == 1 &&
        out["scope"][0] == "response")
      return refuse(child(path, "scope"), "to show it in responses, expected request as well");
    return out;
  }

  const std::string root_;
  const BlockContext& context_;
  Diagnostics& diagnostics_;
};

}  // namespace

std::string read_martian(const ExtraValue& extra, const BlockContext& context,
                         Diagnostics& diagnostics) {
  json tree = Tree(extra.path, context, diagnostics).node(*extra.value, extra.path, 0);
  if (diagnostics.failed()) return {};
  json out{{"tree", std::move(tree)}};
  if (!context.host.empty()) out["host"] = context.host;
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace ropewalk::config
