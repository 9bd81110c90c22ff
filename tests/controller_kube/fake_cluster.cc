#include "tests/controller_kube/fake_cluster.h"

#include "common/strings.h"

namespace ropewalk::controller::kube {

using nlohmann::json;

namespace {

std::string parameter(const std::string& query, const std::string& name) {
  for (const std::string_view piece : split(query, '&')) {
    if (piece.starts_with(name + "=")) return std::string(piece.substr(name.size() + 1));
  }
  return {};
}

// "metadata.name%3Dtls"
std::string selected(const std::string& query) {
  const std::string selector = parameter(query, "fieldSelector");
  const auto at = selector.find("%3D");
  return at == std::string::npos ? "" : selector.substr(at + 3);
}

FakeAnswer failure(int status, const std::string& reason) {
  return {.status = status, .body = json({{"reason", reason}, {"message", reason}}).dump()};
}

// What a strategic merge patch does to conditions (merge key type), a merge patch to the rest.
void merge_conditions(json& into, const json& patch) {
  json& conditions = into["status"]["conditions"];
  if (!conditions.is_array()) conditions = json::array();
  for (json entry : patch["status"]["conditions"]) {
    const bool deletes = entry.contains("$patch");
    json kept = json::array();
    json merged = json::object();
    for (const json& old : conditions) {
      if (old["type"] == entry["type"]) {
        merged = old;
      } else {
        kept.push_back(old);
      }
    }
    merged.merge_patch(entry);
    if (!deletes) kept.push_back(merged);
    conditions = std::move(kept);
  }
}

}  // namespace

FakeCluster::FakeCluster()
    : api_(std::make_unique<FakeApi>([this](const FakeRequest& r) { return handle(r); })) {}

ClusterConfig FakeCluster::config() const {
  ClusterConfig out;
  out.origin = "fake";
  out.host = out.server_name = "127.0.0.1";
  out.port = api_->port();
  out.ca_pem = api_->ca_pem();
  return out;
}

FakeCluster::Path FakeCluster::parse(const std::string& target) {
  Path out;
  const auto question = target.find('?');
  if (question != std::string::npos) out.query = target.substr(question + 1);
  std::vector<std::string> pieces;
  for (const std::string_view piece : split(target.substr(1, question - 1), '/')) {
    pieces.emplace_back(piece);
  }
  std::size_t at = pieces[0] == "api" ? 2 : 3;  // api/v1 or apis/group/version
  if (pieces[at] == "namespaces" && pieces.size() > at + 2) {
    out.space = pieces[at + 1];
    at += 2;
  }
  out.resource = pieces[at];
  if (pieces.size() > at + 1) out.name = pieces[at + 1];
  if (pieces.size() > at + 2) out.subresource = pieces[at + 2];
  return out;
}

FakeAnswer FakeCluster::handle(const FakeRequest& request) {
  const std::lock_guard lock(mutex_);
  if (!token_.empty() && request.authorization != "Bearer " + token_) {
    return failure(401, "Unauthorized");
  }
  const Path path = parse(request.target);
  if (request.method != "GET") return write(request, path);
  if (silent_.contains(path.resource)) return {.never = true};
  for (const std::string& refused : {path.resource, path.space + "/" + path.resource}) {
    if (const auto found = refused_.find(refused); found != refused_.end())
      return failure(found->second, "Forbidden");
  }
  return parameter(path.query, "watch") == "true" ? watch(path) : read(path);
}

FakeAnswer FakeCluster::read(const Path& path) {
  const auto& objects = objects_[path.resource];
  if (!path.name.empty()) {
    const auto found = objects.find({path.space, path.name});
    if (found == objects.end()) return failure(404, "NotFound");
    return {.body = found->second.dump()};
  }
  json items = json::array();
  for (const auto& [key, object] : objects) {
    if (path.space.empty() || key.first == path.space) items.push_back(object);
  }
  return {.body = json({{"metadata", {{"resourceVersion", std::to_string(version_)}}},
                        {"items", items}})
                      .dump()};
}

FakeAnswer FakeCluster::watch(const Path& path) {
  const bool initial = parameter(path.query, "sendInitialEvents") == "true";
  if (initial && !watch_list_) return failure(422, "Invalid");
  auto stream = std::make_shared<FakeStream>();
  const std::string name = selected(path.query);
  const std::string from = parameter(path.query, "resourceVersion");
  if (!initial && std::stoi(from) < expired_) {
    stream->push(
        json({{"type", "ERROR"}, {"object", {{"code", 410}, {"reason", "Expired"}}}}).dump() +
        "\n");
    stream->end();
    return {.stream = stream};
  }
  if (initial) {
    for (const auto& [key, object] : objects_[path.resource]) {
      if (!path.space.empty() && key.first != path.space) continue;
      if (!name.empty() && key.second != name) continue;
      stream->push(json({{"type", "ADDED"}, {"object", object}}).dump() + "\n");
    }
    stream->push(json({{"type", "BOOKMARK"},
                       {"object",
                        {{"metadata",
                          {{"resourceVersion", std::to_string(version_)},
                           {"annotations", {{"k8s.io/initial-events-end", "true"}}}}}}}})
                     .dump() +
                 "\n");
  }
  const Watcher& watcher = watchers_.emplace_back(path.resource, path.space, name, stream);
  for (const Change& change : log_) {
    if (!initial && change.version > std::stoi(from)) pass_on(watcher, change);
  }
  return {.stream = stream};
}

FakeAnswer FakeCluster::write(const FakeRequest& request, const Path& path) {
  const json body = json::parse(request.body);
  if (path.subresource == "status" && conflicts_ > 0) {
    --conflicts_;
    // Someone was faster: the object has another version now.
    const auto found = objects_[path.resource].find({path.space, path.name});
    if (found != objects_[path.resource].end()) store(path.resource, found->second);
  }
  auto& objects = objects_[path.resource];
  const std::string name =
      path.name.empty() ? body["metadata"]["name"].get<std::string>() : path.name;
  const auto found = objects.find({path.space, name});
  if (request.method == "POST") {
    if (found != objects.end()) return failure(409, "AlreadyExists");
    store(path.resource, body);
    return {.status = 201, .body = objects[{path.space, name}].dump()};
  }
  if (found == objects.end()) return failure(404, "NotFound");
  const json& meta = body.contains("metadata") ? body["metadata"] : json::object();
  if (meta.contains("resourceVersion") &&
      meta["resourceVersion"] != found->second["metadata"]["resourceVersion"]) {
    return failure(409, "Conflict");
  }
  json next = found->second;
  if (request.method == "PUT") {
    next = body;
  } else if (path.subresource == "status") {
    merge_conditions(next, body);
  } else {
    next.merge_patch(body);
  }
  store(path.resource, next);
  return {.body = objects[{path.space, name}].dump()};
}

void FakeCluster::store(const std::string& resource, json object) {
  const Key key{object["metadata"].value("namespace", ""), object["metadata"].value("name", "")};
  object["metadata"]["resourceVersion"] = std::to_string(++version_);
  const bool known = objects_[resource].contains(key);
  objects_[resource][key] = object;
  tell(resource, known ? "MODIFIED" : "ADDED", object);
}

void FakeCluster::tell(const std::string& resource, const std::string& type, const json& object) {
  const Change& change =
      log_.emplace_back(version_, resource, json({{"type", type}, {"object", object}}));
  const bool holds = resource == held_resource_;
  if (holds) held_.push_back(change);
  for (const Watcher& watcher : watchers_) {
    if (!holds) pass_on(watcher, change);
  }
  wake_.notify_all();
}

void FakeCluster::hold_watches(const std::string& resource) {
  const std::lock_guard lock(mutex_);
  held_resource_ = resource;
}

void FakeCluster::release(std::size_t changes) {
  const std::lock_guard lock(mutex_);
  for (; changes > 0 && !held_.empty(); --changes) {
    for (const Watcher& watcher : watchers_) pass_on(watcher, held_.front());
    held_.erase(held_.begin());
  }
}

void FakeCluster::pass_on(const Watcher& watcher, const Change& change) {
  const json& meta = change.event["object"]["metadata"];
  if (watcher.resource != change.resource) return;
  if (!watcher.space.empty() && watcher.space != meta.value("namespace", "")) return;
  if (!watcher.name.empty() && watcher.name != meta.value("name", "")) return;
  watcher.stream->push(change.event.dump() + "\n");
}

void FakeCluster::put(const std::string& resource, json object) {
  const std::lock_guard lock(mutex_);
  store(resource, std::move(object));
}

void FakeCluster::remove(const std::string& resource, const std::string& space,
                         const std::string& name) {
  const std::lock_guard lock(mutex_);
  json object = objects_[resource].at({space, name});
  objects_[resource].erase({space, name});
  object["metadata"]["resourceVersion"] = std::to_string(++version_);
  tell(resource, "DELETED", object);
}

json FakeCluster::object(const std::string& resource, const std::string& space,
                         const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto found = objects_[resource].find({space, name});
  return found == objects_[resource].end() ? json() : found->second;
}

std::vector<json> FakeCluster::all(const std::string& resource) {
  const std::lock_guard lock(mutex_);
  std::vector<json> out;
  for (const auto& [key, object] : objects_[resource]) out.push_back(object);
  return out;
}

void FakeCluster::refuse(const std::string& resource, int status) {
  const std::lock_guard lock(mutex_);
  if (status == 0) {
    refused_.erase(resource);
  } else {
    refused_[resource] = status;
  }
}

void FakeCluster::never_answer(const std::string& resource) {
  const std::lock_guard lock(mutex_);
  silent_.insert(resource);
}

void FakeCluster::demand_token(const std::string& token) {
  const std::lock_guard lock(mutex_);
  token_ = token;
}

void FakeCluster::without_watch_list() {
  const std::lock_guard lock(mutex_);
  watch_list_ = false;
}

void FakeCluster::expire() {
  const std::lock_guard lock(mutex_);
  expired_ = version_;
}

void FakeCluster::conflicts(int count) {
  const std::lock_guard lock(mutex_);
  conflicts_ = count;
}

bool FakeCluster::until(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    std::unique_lock lock(mutex_);
    // The condition may have come true before the lock: looked at again at the latest then.
    wake_.wait_for(lock, std::chrono::milliseconds(20));
    if (std::chrono::steady_clock::now() > deadline) return false;
  }
  return true;
}

}  // namespace ropewalk::controller::kube
