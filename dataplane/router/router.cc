#include "dataplane/router/router.h"

#include "common/strings.h"
#include "dataplane/http/target.h"
#include "dataplane/router/path.h"
#include "dataplane/router/tree.h"
#include "dataplane/router/tree_builder.h"

#include <algorithm>
#include <bit>
#include <map>
#include <optional>
#include <unordered_map>

namespace ropewalk::router {
namespace {

constexpr std::size_t kMaxHostSize = 255;
const std::string kAllowAny = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

// Never answered by a route that takes any method: they are not about a resource behind a gateway.
bool is_reserved(std::string_view method) { return method == "CONNECT" || method == "TRACE"; }

struct Hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};
using SiteIndex = std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>>;

// The routes of one hostname.
struct Site {
  std::array<Tree, kMaxMethods> trees;  // by method; routes of any method are in each that is used
  Tree any;                             // for the methods without a tree
};

// Lower case, without port and without the dot of the root.
class HostName {
 public:
  explicit HostName(std::string_view host) {
    if (!host.starts_with('[')) host = host.substr(0, host.find(':'));
    if (const std::size_t bracket = host.find(']'); bracket != std::string_view::npos)
      host = host.substr(0, bracket + 1);
    if (host.ends_with('.')) host.remove_suffix(1);
    if (host.size() > kMaxHostSize) return;
    std::transform(host.begin(), host.end(), text_.begin(), lower);
    size_ = host.size();
  }
  std::string_view text() const { return {text_.data(), size_}; }
  // Behind the first label.
  std::string_view parent() const {
    const std::size_t dot = text().find('.');
    return dot == std::string_view::npos || dot == 0 ? std::string_view{} : text().substr(dot + 1);
  }

 private:
  std::array<char, kMaxHostSize> text_;
  std::size_t size_ = 0;
};

// "" any, "example.com", "*.example.com".
std::string site_key(std::string_view hostname) {
  if (hostname == "*") return "";
  std::string key = to_lower(hostname);
  if (key.ends_with('.')) key.pop_back();
  return key;
}

}  // namespace

std::string location(std::string path) {
  const std::size_t slashes = std::min(path.find_first_not_of('/'), path.size());
  if (slashes > 1) path.erase(0, slashes - 1);
  return http::escape_path(path);
}

struct Router::Impl {
  struct Levels {
    std::array<const Site*, 3> sites{};
    std::size_t count = 0;
    void add(const Site& site) { sites[count++] = &site; }
    auto begin() const { return sites.begin(); }
    auto end() const { return sites.begin() + static_cast<std::ptrdiff_t>(count); }
  };

  std::vector<std::string> methods;  // in the order of first registration
  std::vector<std::string> allow;    // by set of methods
  std::vector<Site> sites;
  SiteIndex exact;
  SiteIndex wildcard;  // by what follows "*."
  std::uint32_t any = kNone;

  std::size_t method_index(std::string_view method) const {
    return static_cast<std::size_t>(std::find(methods.begin(), methods.end(), method) -
                                    methods.begin());
  }
  Levels levels(std::string_view host) const;
  const Tree* tree(const Site& site, std::size_t method, std::string_view name) const;
  void find(const Levels& levels, std::string_view method, std::string_view path,
            Match& match) const;
  const std::string* other_methods(const Levels& levels, std::size_t method, std::string_view name,
                                   std::string_view path) const;
};

Router::Impl::Levels Router::Impl::levels(std::string_view host) const {
  Levels result;
  if (!exact.empty() || !wildcard.empty()) {
    const HostName name(host);
    if (const auto site = exact.find(name.text()); site != exact.end())
      result.add(sites[site->second]);
    if (const std::string_view parent = name.parent(); !wildcard.empty() && !parent.empty())
      if (const auto site = wildcard.find(parent); site != wildcard.end())
        result.add(sites[site->second]);
  }
  if (any != kNone) result.add(sites[any]);
  return result;
}

const Tree* Router::Impl::tree(const Site& site, std::size_t method, std::string_view name) const {
  if (method < methods.size() && !site.trees[method].empty()) return &site.trees[method];
  return is_reserved(name) ? nullptr : &site.any;
}

void Router::Impl::find(const Levels& of, std::string_view method, std::string_view path,
                        Match& match) const {
  const std::size_t index = method_index(method);
  for (const Site* site : of) {
    const Tree* routes = tree(*site, index, method);
    if (!routes) continue;
    const Tree::Value value = routes->find(path, match.parameters.data());
    if (value.id == kNone) continue;
    match.outcome = Match::Outcome::found;
    match.id = value.id;
    match.parameter_count = value.parameters;
    return;
  }
  match.allow = other_methods(of, index, method, path);
  if (match.allow) match.outcome = Match::Outcome::method_not_allowed;
}

const std::string* Router::Impl::other_methods(const Levels& of, std::size_t method,
                                               std::string_view name, std::string_view path) const {
  std::array<std::string_view, kMaxParameters> unused;
  std::size_t set = 0;
  for (const Site* site : of) {
    if (is_reserved(name) && site->any.find(path, unused.data()).id != kNone) return &kAllowAny;
    for (std::size_t i = 0; i < methods.size(); ++i)
      if (i != method && site->trees[i].find(path, unused.data()).id != kNone)
        set |= std::size_t{1} << i;
  }
  return set == 0 ? nullptr : &allow[set];
}

namespace {

// Collects routes site by site and method by method before the trees are laid out.
class RouterBuilder {
 public:
  explicit RouterBuilder(std::vector<Router::Problem>& problems) : problems_(problems) {}

  void declare(const Route& route);
  void add(const Route& route);

  struct SiteBuilder {
    std::map<std::size_t, TreeBuilder> trees;
    TreeBuilder any;
  };
  std::vector<std::string> methods;
  std::map<std::string, SiteBuilder> sites;

 private:
  std::optional<std::size_t> method_index(std::string_view method);
  static std::vector<std::string> keys(const Route& route);

  std::vector<Router::Problem>& problems_;
};

std::vector<std::string> RouterBuilder::keys(const Route& route) {
  std::vector<std::string> result;
  for (const std::string& hostname : route.hostnames) result.push_back(site_key(hostname));
  if (result.empty()) result.emplace_back();
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

std::optional<std::size_t> RouterBuilder::method_index(std::string_view method) {
  const auto found = std::find(methods.begin(), methods.end(), method);
  if (found != methods.end()) return static_cast<std::size_t>(found - methods.begin());
  if (methods.size() == kMaxMethods) return std::nullopt;
  methods.emplace_back(method);
  return methods.size() - 1;
}

// Every tree must be there before routes of any method go into each.
void RouterBuilder::declare(const Route& route) {
  for (const std::string& key : keys(route)) {
    SiteBuilder& site = sites[key];
    if (route.method == "*") continue;
    if (const auto method = method_index(route.method)) site.trees.try_emplace(*method);
  }
}

void RouterBuilder::add(const Route& route) {
  const auto problem = [&](std::string text) { problems_.push_back({route.id, std::move(text)}); };
  const Result<Pattern> pattern = parse_pattern(route.path, route.wildcard);
  if (!pattern) return problem(pattern.error().message);
  const bool any = route.method == "*";
  const auto rank = any ? TreeBuilder::Rank::any_method : TreeBuilder::Rank::own_method;
  std::vector<TreeBuilder*> trees;
  for (const std::string& key : keys(route)) {
    SiteBuilder& site = sites.at(key);
    if (any) {
      for (auto& [method, tree] : site.trees) trees.push_back(&tree);
      trees.push_back(&site.any);
    } else {
      const auto method = method_index(route.method);
      if (!method)
        return problem("more than " + std::to_string(kMaxMethods) + " different methods");
      trees.push_back(&site.trees.at(*method));
    }
  }
  for (const TreeBuilder* tree : trees)
    if (const std::string conflict = tree->conflict(*pattern, rank); !conflict.empty())
      return problem(route.method + " " + route.path + ": " + conflict);
  for (TreeBuilder* tree : trees) tree->add(*pattern, route.id, rank);
}

}  // namespace

Router Router::build(const std::vector<Route>& routes, std::vector<Problem>& problems) {
  RouterBuilder builder(problems);
  for (const Route& route : routes) builder.declare(route);
  for (const Route& route : routes) builder.add(route);

  auto impl = std::make_unique<Impl>();
  for (const auto& [key, from] : builder.sites) {
    const auto index = static_cast<std::uint32_t>(impl->sites.size());
    Site& site = impl->sites.emplace_back();
    for (const auto& [method, tree] : from.trees) site.trees[method] = tree.build();
    site.any = from.any.build();
    if (key.empty())
      impl->any = index;
    else if (key.starts_with("*."))
      impl->wildcard.emplace(key.substr(2), index);
    else
      impl->exact.emplace(key, index);
  }
  impl->methods = std::move(builder.methods);
  impl->allow.resize(std::size_t{1} << impl->methods.size());
  for (std::size_t set = 1; set < impl->allow.size(); ++set) {
    const auto last = static_cast<std::size_t>(std::bit_width(set)) - 1;
    const std::string& others = impl->allow[set & ~(std::size_t{1} << last)];
    impl->allow[set] = others.empty() ? impl->methods[last] : others + ", " + impl->methods[last];
  }
  Router router;
  router.impl_ = std::move(impl);
  return router;
}

Router::Router() : impl_(std::make_unique<const Impl>()) {}
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;
Router::~Router() = default;

Match Router::match(std::string_view host, std::string_view method, std::string_view path) const {
  Match match;
  const Impl::Levels levels = impl_->levels(host);
  if (path.find('%') == std::string_view::npos) {
    impl_->find(levels, method, path, match);
    return match;
  }
  const DecodedPath decoded(path);
  impl_->find(levels, method, decoded.text(), match);
  for (std::size_t i = 0; i < match.parameter_count; ++i)
    match.parameters[i] = decoded.raw(match.parameters[i]);
  return match;
}

std::string Router::redirect_trailing_slash(std::string_view host, std::string_view method,
                                            std::string_view path) const {
  const DecodedPath decoded(path);
  if (decoded.text() == "/" || method == "CONNECT") return "";
  std::array<std::string_view, kMaxParameters> unused;
  const std::size_t index = impl_->method_index(method);
  for (const Site* site : impl_->levels(host)) {
    const Tree* tree = impl_->tree(*site, index, method);
    if (!tree) continue;
    const Tree::Value value = tree->find(decoded.text(), unused.data());
    if (value.id != kNone) return "";
    if (value.slash) return location(toggle_trailing_slash(decoded.text()));
  }
  return "";
}

std::string Router::redirect_fixed_path(std::string_view host, std::string_view method,
                                        std::string_view path) const {
  const DecodedPath decoded(path);
  if (decoded.text() == "/" || method == "CONNECT") return "";
  const std::string clean = clean_decoded(decoded.text());
  const std::size_t index = impl_->method_index(method);
  for (const Site* site : impl_->levels(host)) {
    const Tree* tree = impl_->tree(*site, index, method);
    if (!tree) continue;
    if (std::string fixed = tree->find_ignoring_case(clean); !fixed.empty())
      return location(std::move(fixed));
  }
  return "";
}

}  // namespace ropewalk::router
