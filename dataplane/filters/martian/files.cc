// static.Modifier: answers come from files of a folder, and nobody is called.
#include "dataplane/filters/martian/modifier.h"
#include "dataplane/filters/martian/serve.h"

#include "common/files.h"
#include "common/strings.h"

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <map>
#include <utility>

namespace ropewalk::martian {
namespace {

constexpr std::size_t kLargest = std::size_t{32} << 20;

// Go's own table of common types; "" for an extension that it does not have.
std::string type_of(const std::string& file) {
  static constexpr auto kTypes = std::to_array<std::pair<std::string_view, std::string_view>>({
      {".avif", "image/avif"},
      {".css", "text/css; charset=utf-8"},
      {".csv", "text/csv; charset=utf-8"},
      {".gif", "image/gif"},
      {".htm", "text/html; charset=utf-8"},
      {".html", "text/html; charset=utf-8"},
      {".ico", "image/vnd.microsoft.icon"},
      {".jpeg", "image/jpeg"},
      {".jpg", "image/jpeg"},
      {".js", "text/javascript; charset=utf-8"},
      {".json", "application/json"},
      {".mjs", "text/javascript; charset=utf-8"},
      {".pdf", "application/pdf"},
      {".png", "image/png"},
      {".svg", "image/svg+xml"},
      {".txt", "text/plain; charset=utf-8"},
      {".wasm", "application/wasm"},
      {".webp", "image/webp"},
      {".xml", "text/xml; charset=utf-8"},
      {".zip", "application/zip"},
  });
  const std::string extension = to_lower(std::filesystem::path(file).extension().string());
  for (const auto& [known, type] : kTypes)
    if (known == extension) return std::string(type);
  return {};
}

// What is asked for below "/", without a way above it.
std::string clean(const std::string& path) {
  std::string out = std::filesystem::path("/" + path).lexically_normal().string();
  while (out.size() > 1 && out.ends_with('/')) out.pop_back();
  return out;
}

class Files final : public Modifier {
 public:
  explicit Files(const json::Value& fields) : root_(text_of(fields, "rootPath")) {
    if (root_.empty()) root_ = ".";
    const json::Value* paths = fields.find("explicitPaths");
    if (!paths || !paths->is_object()) return;
    for (const json::Value::Member& member : paths->members())
      if (member.value.is_string()) named_[member.key] = member.value.string();
  }
  bool replaces_answer_body() const override { return true; }

  Result<void> request(Exchange& exchange) const override {
    exchange.skips_call = true;
    return {};
  }

  // A missing file is 404 over whatever there is.
  Result<void> response(Exchange& exchange) const override {
    const std::string wanted = clean(exchange.url.path);
    const auto named = named_.find(wanted);
    const std::string file =
        std::filesystem::path(root_ + "/" + (named == named_.end() ? wanted : named->second))
            .lexically_normal()
            .string();
    struct stat info{};
    if (::stat(file.c_str(), &info) != 0) {
      if (errno != ENOENT) return unreadable();
      exchange.response.status = 404;
      return {};
    }
    if (!S_ISREG(info.st_mode)) return unreadable();
    if (static_cast<std::size_t>(info.st_size) > kLargest)
      return fail(Kind::too_large, "the file is larger than 32 MiB");
    auto text = read_file(file);
    if (!text) return unreadable();
    return serve(exchange, type_of(file), *text);
  }

 private:
  // Without the name: the client may see this text.
  static std::unexpected<Error> unreadable() {
    return fail(Kind::io, "static.Modifier: the file cannot be read");
  }

  std::string root_;
  std::map<std::string, std::string> named_;  // paths that have a file of their own, below root_
};

}  // namespace

Result<ModifierPtr> build_files(const std::string& name, const json::Value& fields) {
  if (name != "static.Modifier") return nullptr;
  return std::make_unique<Files>(fields);
}

}  // namespace ropewalk::martian
