// Between the values of Lua and those of answers.
#pragma once

#include "dataplane/filters/lua/data.h"
#include "dataplane/pipeline/message.h"

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct lua_State;

namespace ropewalk::lua {

struct Handle;

// A value of an answer as a script gets it: text, number, boolean, luaNil, or a handle. Objects
// and lists are opened in place, so that every handle to them sees the same.
int push_item(lua_State* state, Item& item);

// Stores the script's value at `place()`, as KrakenD converts it: a Lua table becomes an object,
// tables within it lists where all keys are whole numbers; functions and nil store nothing and
// place() is not called. Raises when a table is nested too deep (or in itself).
void store(lua_State* state, int argument, const std::function<Item&()>& place);

// A handle of a copy: parameters, or the fields of a message (canonical name -> list).
Handle* params_table(lua_State* state, const std::vector<pipeline::Param>& params);
Handle* fields_table(lua_State* state, const http::Fields& fields);
Handle* texts_list(lua_State* state, const std::vector<std::string_view>& texts);
// The texts of a luaList, which argument must be; raises otherwise.
std::vector<std::string> list_texts(lua_State* state, int argument);
// The parameters of a query, whose many small texts are larger than it is: counted before they are
// made. `kept`: for the run, not for a moment.
enum class Query : unsigned char { looked_at, kept };
std::vector<std::pair<std::string, std::string>> parameters_of(lua_State* state,
                                                               std::string_view query, Query use);
std::vector<std::string_view> values_of(const http::Fields& fields, std::string_view name);

}  // namespace ropewalk::lua
