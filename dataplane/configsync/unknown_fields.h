// Skew must never open a door: a resource of a newer controller that says something this build
// does not understand is refused, not served without it. Pure; any thread.
#pragma once

#include <google/protobuf/message.h>

#include <string>

namespace ropewalk::configsync {

// "" or where the first field, or value of an enumeration, stands that this build does not know:
// "endpoint.field 31", "backend.encoding 99".
std::string find_unknown(const google::protobuf::Message& message);

}  // namespace ropewalk::configsync
