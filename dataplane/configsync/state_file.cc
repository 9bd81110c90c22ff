#include "dataplane/configsync/state_file.h"

#include "common/files.h"
#include "common/strings.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/util/delimited_message_util.h>

#include <unistd.h>

#include <string_view>

namespace ropewalk::configsync {
namespace {

// Four lines of text, then one length-delimited Resource after the other.
constexpr std::string_view kFormat = "ropewalk-state 1";

std::string header(const std::string& gateway) {
  return std::string(kFormat) + "\nschema " + std::to_string(kSchemaVersion) + "\ngateway " +
         gateway + "\n";
}

std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

}  // namespace

StateFile::StateFile(const std::string& directory, std::string gateway)
    : path_(directory + "/snapshot"), gateway_(std::move(gateway)) {}

Result<ResourceMap> StateFile::load() const {
  if (::access(path_.c_str(), F_OK) != 0) return fail(Kind::not_found, "no snapshot in " + path_);
  const auto contents = read_file(path_);
  if (!contents) return std::unexpected(contents.error());
  const auto refuse = [&](const std::string& why) {
    return fail(Kind::config, "snapshot " + path_ + " is ignored: " + why);
  };
  std::string_view rest = *contents;
  if (take_line(rest) != kFormat) return refuse("not a snapshot of this program");
  if (take_line(rest) != "schema " + std::to_string(kSchemaVersion))
    return refuse("written for another schema version");
  if (take_line(rest) != "gateway " + gateway_) return refuse("it belongs to another gateway");
  if (take_line(rest) != "sha256 " + sha256_hex(header(gateway_) + std::string(rest)))
    return refuse("its checksum is wrong");

  ResourceMap out;
  google::protobuf::io::ArrayInputStream stream(rest.data(), static_cast<int>(rest.size()));
  for (;;) {
    auto resource = std::make_shared<config::v1::Resource>();
    bool clean_end = false;
    if (!google::protobuf::util::ParseDelimitedFromZeroCopyStream(resource.get(), &stream,
                                                                  &clean_end)) {
      if (clean_end) return out;
      return refuse("a resource in it cannot be read");
    }
    if (resource->name().empty() || resource->hash().empty())
      return refuse("a resource in it has no name or hash");
    out[resource->name()] = std::move(resource);
  }
}

Result<void> StateFile::save(const ResourceMap& resources) const {
  std::string body;
  {
    google::protobuf::io::StringOutputStream stream(&body);
    google::protobuf::io::CodedOutputStream coded(&stream);
    for (const auto& [name, resource] : resources)
      google::protobuf::util::SerializeDelimitedToCodedStream(*resource, &coded);
  }
  const std::string head = header(gateway_);
  return write_file_atomically(path_, head + "sha256 " + sha256_hex(head + body) + "\n" + body,
                               0600);
}

}  // namespace ropewalk::configsync
