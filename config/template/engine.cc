#include "config/template/engine.h"

#include "common/strings.h"
#include "config/template/evaluate.h"
#include "config/template/parser.h"
#include "config/template/print.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <deque>

namespace ropewalk::config::templates {
namespace {

// What Go's text/template and Sprig have besides what is built: a template that uses one of these
// works with KrakenD.
constexpr auto kMissing = std::to_array<std::string_view>({
    "ago",
    "bcrypt",
    "buildCustomCert",
    "call",
    "date_in_zone",
    "date_modify",
    "decryptAES",
    "derivePassword",
    "encryptAES",
    "genCA",
    "genCAWithKey",
    "genPrivateKey",
    "genSelfSignedCert",
    "genSelfSignedCertWithKey",
    "genSignedCert",
    "genSignedCertWithKey",
    "getHostByName",
    "hello",
    "htmlDateInZone",
    "htpasswd",
    "must_date_modify",
    "randAlpha",
    "randAlphaNum",
    "randAscii",
    "randBytes",
    "randNumeric",
    "uuidv4",
});

Word word_of(std::string_view name) {
  if (name == "and" || name == "or" || find_function(name)) return Word::function;
  return std::ranges::find(kMissing, name) == kMissing.end() ? Word::unknown : Word::missing;
}

Kind kind_of(Cause cause) {
  if (cause == Cause::limit) return Kind::too_large;
  return cause == Cause::missing ? Kind::not_found : Kind::config;
}

struct Source {
  std::string file;
  std::string text;
};

// "file:line:column"
std::string place_of(const Source& source, std::size_t at) {
  const std::string_view before =
      std::string_view(source.text).substr(0, std::min(at, source.text.size()));
  const auto line = std::ranges::count(before, '\n') + 1;
  const auto last = before.rfind('\n');
  const auto column = before.size() - (last == std::string_view::npos ? 0 : last + 1) + 1;
  return source.file + ":" + std::to_string(line) + ":" + std::to_string(column);
}

std::string placed(const Source& source, const Fault& fault) {
  return place_of(source, fault.at) + ": template: " + fault.message;
}

// What stands between the braces, from `at` on.
std::string action_at(const Source& source, std::size_t at) {
  constexpr std::size_t kShown = 80;
  const std::string_view rest = std::string_view(source.text).substr(at);
  std::string_view action = rest.substr(0, rest.find("}}"));
  if (action.ends_with(" -")) action.remove_suffix(2);
  action = trim(action, " \t\r\n");
  return std::string(action.substr(0, kShown)) + (action.size() > kShown ? "..." : "");
}

}  // namespace

struct Engine::Impl {
  Environment environment;
  std::deque<Source> sources;
  Templates all;
};

Engine::Engine(Environment environment) : impl_(std::make_unique<Impl>()) {
  impl_->environment = std::move(environment);
}

Engine::~Engine() = default;

Result<void> Engine::add(const std::string& name, const std::string& file, std::string text) {
  const Source& source = impl_->sources.emplace_back(Source{file, std::move(text)});
  auto parsed = parse_template(name, source.text, word_of);
  if (!parsed) return fail(kind_of(parsed.error().cause), placed(source, parsed.error()));
  for (Template& entry : parsed->templates) {
    entry.source = impl_->sources.size() - 1;
    std::string key = entry.name;
    if (entry.empty() && impl_->all.contains(key)) continue;
    impl_->all.insert_or_assign(std::move(key), std::move(entry));
  }
  return {};
}

Result<std::string> Engine::execute(const std::string& name, const nlohmann::json& data) const {
  const auto start = impl_->all.find(name);
  if (start == impl_->all.end())
    return fail(Kind::config, "template: \"" + name + "\" not defined");
  Heap heap;
  Context context{heap, impl_->environment};
  auto out = run_template(start->second, impl_->all, context, from_json(data, heap));
  if (!out)
    return fail(kind_of(out.error().fault.cause),
                placed(impl_->sources[out.error().source], out.error().fault));
  if (impl_->environment.no_value)
    for (const auto& [source, at] : context.without_value)
      impl_->environment.no_value(place_of(impl_->sources[source], at),
                                  action_at(impl_->sources[source], at));
  return std::move(*out);
}

}  // namespace ropewalk::config::templates
