#include "config/template/engine.h"

#include "config/template/evaluate.h"
#include "config/template/parser.h"
#include "config/template/print.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <deque>

namespace ropewalk::config::templates {
namespace {

struct Source {
  std::string file;
  std::string text;
};

std::string placed(const Source& source, const Fault& fault) {
  const std::string_view before =
      std::string_view(source.text).substr(0, std::min(fault.at, source.text.size()));
  const auto line = std::ranges::count(before, '\n') + 1;
  const auto last = before.rfind('\n');
  const auto column = before.size() - (last == std::string_view::npos ? 0 : last + 1) + 1;
  return source.file + ":" + std::to_string(line) + ":" + std::to_string(column) +
         ": template: " + fault.message;
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
  auto parsed = parse_template(name, source.text, [](std::string_view word) {
    return word == "and" || word == "or" || find_function(word) != nullptr;
  });
  if (!parsed) return fail(Kind::config, placed(source, parsed.error()));
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
    return fail(Kind::config, placed(impl_->sources[out.error().source], out.error().fault));
  return std::move(*out);
}

}  // namespace ropewalk::config::templates
