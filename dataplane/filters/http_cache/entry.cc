#include "dataplane/filters/http_cache/entry.h"

#include "common/strings.h"

#include <algorithm>
#include <array>
#include <utility>

namespace ropewalk::http_cache {
namespace {

using Pairs = std::vector<std::pair<std::string_view, std::string_view>>;

// Every name in every Vary line.
template <class Use>
void each_varied(const http::Fields& fields, Use use) {
  for (const http::Field& field : fields) {
    if (!iequals(field.name, "Vary")) continue;
    for (const std::string_view part : split(field.value, ','))
      if (const std::string_view name = trim(part); !name.empty()) use(name);
  }
}

// All lines of a field as one.
std::string lines_of(const http::Fields& fields, std::string_view name) {
  std::string out;
  bool first = true;
  for (const http::Field& field : fields) {
    if (!iequals(field.name, name)) continue;
    if (!std::exchange(first, false)) out += ',';
    out += field.value;
  }
  return out;
}

// A body that is still packed belongs to those who can unpack it.
bool packed(const http::Fields& fields) {
  const std::string_view coding = fields.value(http::FieldId::content_encoding);
  return !coding.empty() && !iequals(coding, "identity");
}

std::shared_ptr<Entry> build(unsigned status, const Pairs& fields, const http::Fields& request,
                             std::string body) {
  auto entry = std::make_shared<Entry>();
  entry->status = status;
  entry->body = std::move(body);
  std::size_t size = 0;
  for (const auto& [name, value] : fields) size += name.size() + value.size();
  entry->text.reserve(size);  // the views below stay valid
  const auto keep = [&](std::string_view text) {
    entry->text += text;
    return std::string_view(entry->text).substr(entry->text.size() - text.size());
  };
  for (const auto& [name, value] : fields) {
    const std::string_view kept = keep(name);
    entry->fields.add(kept, keep(value), http::field_id(kept));
  }
  entry->etag = value_of(entry->fields, "ETag");
  entry->last_modified = value_of(entry->fields, "Last-Modified");
  const Directives control(entry->fields.value(http::FieldId::cache_control));
  entry->lifetime = Lifetime::of(control, entry->fields.value(http::FieldId::date),
                                 value_of(entry->fields, "Expires"));
  const auto vary = [&](std::string_view name) {
    if (name == "*") entry->any_request = false;
    entry->varied.emplace_back(name, lines_of(request, name));
  };
  each_varied(entry->fields, vary);
  if (packed(entry->fields)) vary("Accept-Encoding");
  return entry;
}

}  // namespace

void add_part(std::string& out, std::string_view part) {
  out.append(std::to_string(part.size())).append(1, ':').append(part);
}

std::string_view value_of(const http::Fields& fields, std::string_view name) {
  const http::Field* found = pipeline::find_field(fields, name);
  return found ? found->value : std::string_view{};
}

std::size_t Entry::bytes() const {
  std::size_t all = text.size() + body.size();
  for (const auto& field : varied) all += sizeof field + field.first.size() + field.second.size();
  return all;
}

bool Entry::matches(const http::Fields& request) const {
  return any_request && std::ranges::all_of(varied, [&](const auto& field) {
           return lines_of(request, field.first) == field.second;
         });
}

std::string Entry::variant_of(const http::Fields& request) const {
  std::string out;
  for (const auto& [name, value] : varied) {
    add_part(out, name);
    add_part(out, lines_of(request, name));
  }
  return out;
}

std::shared_ptr<const Entry> make_entry(const http::Fields& request,
                                        const pipeline::Response& response) {
  Pairs fields;
  for (const http::Field& field : response.headers) fields.emplace_back(field.name, field.value);
  return build(response.status, fields, request, response.body);
}

std::shared_ptr<const Entry> refreshed(const Entry& old, const http::Fields& request,
                                       const http::Fields& news) {
  constexpr std::array<std::string_view, 4> kOfTheBody{"Content-Length", "Content-Encoding",
                                                       "Content-Range", "Transfer-Encoding"};
  const auto counts = [&](const http::Field& field) {
    return std::ranges::none_of(kOfTheBody,
                                [&](std::string_view name) { return iequals(name, field.name); });
  };
  Pairs fields;
  for (const http::Field& field : old.fields) {
    const http::Field* other = pipeline::find_field(news, field.name);
    if (!other || !counts(*other)) fields.emplace_back(field.name, field.value);
  }
  for (const http::Field& field : news)
    if (counts(field)) fields.emplace_back(field.name, field.value);
  return build(old.status, fields, request, old.body);
}

void copy_to(const Entry& entry, pipeline::Response& response) {
  response.status = entry.status;
  response.headers = entry.fields;
  response.body = entry.body;
}

bool storable(const http::Fields& request, const Directives& asked, unsigned status,
              const Directives& answer) {
  constexpr unsigned kPartial = 206;
  constexpr unsigned kNotModified = 304;
  if (status == kPartial || status == kNotModified || status < 200) return false;
  if (asked.has("no-store") || answer.has("no-store") || answer.has("private")) return false;
  const bool authorised = request.find(http::FieldId::authorization) != nullptr;
  return !authorised || answer.has("public") || answer.has("s-maxage") ||
         answer.has("must-revalidate");
}

}  // namespace ropewalk::http_cache
