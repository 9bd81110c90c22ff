// reflect.DeepEqual: types count, so 1 and 1.0 differ. Pure.
#pragma once

#include "config/template/value.h"

namespace ropewalk::config::templates {

bool equal_deeply(const Value& one, const Value& other);

}  // namespace ropewalk::config::templates
