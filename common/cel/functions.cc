#include "common/cel/functions.h"

#include <algorithm>
#include <array>

namespace ropewalk::cel {
namespace {

namespace f = functions;

// clang-format off
constexpr auto kOverloads = std::to_array<Overload>({
    {"!_", false, "bool", "bool"},
    {"-_", false, "double", "double"},
    {"-_", false, "int", "int"},
    {"_==_", false, "A,A", "bool"},
    {"_!=_", false, "A,A", "bool"},
    {"_+_", false, "bytes,bytes", "bytes"},
    {"_+_", false, "double,double", "double"},
    {"_+_", false, "duration,duration", "duration"},
    {"_+_", false, "duration,timestamp", "timestamp"},
    {"_+_", false, "timestamp,duration", "timestamp"},
    {"_+_", false, "int,int", "int"},
    {"_+_", false, "list(A),list(A)", "list(A)"},
    {"_+_", false, "string,string", "string"},
    {"_+_", false, "uint,uint", "uint"},
    {"_-_", false, "double,double", "double"},
    {"_-_", false, "duration,duration", "duration"},
    {"_-_", false, "int,int", "int"},
    {"_-_", false, "timestamp,duration", "timestamp"},
    {"_-_", false, "timestamp,timestamp", "duration"},
    {"_-_", false, "uint,uint", "uint"},
    {"_*_", false, "double,double", "double"},
    {"_*_", false, "int,int", "int"},
    {"_*_", false, "uint,uint", "uint"},
    {"_/_", false, "double,double", "double"},
    {"_/_", false, "int,int", "int"},
    {"_/_", false, "uint,uint", "uint"},
    {"_%_", false, "int,int", "int"},
    {"_%_", false, "uint,uint", "uint"},
    {"@in", false, "A,list(A)", "bool"},
    {"@in", false, "A,map(A,B)", "bool"},
    {"_[_]", false, "list(A),int", "A"},
    {"_[_]", false, "map(A,B),A", "B"},
    {"size", false, "bytes", "int"},
    {"size", false, "list(A)", "int"},
    {"size", false, "map(A,B)", "int"},
    {"size", false, "string", "int"},
    {"size", true, "bytes", "int"},
    {"size", true, "list(A)", "int"},
    {"size", true, "map(A,B)", "int"},
    {"size", true, "string", "int"},
    {"contains", true, "string,string", "bool"},
    {"endsWith", true, "string,string", "bool"},
    {"startsWith", true, "string,string", "bool"},
    {"matches", false, "string,string", "bool"},
    {"matches", true, "string,string", "bool"},
    {"type", false, "A", "type"},
    {"dyn", false, "A", "dyn"},
    {"bool", false, "bool", "bool"},
    {"bool", false, "string", "bool"},
    {"bytes", false, "bytes", "bytes"},
    {"bytes", false, "string", "bytes"},
    {"double", false, "double", "double"},
    {"double", false, "int", "double"},
    {"double", false, "string", "double"},
    {"double", false, "uint", "double"},
    {"duration", false, "duration", "duration"},
    {"duration", false, "int", "duration"},
    {"duration", false, "string", "duration"},
    {"int", false, "int", "int"},
    {"int", false, "double", "int"},
    {"int", false, "duration", "int"},
    {"int", false, "string", "int"},
    {"int", false, "timestamp", "int"},
    {"int", false, "uint", "int"},
    {"string", false, "string", "string"},
    {"string", false, "bool", "string"},
    {"string", false, "bytes", "string"},
    {"string", false, "double", "string"},
    {"string", false, "duration", "string"},
    {"string", false, "int", "string"},
    {"string", false, "timestamp", "string"},
    {"string", false, "uint", "string"},
    {"timestamp", false, "timestamp", "timestamp"},
    {"timestamp", false, "int", "timestamp"},
    {"timestamp", false, "string", "timestamp"},
    {"uint", false, "uint", "uint"},
    {"uint", false, "double", "uint"},
    {"uint", false, "int", "uint"},
    {"uint", false, "string", "uint"},
    {"getFullYear", true, "timestamp", "int"},
    {"getFullYear", true, "timestamp,string", "int"},
    {"getMonth", true, "timestamp", "int"},
    {"getMonth", true, "timestamp,string", "int"},
    {"getDayOfYear", true, "timestamp", "int"},
    {"getDayOfYear", true, "timestamp,string", "int"},
    {"getDayOfMonth", true, "timestamp", "int"},
    {"getDayOfMonth", true, "timestamp,string", "int"},
    {"getDate", true, "timestamp", "int"},
    {"getDate", true, "timestamp,string", "int"},
    {"getDayOfWeek", true, "timestamp", "int"},
    {"getDayOfWeek", true, "timestamp,string", "int"},
    {"getHours", true, "timestamp", "int"},
    {"getHours", true, "timestamp,string", "int"},
    {"getHours", true, "duration", "int"},
    {"getMinutes", true, "timestamp", "int"},
    {"getMinutes", true, "timestamp,string", "int"},
    {"getMinutes", true, "duration", "int"},
    {"getSeconds", true, "timestamp", "int"},
    {"getSeconds", true, "timestamp,string", "int"},
    {"getSeconds", true, "duration", "int"},
    {"getMilliseconds", true, "timestamp", "int"},
    {"getMilliseconds", true, "timestamp,string", "int"},
    {"getMilliseconds", true, "duration", "int"},
    {"_<_", false, "bool,bool", "bool"}, {"_<_", false, "int,int", "bool"},
    {"_<_", false, "uint,uint", "bool"}, {"_<_", false, "double,double", "bool"},
    {"_<_", false, "string,string", "bool"}, {"_<_", false, "bytes,bytes", "bool"},
    {"_<_", false, "timestamp,timestamp", "bool"}, {"_<_", false, "duration,duration", "bool"},
    {"_<=_", false, "bool,bool", "bool"}, {"_<=_", false, "int,int", "bool"},
    {"_<=_", false, "uint,uint", "bool"}, {"_<=_", false, "double,double", "bool"},
    {"_<=_", false, "string,string", "bool"}, {"_<=_", false, "bytes,bytes", "bool"},
    {"_<=_", false, "timestamp,timestamp", "bool"}, {"_<=_", false, "duration,duration", "bool"},
    {"_>_", false, "bool,bool", "bool"}, {"_>_", false, "int,int", "bool"},
    {"_>_", false, "uint,uint", "bool"}, {"_>_", false, "double,double", "bool"},
    {"_>_", false, "string,string", "bool"}, {"_>_", false, "bytes,bytes", "bool"},
    {"_>_", false, "timestamp,timestamp", "bool"}, {"_>_", false, "duration,duration", "bool"},
    {"_>=_", false, "bool,bool", "bool"}, {"_>=_", false, "int,int", "bool"},
    {"_>=_", false, "uint,uint", "bool"}, {"_>=_", false, "double,double", "bool"},
    {"_>=_", false, "string,string", "bool"}, {"_>=_", false, "bytes,bytes", "bool"},
    {"_>=_", false, "timestamp,timestamp", "bool"}, {"_>=_", false, "duration,duration", "bool"},
});

constexpr auto kFunctions = std::to_array<Function>({
    {"!_", f::not_}, {"-_", f::negate}, {"_==_", f::equals}, {"_!=_", f::not_equals},
    {"_+_", f::add}, {"_-_", f::subtract}, {"_*_", f::multiply}, {"_/_", f::divide},
    {"_%_", f::modulo}, {"@in", f::in}, {"_[_]", f::index}, {"_<_", f::less},
    {"_<=_", f::less_equals}, {"_>_", f::greater}, {"_>=_", f::greater_equals},
    {"size", f::size}, {"contains", f::contains}, {"endsWith", f::ends_with},
    {"startsWith", f::starts_with}, {"matches", f::matches}, {"type", f::to_type},
    {"dyn", f::to_dyn}, {"bool", f::to_bool}, {"bytes", f::to_bytes}, {"double", f::to_double},
    {"duration", f::to_duration}, {"int", f::to_int}, {"string", f::to_string},
    {"timestamp", f::to_timestamp}, {"uint", f::to_uint}, {"getFullYear", f::full_year},
    {"getMonth", f::month}, {"getDayOfYear", f::day_of_year}, {"getDayOfMonth", f::day_of_month},
    {"getDate", f::date}, {"getDayOfWeek", f::day_of_week}, {"getHours", f::hours},
    {"getMinutes", f::minutes}, {"getSeconds", f::seconds}, {"getMilliseconds", f::milliseconds},
});
// clang-format on

std::size_t arity(const Overload& overload) {
  // Commas between brackets belong to map(A,B).
  std::size_t count = 1;
  int depth = 0;
  for (const char c : overload.arguments) {
    if (c == '(') ++depth;
    if (c == ')') --depth;
    if (c == ',' && depth == 0) ++count;
  }
  return count;
}

}  // namespace

std::span<const Overload> overloads() { return kOverloads; }

const Function* find_function(std::string_view name, bool receiver, std::size_t arguments) {
  const bool declared = std::ranges::any_of(kOverloads, [&](const Overload& overload) {
    return overload.name == name && overload.receiver == receiver && arity(overload) == arguments;
  });
  if (!declared) return nullptr;
  const auto* found = std::ranges::find(kFunctions, name, &Function::name);
  return found == kFunctions.end() ? nullptr : found;
}

}  // namespace ropewalk::cel
