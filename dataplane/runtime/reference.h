// Reference counting for objects that never leave their worker: no atomics.
#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

namespace ropewalk::runtime {

template <class T>
using Counted = boost::intrusive_ref_counter<T, boost::thread_unsafe_counter>;
template <class T>
using Ref = boost::intrusive_ptr<T>;

}  // namespace ropewalk::runtime
