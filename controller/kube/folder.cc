#include "controller/kube/folder.h"

#include "common/files.h"
#include "controller/kube/store.h"
#include "controller/objects/manifests.h"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

namespace ropewalk::controller::kube {
namespace {

bool is_manifest(std::string_view name) {
  return !name.starts_with('.') &&
         (name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".json"));
}

Result<std::set<std::string>> manifests_in(const std::string& path) {
  std::set<std::string> out;
  std::error_code error;
  std::filesystem::directory_iterator at(path, error);
  for (; !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    const std::string name = at->path().filename().string();
    std::error_code ignored;
    if (is_manifest(name) && !at->is_directory(ignored)) out.insert(name);
  }
  if (error) {
    return fail(Kind::io, "cannot read folder " + path + ": " + error.message(), Origin::control);
  }
  return out;
}

}  // namespace

bool Folder::read_file_of(const std::string& name, File& file) {
  auto text = read_file(path_ + "/" + name);
  if (!text) {
    // Vanished between listing and reading: the next look decides.
    file.problem = text.error().message;
    return false;
  }
  if (*text == file.text && file.problem.empty()) return false;
  file.text = std::move(*text);
  auto objects = parse_manifests(name, file.text);
  if (!objects) {
    file.problem = objects.error().message;
    return false;
  }
  file.problem.clear();
  file.objects = std::move(*objects);
  return true;
}

ObjectSet Folder::collect() {
  ObjectSet out;
  std::map<std::pair<std::size_t, ObjectKey>, std::string> owners;
  for (auto& [name, file] : files_) {
    if (!file.problem.empty()) problems_.push_back({name, file.problem});
    for (const Object& object : file.objects) {
      const auto [at, fresh] = owners.try_emplace({object.index(), key_of(object)}, name);
      if (fresh) {
        insert(out, object);
        continue;
      }
      const ObjectKey key = key_of(object);
      problems_.push_back({name, name + ": " + to_string(static_cast<ObjectKind>(object.index())) +
                                     " " + key.namespace_ + "/" + key.name + " is already in " +
                                     at->second});
    }
  }
  return out;
}

bool Folder::read() {
  problems_.clear();
  auto names = manifests_in(path_);
  if (!names) {
    problems_.push_back({path_, names.error().message});
    return false;
  }
  bool changed =
      std::erase_if(files_, [&](const auto& f) { return !names->contains(f.first); }) > 0;
  for (const std::string& name : *names) changed = read_file_of(name, files_[name]) || changed;
  ObjectSet next = collect();
  if (!changed) return false;
  only_endpoints_ = next.services == objects_.services && next.secrets == objects_.secrets &&
                    next.config_maps == objects_.config_maps;
  objects_ = std::move(next);
  return true;
}

}  // namespace ropewalk::controller::kube
