// reflect.DeepEqual: types count, so 1 and 1.0 differ. Pure. Each comparison costs some of the
// budget; without one the answer is false.
#pragma once

#include "config/template/budget.h"
#include "config/template/value.h"

namespace ropewalk::config::templates {

bool equal_deeply(const Value& one, const Value& other, Budget& budget);

}  // namespace ropewalk::config::templates
