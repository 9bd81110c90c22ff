// Paths and URLs.
#include "common/strings.h"
#include "config/template/functions.h"

#include <array>

namespace ropewalk::config::templates {
namespace {

std::string cleaned(std::string_view text) {
  const bool rooted = text.starts_with('/');
  std::vector<std::string_view> out;
  for (const std::string_view part : split(text, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != ".." || (!rooted && (out.empty() || out.back() == "..")))
      out.push_back(part);
    else if (!out.empty())
      out.pop_back();
  }
  std::string joined = rooted ? "/" : "";
  for (std::size_t i = 0; i < out.size(); ++i) joined += (i ? "/" : "") + std::string(out[i]);
  return joined.empty() ? "." : joined;
}

Answer base(Context&, Arguments& a) {
  std::string_view text = a[0].text();
  if (text.empty()) return Value::of(".");
  while (text.size() > 1 && text.ends_with('/')) text.remove_suffix(1);
  if (text == "/") return Value::of("/");
  return Value::of(text.substr(text.rfind('/') + 1));
}
Answer dir(Context&, Arguments& a) {
  const std::string_view text = a[0].text();
  const auto slash = text.rfind('/');
  return Value::of(cleaned(slash == std::string_view::npos ? "" : text.substr(0, slash + 1)));
}
Answer clean(Context&, Arguments& a) { return Value::of(cleaned(a[0].text())); }
Answer extension(Context&, Arguments& a) {
  const std::string_view text = a[0].text();
  const auto at = text.find_last_of("./");
  return Value::of(at == std::string_view::npos || text[at] == '/' ? std::string_view()
                                                                   : text.substr(at));
}
Answer absolute(Context&, Arguments& a) { return Value::of(a[0].text().starts_with('/')); }

Answer parse_url(Context& context, Arguments& a) {
  std::string_view text = a[0].text();
  Map& out = context.heap.map();
  const auto put = [&](std::string_view key, std::string_view value) {
    out.items[std::string(key)] = Value::of(value);
  };
  for (const std::string_view key :
       {"scheme", "host", "hostname", "path", "query", "opaque", "fragment", "userinfo"})
    put(key, "");
  if (const auto hash = text.find('#'); hash != std::string_view::npos) {
    put("fragment", text.substr(hash + 1));
    text = text.substr(0, hash);
  }
  if (const auto colon = text.find(':');
      colon != std::string_view::npos && colon < text.find_first_of("/?")) {
    put("scheme", to_lower(text.substr(0, colon)));
    text.remove_prefix(colon + 1);
    if (!text.starts_with('/')) {
      const auto mark = text.find('?');
      put("opaque", text.substr(0, mark));
      if (mark != std::string_view::npos) put("query", text.substr(mark + 1));
      return Value::of(&out);
    }
  }
  if (const auto mark = text.find('?'); mark != std::string_view::npos) {
    put("query", text.substr(mark + 1));
    text = text.substr(0, mark);
  }
  if (text.starts_with("//")) {
    text.remove_prefix(2);
    std::string_view authority = text.substr(0, text.find('/'));
    text.remove_prefix(authority.size());
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
      put("userinfo", authority.substr(0, at));
      authority.remove_prefix(at + 1);
    }
    put("host", authority);
    const bool v6 = authority.starts_with('[');
    const auto port = authority.find(':', v6 ? authority.find(']') : 0);
    std::string_view name = authority.substr(0, port);
    if (v6 && name.size() > 2) name = name.substr(1, name.size() - 2);
    put("hostname", name);
  }
  put("path", text);
  return Value::of(&out);
}
Answer join_url(Context& context, Arguments& a) {
  const auto part = [&](const char* key) {
    const auto found = a[0].map().items.find(std::string_view(key));
    return found == a[0].map().items.end() || found->second.is_nil()
               ? std::string()
               : to_text(context, found->second);
  };
  std::string out;
  if (const std::string scheme = part("scheme"); !scheme.empty()) out += scheme + ":";
  if (const std::string opaque = part("opaque"); !opaque.empty()) {
    out += opaque;
  } else {
    const std::string host = part("host");
    const std::string user = part("userinfo");
    if (!host.empty() || !user.empty()) out += "//" + (user.empty() ? "" : user + "@") + host;
    const std::string path = part("path");
    if (!path.empty() && path[0] != '/' && !host.empty()) out += '/';
    out += path;
  }
  if (const std::string query = part("query"); !query.empty()) out += "?" + query;
  if (const std::string fragment = part("fragment"); !fragment.empty()) out += "#" + fragment;
  return Value::of(std::move(out));
}

constexpr auto kPathFunctions = std::to_array<Function>({
    {"base", "s", base},
    {"clean", "s", clean},
    {"dir", "s", dir},
    {"ext", "s", extension},
    {"isAbs", "s", absolute},
    {"osBase", "s", base},
    {"osClean", "s", clean},
    {"osDir", "s", dir},
    {"osExt", "s", extension},
    {"osIsAbs", "s", absolute},
    {"urlJoin", "m", join_url},
    {"urlParse", "s", parse_url},
});

}  // namespace

std::span<const Function> path_functions() { return kPathFunctions; }

}  // namespace ropewalk::config::templates
