#include "dataplane/compile/shaping.h"

#include "config/extra/proxy_options.h"

namespace ropewalk::compile {
namespace {

using Type = json::FlatmapOperation::Type;

json::FlatmapOperation operation_of(const config::FlatmapStep& step) {
  json::FlatmapOperation out;
  // An operation that does nothing deletes nothing.
  out.type = step.type == "move" ? Type::move : step.type == "append" ? Type::append : Type::del;
  for (const std::string& path : step.arguments) out.arguments.push_back(json::split_path(path));
  return out;
}

FixedAnswer::When when_of(const std::string& strategy) {
  using enum FixedAnswer::When;
  return strategy == "success"      ? success
         : strategy == "errored"    ? errored
         : strategy == "complete"   ? complete
         : strategy == "incomplete" ? incomplete
                                    : always;
}

}  // namespace

Result<Shaping> compile_shaping(const google::protobuf::Map<std::string, std::string>& extra) {
  Shaping out;
  const auto found = extra.find("proxy");
  if (found == extra.end()) return out;
  const auto options = config::parse_proxy(found->second);
  if (!options) return std::unexpected(options.error());
  for (const config::FlatmapStep& step : options->flatmap)
    out.flatmap.push_back(operation_of(step));
  out.max_payload = options->max_payload;
  if (options->fixed) {
    auto data = json::parse(options->fixed->data);
    if (!data || !data->is_object())
      return fail(Kind::config, "proxy.static: expected an object as data");
    out.fixed = FixedAnswer{when_of(options->fixed->strategy), std::move(*data)};
  }
  return out;
}

}  // namespace ropewalk::compile
