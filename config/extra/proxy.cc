#include "config/extra/proxy.h"

#include "config/duration.h"
#include "config/extra/payload.h"
#include "config/extra/proxy_shaping.h"

#include <nlohmann/json.hpp>

namespace ropewalk::config {
namespace {

using nlohmann::json;

void warn_ineffective(Reader& reader, std::string_view key, std::string_view expected) {
  reader.diagnostics().warn(reader.path_of(key), "ignored: expected " + std::string(expected));
}

// "resp0_id" or "resp0": an answer of the sequence, or one member of it.
bool propagable(const std::string& name) {
  if (!name.starts_with("resp")) return false;
  const std::size_t end = name.find_first_not_of("0123456789", 4);
  return end > 4 && (end == std::string::npos || (name[end] == '_' && end + 1 < name.size()));
}

void read_propagated(Reader& reader, bool in_order, v1::Endpoint& out) {
  const json* names = reader.find("sequential_propagated_params");
  if (!names) return;
  if (!names->is_array()) return warn_ineffective(reader, "sequential_propagated_params", "a list");
  if (!in_order && !names->empty())
    reader.diagnostics().warn(reader.path_of("sequential_propagated_params"),
                              "no effect: only backends in sequence pass parameters on");
  for (std::size_t i = 0; i < names->size(); ++i) {
    const json& name = (*names)[i];
    const std::string at = child(reader.path_of("sequential_propagated_params"), i);
    if (!name.is_string())
      reader.diagnostics().refuse(at, "expected a name such as resp0_id, got " + shown(name));
    else if (!propagable(name.get_ref<const std::string&>()))
      reader.diagnostics().warn(at, "ignored: expected a name such as resp0_id");
    else if (in_order)
      out.add_propagated_params(name.get<std::string>());
  }
}

void read_order(Reader& reader, std::size_t backends, v1::Endpoint& out) {
  const json* strategy = reader.find("strategy");
  const json* sequential = reader.find("sequential");
  bool in_order = sequential && sequential->is_boolean() && sequential->get<bool>();
  if (sequential && !sequential->is_boolean())
    warn_ineffective(reader, "sequential", "true or false");
  // The key of 3.0 goes before the boolean.
  if (strategy && *strategy == "parallel") {
    in_order = false;
  } else if (strategy && *strategy == "sequential") {
    in_order = true;
  } else if (strategy) {
    reader.diagnostics().refuse(reader.path_of("strategy"),
                                "expected parallel or sequential, got " + shown(*strategy));
  }
  in_order &= backends > 1;
  out.set_sequential(in_order);
  read_propagated(reader, in_order, out);
}

bool readable(const ExtraValue& extra, Diagnostics& diagnostics) {
  if (extra.value->is_object()) return true;
  diagnostics.warn(extra.path, "ignored: expected an object, got " + shown(*extra.value));
  return false;
}

}  // namespace

void read_endpoint_proxy(const ExtraValue& extra, std::size_t backends, v1::Endpoint& out,
                         Diagnostics& diagnostics) {
  if (!readable(extra, diagnostics)) return;
  Reader reader(*extra.value, extra.path, diagnostics);
  read_order(reader, backends, out);
  ProxyOptions options;
  if (out.output_encoding() == v1::ENCODING_NO_OP)
    reader.ignore("static", "ignored: a no-op answer is passed as it is");
  else
    options.fixed = read_static(reader);
  if (backends > 1)
    options.flatmap = read_flatmap(reader);
  else
    reader.ignore("flatmap_filter", "ignored: at an endpoint it needs more than one backend");
  options.max_payload = read_max_payload(reader);
  if (const std::string text = to_text(options); !text.empty())
    (*out.mutable_extra_config())["proxy"] = text;
  if (const json* combiner = reader.find("combiner"); combiner && !combiner->is_string())
    diagnostics.refuse(reader.path_of("combiner"), "expected a text, got " + shown(*combiner));
  else if (combiner && *combiner != "default")
    diagnostics.warn(reader.path_of("combiner"), "only default exists and is used");
  reader.ignore("decompress_gzip", "not supported yet and without effect");
  reader.ignore("force_sandboxed_request");
  reader.finish();
}

void read_backend_proxy(const ExtraValue& extra, v1::Backend& out, Diagnostics& diagnostics) {
  if (!readable(extra, diagnostics)) return;
  Reader reader(*extra.value, extra.path, diagnostics);
  const ProxyOptions options{.flatmap = read_flatmap(reader)};
  if (const std::string text = to_text(options); !text.empty())
    (*out.mutable_extra_config())["proxy"] = text;
  if (const json* shadow = reader.find("shadow")) {
    if (!shadow->is_boolean())
      warn_ineffective(reader, "shadow", "true or false");
    else
      out.set_shadow(shadow->get<bool>());
  }
  const json* timeout = reader.find("shadow_timeout");
  if (!out.shadow()) {
    reader.ignore("shadow_timeout");
  } else if (timeout && !timeout->is_null()) {
    const auto parsed = timeout->is_string() ? parse_duration(timeout->get<std::string>())
                                             : std::optional<std::int64_t>();
    if (parsed)
      out.set_shadow_timeout_ns(*parsed > 0 ? *parsed : -1);
    else
      warn_ineffective(reader, "shadow_timeout", "a duration such as 300ms or 1m30s");
  }
  reader.finish();
}

}  // namespace ropewalk::config
