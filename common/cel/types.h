// Types as the checker sees them (cel-spec, "Gradual type checking"). One thread.
#pragma once

#include "common/cel/value.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::cel {

struct Type {
  enum class Form : std::uint8_t {
    dyn,        // anything
    plain,      // `kind` says which: every kind but list, map and type
    type,       // a type
    list,       // of arguments[0]
    map,        // arguments[0] to arguments[1]
    parameter,  // not known yet: `id`
  };
  Form form = Form::dyn;
  Kind kind = Kind::null;
  int id = 0;
  std::vector<Type> arguments;

  bool operator==(const Type&) const = default;
};

inline Type dyn() { return {}; }
Type plain(Kind kind);
Type list_of(Type element);
Type map_of(Type key, Type value);

// "int", "list(string)", "map(A, B)"; A and B are parameters 1 and 2.
Type read_type(std::string_view text);
std::string to_string(const Type& type);

// What the parameters stand for.
class Substitution {
 public:
  Type fresh() {
    Type out{.form = Type::Form::parameter};
    out.id = ++last_;
    return out;
  }
  // Parameters of a declaration become fresh ones; equal ones stay equal.
  Type rename(const Type& type, std::map<int, Type>& renamed);
  // Whether a value of `given` can stand where `wanted` is expected; binds parameters if so.
  bool assign(const Type& given, const Type& wanted);
  Type resolve(const Type& type) const;
  // The type of elements of a list that holds both.
  Type join(const Type& a, const Type& b);

 private:
  bool assign_into(const Type& given, const Type& wanted);
  bool bind(int id, const Type& type);
  static bool mentions(const Type& type, int id);

  std::map<int, Type> bound_;
  int last_ = 1000;
};

}  // namespace ropewalk::cel
