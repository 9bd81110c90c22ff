#include "common/keyed_table.h"
#include "dataplane/codec/charset.h"
#include "dataplane/codec/xml.h"
#include "dataplane/codec/xml_reader.h"

namespace ropewalk::codec {
namespace {

using json::Value;

constexpr std::string_view kTrimmed = "\t\r\b\n ";
constexpr std::size_t kIndexed = 16;  // members from which an index pays

// An element that is open: its members so far.
struct Element {
  std::string key;
  Value::Object members;
  KeyedMap<std::size_t> index;
  std::string run;   // text since the last tag
  std::string text;  // all runs

  std::size_t* known(const std::string& name, std::size_t& position) {
    if (members.size() < kIndexed) {
      for (position = 0; position < members.size(); ++position)
        if (members[position].key == name) return &position;
      return nullptr;
    }
    if (index.empty())
      for (std::size_t i = 0; i < members.size(); ++i) index.emplace(members[i].key, i);
    const auto [at, added] = index.try_emplace(name, members.size());
    position = at->second;
    return added ? nullptr : &position;
  }

  // A child or an attribute; the second of the same name makes a list.
  void add(std::string name, Value value) {
    std::size_t position = 0;
    if (!known(name, position)) {
      members.push_back({std::move(name), std::move(value)});
      return;
    }
    Value& taken = members[position].value;
    if (!taken.is_list()) {
      Value::List list;
      list.push_back(std::move(taken));
      taken = Value(std::move(list));
    }
    taken.elements().push_back(std::move(value));
  }

  void end_run() {
    const std::size_t first = run.find_first_not_of(kTrimmed);
    if (first != std::string::npos) {
      if (!text.empty()) text += ' ';
      text.append(run, first, run.find_last_not_of(kTrimmed) + 1 - first);
    }
    run.clear();
  }

  Value finish() {
    end_run();
    if (members.empty()) return std::move(text);
    if (!text.empty()) add("#text", std::move(text));
    return std::move(members);
  }
};

Element begin(const XmlReader& reader) {
  Element out{std::string(reader.name().local)};
  for (const XmlAttribute& attribute : reader.attributes()) {
    std::string key = "-" + std::string(attribute.name.local);
    std::size_t position = 0;
    if (out.known(key, position))
      out.members[position].value = attribute.value;
    else
      out.members.push_back({std::move(key), attribute.value});
  }
  return out;
}

}  // namespace

Result<Value> decode_xml(std::string_view body, std::size_t max_depth) {
  const auto converted = to_utf8(body);
  if (!converted) return std::unexpected(converted.error());
  XmlReader reader(converted->empty() ? body : std::string_view(*converted), XmlRules::strict,
                   max_depth);
  std::vector<Element> open;
  for (;;) {
    const auto token = reader.next();
    if (!token) return std::unexpected(token.error());
    switch (*token) {
      case XmlReader::Token::done:
        return fail(Kind::decode, "the body is not XML: it has no element", Origin::backend);
      case XmlReader::Token::text:
        if (!open.empty()) open.back().run += reader.text();
        break;
      case XmlReader::Token::start:
        if (!open.empty()) open.back().end_run();
        open.push_back(begin(reader));
        break;
      case XmlReader::Token::end: {
        std::string key = std::move(open.back().key);
        Value value = open.back().finish();
        open.pop_back();
        if (open.empty()) {
          Value::Object root;
          root.push_back({std::move(key), std::move(value)});
          return Value(std::move(root));
        }
        open.back().add(std::move(key), std::move(value));
        break;
      }
    }
  }
}

}  // namespace ropewalk::codec
