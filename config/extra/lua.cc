#include "config/extra/lua.h"

#include "common/lua_source.h"

#include <openssl/evp.h>
#include <luajit-2.1/lua.hpp>
#include <nlohmann/json.hpp>

#include <array>
#include <memory>
#include <set>

namespace ropewalk::config {
namespace {

using nlohmann::json;

struct Script {
  std::string name;
  std::string text;
};

std::string md5_hex(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_md5(), nullptr);
  std::string out;
  for (unsigned i = 0; i < size; ++i) {
    out += "0123456789abcdef"[digest[i] >> 4];
    out += "0123456789abcdef"[digest[i] & 15];
  }
  return out;
}

// "" for a script that compiles; nothing of it runs.
std::string syntax_error(const Script& script) {
  const auto adapted = adapt_lua(script.text);
  if (!adapted) return adapted.error().message;
  const std::unique_ptr<lua_State, void (*)(lua_State*)> state(luaL_newstate(), lua_close);
  if (!state) return "no memory to compile it";
  const std::string name = "=" + script.name;
  if (luaL_loadbufferx(state.get(), script.text.data(), script.text.size(), name.c_str(), "t") == 0)
    return {};
  const char* text = lua_tostring(state.get(), -1);
  return text ? text : "does not compile";
}

class LuaReader {
 public:
  LuaReader(const ExtraValue& extra, LuaPlace place, Files& files, Diagnostics& diagnostics)
      : reader_(*extra.value, extra.path, diagnostics),
        place_(place),
        files_(files),
        diagnostics_(diagnostics) {}

  std::string read(const std::string& host) {
    json out = json::object();
    script("pre", out);
    script("post", out);
    read_sources();
    read_md5();
    for (const Script& source : sources_) out["sources"].push_back(entry(source));
    for (const Script& file : named_) out["files"].push_back(entry(file));
    const bool open = flag("allow_open_libs");
    const bool skip = flag("skip_next");
    if (open) out["allow_open_libs"] = true;
    if (skip && place_ == LuaPlace::endpoint)
      diagnostics_.warn(reader_.path_of("skip_next"),
                        "no effect here: lua-proxy and lua-backend have it");
    else if (skip)
      out["skip_next"] = true;
    if (!host.empty()) out["host"] = host;
    reader_.finish();
    const bool any = out.contains("pre") || out.contains("post") || out.contains("sources") ||
                     out.contains("skip_next");
    if (!any || diagnostics_.failed()) return {};
    return out.dump(-1, ' ', false, json::error_handler_t::replace);
  }

 private:
  static json entry(const Script& script) { return {{"name", script.name}, {"text", script.text}}; }

  bool compiles(const Script& script, const std::string& path) {
    const std::string problem = syntax_error(script);
    if (!problem.empty()) diagnostics_.refuse(path, "the script does not compile: " + problem);
    return problem.empty();
  }

  void script(const char* key, json& out) {
    const json* value = reader_.find(key);
    if (!value) return;
    const std::string path = reader_.path_of(key);
    if (!value->is_string()) {
      diagnostics_.refuse(path, "expected Lua code as text, got " + shown(*value));
      return;
    }
    const Script read{key, value->get<std::string>()};
    if (read.text.empty()) return;
    if (place_ == LuaPlace::endpoint && read.name == "post") {
      diagnostics_.refuse(path, "never runs at this level: only pre does");
      return;
    }
    if (!compiles(read, path)) return;
    out[key] = read.text;
    read_named(read.text, path);
  }

  void read_sources() {
    const json* sources = reader_.find("sources");
    const std::string path = reader_.path_of("sources");
    if (!sources) return;
    if (!sources->is_array()) {
      diagnostics_.refuse(path, "expected a list of file names, got " + shown(*sources));
      return;
    }
    for (std::size_t i = 0; i < sources->size(); ++i) {
      const json& name = (*sources)[i];
      if (!name.is_string()) {
        diagnostics_.refuse(child(path, i), "expected a file name, got " + shown(name));
        return;
      }
      auto text = files_.read(name.get<std::string>(), child(path, i), diagnostics_);
      if (!text) return;
      const Script source{name.get<std::string>(), std::move(*text)};
      if (!compiles(source, child(path, i))) return;
      sources_.push_back(source);
      read_named(source.text, child(path, i));
    }
  }

  void read_md5() {
    const json* live = reader_.find("live");
    if (live && !live->is_boolean())
      diagnostics_.warn(reader_.path_of("live"),
                        "ignored: expected true or false, got " + shown(*live));
    const json* sums = reader_.find("md5");
    if (!sums) return;
    const std::string path = reader_.path_of("md5");
    if (live && live->is_boolean() && live->get<bool>()) {
      diagnostics_.warn(path, "not checked together with live");
      return;
    }
    if (!sums->is_object()) {
      diagnostics_.refuse(path, "expected an object of file name and sum, got " + shown(*sums));
      return;
    }
    for (auto it = sums->begin(); it != sums->end(); ++it) {
      const std::string at = child(path, it.key());
      const Script* source = nullptr;
      for (const Script& known : sources_)
        if (known.name == it.key()) source = &known;
      if (!source)
        diagnostics_.refuse(at, "this file is not among the sources");
      else if (!it->is_string())
        diagnostics_.refuse(at, "expected the MD5 sum as text, got " + shown(*it));
      else if (const std::string sum = md5_hex(source->text); sum != it->get<std::string>())
        diagnostics_.refuse(at, "the file has the sum " + sum + ", expected " + shown(*it));
    }
  }

  // Files that a script loads itself come along, so that it needs no access to the machine.
  void read_named(const std::string& text, const std::string& path) {
    for (const std::string& name : lua_files(text)) {
      if (!seen_.insert(name).second) continue;
      std::vector<Warning> unheard;
      Diagnostics quiet(unheard);
      auto contents = files_.read(name, path, quiet);
      if (!contents) {
        diagnostics_.warn(path, "the script names the file " + name +
                                    ", which cannot be read: loading it will fail");
        continue;
      }
      const Script file{name, std::move(*contents)};
      if (!compiles(file, path)) return;
      named_.push_back(file);
      read_named(file.text, path);
    }
  }

  // As KrakenD: nothing but true counts.
  bool flag(const char* key) {
    const json* value = reader_.find(key);
    if (!value) return false;
    if (value->is_boolean()) return value->get<bool>();
    diagnostics_.warn(reader_.path_of(key),
                      "ignored: expected true or false, got " + shown(*value));
    return false;
  }

  Reader reader_;
  LuaPlace place_;
  Files& files_;
  Diagnostics& diagnostics_;
  std::vector<Script> sources_;
  std::vector<Script> named_;
  std::set<std::string> seen_;
};

}  // namespace

std::string read_lua(const ExtraValue& extra, LuaPlace place, const BlockContext& context,
                     Diagnostics& diagnostics) {
  if (!context.files) {
    diagnostics.refuse(extra.path, "scripts cannot be set here, only in the gateway's own file");
    return {};
  }
  if (!extra.value->is_object()) {
    diagnostics.refuse(extra.path, "expected an object, got " + shown(*extra.value));
    return {};
  }
  return LuaReader(extra, place, *context.files, diagnostics).read(context.host);
}

}  // namespace ropewalk::config
