// Hears what the readers of a configuration know: the path of an object, a key that is read there,
// and whether it is given. Keys that are known only to be ignored are left out. Called by the
// loading thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace ropewalk::config {

using KeyListener =
    std::function<void(const std::string& object, std::string_view key, bool present)>;

}  // namespace ropewalk::config
