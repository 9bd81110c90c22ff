#include "controller/objects/source.h"

#include "common/utf8.h"

#include <algorithm>
#include <string_view>

namespace ropewalk::controller {
namespace {

constexpr std::string_view kGateway = " [gateway ";
constexpr std::string_view kVersion = ", version ";
// As much as is written of a message: its end must not be cut off.
constexpr std::size_t kMaxMessage = 1024;

}  // namespace

std::string signed_message(const std::string& message, const std::string& gateway,
                           const std::string& version) {
  const std::string end = std::string(kGateway) + gateway + std::string(kVersion) + version + "]";
  const std::size_t room = kMaxMessage - std::min(end.size(), kMaxMessage);
  return cut_utf8(message, room, "...") + end;
}

std::string gateway_of(const std::string& message) {
  const auto begin = message.rfind(kGateway);
  if (begin == std::string::npos || !message.ends_with(']')) return {};
  const auto name = begin + kGateway.size();
  const auto end = message.find(kVersion, name);
  return end == std::string::npos ? "" : message.substr(name, end - name);
}

}  // namespace ropewalk::controller
