// The functions of templates: one table per subject, found by name. Constant; any thread may call,
// each with its own Context.
#pragma once

#include "config/template/budget.h"
#include "config/template/engine.h"
#include "config/template/value.h"

#include <expected>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ropewalk::config::templates {

struct Context {
  Heap& heap;
  const Environment& environment;

  Budget budget{environment.most_made};
  // Actions that wrote "<no value>": which text they stand in, and where.
  std::set<std::pair<std::size_t, std::size_t>> without_value;

  // A list costs its entries; once the budget does not cover them it stays empty.
  Value list(std::vector<Value> items, std::string_view element = "interface {}");
  Value text_list(const std::vector<std::string>& texts);
};

using Answer = std::expected<Value, std::string>;
using Arguments = std::vector<Value>;

struct Function {
  std::string_view name;
  // One letter per parameter: a any, s string, i int, I int64, m map, l list, b bool; a '*' behind
  // the last means any number of it.
  std::string_view parameters;
  Answer (*call)(Context&, Arguments&);
};

const Function* find_function(std::string_view name);

// "" or what is wrong with the arguments' number and types; ints written as 1.0 are converted.
std::string check_arguments(const Function& function, Arguments& arguments,
                            const std::vector<bool>& literal);

inline std::unexpected<std::string> refuse(std::string message) {
  return std::unexpected(std::move(message));
}

// Conversions of Sprig: never fail, 0 where nothing fits.
std::int64_t to_int64(const Value& value);
double to_double(const Value& value);
std::string to_text(Context& context, const Value& value);
// What holding it costs: its entries and their texts, not what these hold themselves.
std::size_t size_of(const Value& value);

std::span<const Function> go_functions();
std::span<const Function> text_functions();
std::span<const Function> word_functions();
std::span<const Function> list_functions();
std::span<const Function> dict_functions();
std::span<const Function> math_functions();
std::span<const Function> encode_functions();
std::span<const Function> kind_functions();
std::span<const Function> path_functions();
std::span<const Function> regex_functions();
std::span<const Function> time_functions();
std::span<const Function> version_functions();

}  // namespace ropewalk::config::templates
