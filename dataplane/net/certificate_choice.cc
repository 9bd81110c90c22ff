#include "dataplane/net/certificate_choice.h"

#include "common/strings.h"

#include <algorithm>
#include <numeric>

namespace ropewalk::net {
namespace {

std::string normalized(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return to_lower(name);
}

}  // namespace

std::vector<std::size_t>& CertificateChoice::entry(const std::string& given) {
  const std::string name = normalized(given);
  return name.starts_with("*.") ? wildcard_[name.substr(1)] : exact_[name];
}

void CertificateChoice::add(const std::vector<std::string>& names, bool is_default) {
  const std::size_t index = size_++;
  for (const std::string& name : names) entry(name).push_back(index);
  if (is_default) defaults_.push_back(index);
}

void CertificateChoice::reserve(const std::vector<std::string>& names) {
  for (const std::string& name : names) entry(name);
}

std::optional<std::vector<std::size_t>> CertificateChoice::find(
    std::string_view server_name) const {
  const std::string name = normalized(server_name);
  std::optional<std::vector<std::size_t>> found;
  if (const auto at = exact_.find(name); at != exact_.end()) found = at->second;
  if (mode_ == Mode::kubernetes && found) return found;
  const std::size_t dot = name.find('.');
  if (dot == std::string::npos || dot == 0) return found;
  const auto at = wildcard_.find(name.substr(dot));
  if (at == wildcard_.end()) return found;
  if (!found) found.emplace();
  found->insert(found->end(), at->second.begin(), at->second.end());
  std::ranges::sort(*found);
  found->erase(std::ranges::unique(*found).begin(), found->end());
  return found;
}

std::vector<std::size_t> CertificateChoice::candidates(std::string_view server_name) const {
  if (!server_name.empty()) {
    if (auto found = find(server_name)) return std::move(*found);
    if (mode_ == Mode::files && defaults_.empty() && size_ > 0) return {0};
    return defaults_;
  }
  if (mode_ == Mode::kubernetes || !defaults_.empty()) return defaults_;
  // Without a name every certificate fits, so the first one that the client can verify is taken.
  std::vector<std::size_t> all(size_);
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

}  // namespace ropewalk::net
