#include "common/strings.h"
#include "dataplane/codec/feed_parts.h"

#include <array>
#include <span>

namespace ropewalk::codec {
namespace {

using json::Value;
using Token = XmlReader::Token;

constexpr auto kDublinCore = std::to_array<std::string_view>(
    {"title", "creator", "author", "subject", "description", "publisher", "contributor", "date",
     "type", "format", "identifier", "source", "language", "relation", "coverage", "rights"});

struct Name {
  std::string_view member;   // in the answer
  std::string_view element;  // in the feed
};
constexpr Name kItunesFeed[] = {{"author", "author"},     {"block", "block"},
                                {"explicit", "explicit"}, {"keywords", "keywords"},
                                {"subtitle", "subtitle"}, {"summary", "summary"},
                                {"complete", "complete"}, {"newFeedUrl", "new-feed-url"},
                                {"type", "type"}};
constexpr Name kItunesItem[] = {
    {"author", "author"},     {"block", "block"},
    {"duration", "duration"}, {"explicit", "explicit"},
    {"keywords", "keywords"}, {"subtitle", "subtitle"},
    {"summary", "summary"},   {"isClosedCaptioned", "isClosedCaptioned"},
    {"episode", "episode"},   {"season", "season"},
    {"order", "order"},       {"episodeType", "episodeType"}};

// The elements of that name, null without any.
const Value::List* named(const ExtensionModule& module, std::string_view name) {
  const auto at = module.find(std::string(name));
  return at == module.end() ? nullptr : &at->second;
}
const Value::List* named(const Value& children, std::string_view name) {
  const Value* list = children.find(name);
  return list ? &list->elements() : nullptr;
}

Value to_value(ExtensionModule lists) {
  Value::Object out;
  out.reserve(lists.size());
  for (auto& [name, list] : lists) out.push_back({name, std::move(list)});
  return out;
}

// Depth is bounded by the reader.
Result<Value> read_element(FeedReader& reader) {
  std::map<std::string, std::string> attributes;
  for (const XmlAttribute& one : reader.attributes())
    attributes[std::string(one.name.local)] = one.value;
  const std::string name = reader.local();
  ExtensionModule children;
  std::string text;
  for (;;) {
    const auto token = reader.next();
    if (!token) return std::unexpected(token.error());
    if (*token == Token::text) {
      text += reader.text();
    } else if (*token == Token::start) {
      const std::string child_name = reader.local();
      auto child = read_element(reader);
      if (!child) return child;
      children[child_name].push_back(std::move(*child));
    } else {
      break;
    }
  }
  Value::Object shown;
  for (auto& [key, value] : attributes) shown.push_back({key, std::move(value)});
  Value::Object out;
  out.push_back({"name", name});
  out.push_back({"value", trim(text, " \t\r\n")});
  out.push_back({"attrs", std::move(shown)});
  out.push_back({"children", to_value(std::move(children))});
  return out;
}

void set_text(Value& out, std::string_view key, const Value* text) {
  if (text && !text->string().empty()) out.set(key, *text);
}

Value category_of(const Value& element) {
  Value out = Value::object();
  set_text(out, "text", element.find("attrs")->find("text"));
  if (const Value::List* below = named(*element.find("children"), "category")) {
    Value inner = Value::object();
    set_text(inner, "text", below->front().find("attrs")->find("text"));
    out.set("subcategory", std::move(inner));
  }
  return out;
}

}  // namespace

Result<void> add_extension(Extensions& extensions, FeedReader& reader) {
  const std::string prefix = reader.extension_prefix();
  const std::string name = reader.local();
  auto element = read_element(reader);
  if (!element) return std::unexpected(element.error());
  extensions[prefix][name].push_back(std::move(*element));
  return {};
}

Value to_value(Extensions extensions) {
  if (extensions.empty()) return nullptr;
  Value::Object out;
  for (auto& [prefix, module] : extensions) out.push_back({prefix, to_value(std::move(module))});
  return out;
}

Value dublin_core_of(const Extensions& extensions) {
  const auto module = extensions.find("dc");
  if (module == extensions.end()) return nullptr;
  Value out = Value::object();
  for (const std::string_view name : kDublinCore) {
    const Value::List* found = named(module->second, name);
    if (!found) continue;
    Value::List texts;
    for (const Value& one : *found) texts.push_back(*one.find("value"));
    out.set(name, std::move(texts));
  }
  return out;
}

Value itunes_of(const Extensions& extensions, ItunesLevel level) {
  const auto at = extensions.find("itunes");
  if (at == extensions.end()) return nullptr;
  const ExtensionModule& module = at->second;
  Value out = Value::object();
  const std::span<const Name> names =
      level == ItunesLevel::feed ? std::span<const Name>(kItunesFeed) : kItunesItem;
  for (const Name& name : names)
    if (const Value::List* found = named(module, name.element))
      set_text(out, name.member, found->front().find("value"));
  if (const Value::List* image = named(module, "image"))
    set_text(out, "image", image->front().find("attrs")->find("href"));
  if (level == ItunesLevel::item) return out;
  if (const Value::List* categories = named(module, "category")) {
    Value::List list;
    for (const Value& one : *categories) list.push_back(category_of(one));
    out.set("categories", std::move(list));
  }
  if (const Value::List* owner = named(module, "owner")) {
    Value person = Value::object();
    const Value& inside = *owner->front().find("children");
    for (const std::string_view key : {"email", "name"})
      if (const Value::List* found = named(inside, key))
        set_text(person, key, found->front().find("value"));
    out.set("owner", std::move(person));
  }
  return out;
}

std::string first_text(const Value& extension, std::string_view member) {
  const Value* found = extension.find(member);
  if (!found) return {};
  if (found->is_string()) return found->string();
  return found->is_list() && !found->elements().empty() ? found->elements()[0].string() : "";
}

}  // namespace ropewalk::codec
