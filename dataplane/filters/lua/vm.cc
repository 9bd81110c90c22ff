#include "dataplane/filters/lua/vm.h"

#include "common/lua_source.h"
#include "dataplane/filters/lua/library.h"
#include "dataplane/filters/lua/run.h"

#include <luajit-2.1/lua.hpp>

#include <cstdlib>
#include <ctime>

namespace ropewalk::lua {
namespace {

constexpr int kHookEvery = 1000;
constexpr int kDeepestTemplate = 4;
constexpr const char* kTooMuch = "the script took more than it may";

// Addresses that serve as keys of the registry.
char templates_key;
char globals_key;
char types_key;
char chunks_key;
char thread_key;

void get(lua_State* state, char& key) {
  lua_pushlightuserdata(state, &key);
  lua_rawget(state, LUA_REGISTRYINDEX);
}

// Pops the value.
void set(lua_State* state, char& key) {
  lua_pushlightuserdata(state, &key);
  lua_insert(state, -2);
  lua_rawset(state, LUA_REGISTRYINDEX);
}

std::int64_t cpu_time() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

// A copy of the table on top, in its place: tables are new, functions are shared (a script can
// change none of those: setfenv refuses them).
void copy_table(lua_State* state, int depth) {
  const int from = lua_gettop(state);
  luaL_checkstack(state, 8, "copying libraries");
  lua_newtable(state);
  const int to = lua_gettop(state);
  lua_pushnil(state);
  while (lua_next(state, from)) {
    if (lua_istable(state, -1) && depth < kDeepestTemplate) copy_table(state, depth + 1);
    lua_pushvalue(state, -2);
    lua_insert(state, -2);
    lua_rawset(state, to);
  }
  lua_remove(state, from);
}

std::string text_at_top(lua_State* state) {
  std::size_t size = 0;
  if (lua_type(state, -1) == LUA_TSTRING) {
    const char* text = lua_tolstring(state, -1, &size);
    return std::string(text, size);
  }
  return std::string("a ") + luaL_typename(state, -1) + " was raised as an error";
}

}  // namespace

void* Vm::allocate(void* self, void* block, std::size_t old_size, std::size_t new_size) {
  Vm& vm = *static_cast<Vm*>(self);
  if (new_size == 0) {
    std::free(block);
    vm.used_ -= old_size;
    return nullptr;
  }
  if (new_size > old_size && vm.used_ + new_size - old_size > vm.program_.limits.memory)
    return nullptr;
  void* const out = std::realloc(block, new_size);
  if (out) vm.used_ += new_size - old_size;
  return out;
}

Vm& Vm::of(lua_State* state) {
  void* self = nullptr;
  lua_getallocf(state, &self);
  return *static_cast<Vm*>(self);
}

// From here on every instruction raises, so that no pcall of the script goes on.
void Vm::spend(lua_State* state) {
  exhausted_ = true;
  lua_sethook(state, &Vm::hook, LUA_MASKCOUNT, 1);
  luaL_error(state, kTooMuch);
}

void Vm::hook(lua_State* state, lua_Debug*) {
  Vm& vm = of(state);
  vm.instructions_ += kHookEvery;
  if (vm.exhausted_ || vm.instructions_ > vm.program_.limits.instructions ||
      (vm.instructions_ % (16 * kHookEvery) == 0 && cpu_time() > vm.deadline_ns_))
    vm.spend(state);
}

void Vm::charge(lua_State* state, std::size_t steps) {
  steps_ += steps;
  if (exhausted_ || steps_ > program_.limits.steps || (run_ && run_->heap.exceeded())) spend(state);
}

void Vm::hold(lua_State* state, std::size_t bytes) {
  if (run_) run_->heap.charge(bytes);
  charge(state, 1 + bytes / 16);
}

void Vm::fits(lua_State* state, std::size_t bytes) const {
  if (bytes > program_.limits.memory) raise(state, "not enough memory");
}

Vm::~Vm() {
  if (state_) lua_close(state_);
}

int Vm::build_templates(lua_State* state) {
  luaJIT_setmode(state, 0, LUAJIT_MODE_ENGINE | LUAJIT_MODE_OFF);
  lua_newtable(state);
  open_base(state);
  open_table(state);
  open_api(state);
  if (of(state).program_.open_libraries) {
    open_string(state);
    open_math(state);
    open_system(state);
  }
  set(state, templates_key);
  lua_newtable(state);
  set(state, chunks_key);
  set_handle_metatable(state);
  return 0;
}

Result<std::unique_ptr<Vm>> Vm::make(const Program& program) {
  std::unique_ptr<Vm> out(new Vm(program));
  if (auto done = out->compile(); !done) return std::unexpected(done.error());
  return out;
}

Result<void> Vm::compile() {
  state_ = lua_newstate(&Vm::allocate, this);
  if (!state_) return fail(Kind::internal, "lua: no memory for a state");
  if (lua_cpcall(state_, &Vm::build_templates, nullptr) != 0)
    return fail(Kind::internal, "lua: " + text_at_top(state_));
  for (const auto& [chunk, name] : {std::pair(Chunk::sources, "sources"),
                                    std::pair(Chunk::pre, "pre"), std::pair(Chunk::post, "post")}) {
    if (!program_.has(chunk)) continue;
    const auto adapted = adapt_lua(program_.text(chunk));
    if (!adapted) return fail(Kind::config, std::string(name) + ": " + adapted.error().message);
    if (auto done = compile(name, *adapted, static_cast<int>(chunk)); !done) return done;
  }
  lua_sethook(state_, &Vm::hook, LUA_MASKCOUNT, kHookEvery);
  return {};
}

Result<void> Vm::compile(std::string_view name, const std::string& adapted, int slot) {
  get(state_, chunks_key);
  int status = luaL_loadbufferx(state_, adapted.data(), adapted.size(), "=<string>", "t");
  if (status == 0) {
    lua_pushlightuserdata(state_, concat_helper());
    status = lua_pcall(state_, 1, 1, 0);
  }
  if (status != 0) {
    const std::string text = text_at_top(state_);
    lua_settop(state_, 0);
    return fail(Kind::config, std::string(name) + ": " + text);
  }
  lua_rawseti(state_, -2, slot + 1);
  lua_settop(state_, 0);
  return {};
}

int Vm::build_globals(lua_State* state) {
  get(state, templates_key);
  copy_table(state, 0);
  const int globals = lua_gettop(state);
  lua_pushvalue(state, globals);
  lua_setfield(state, globals, "_G");
  // Scripts change these tables, not what handles find.
  lua_createtable(state, kHandleKinds, 0);
  for (int kind = 0; kind < kHandleKinds; ++kind) {
    lua_getfield(state, globals, kHandleNames[kind]);
    lua_rawseti(state, -2, kind + 1);
  }
  set(state, types_key);
  // `request` and `ctx` exist where they can be loaded, `response` from the post script on.
  const Run& run = of(state).run();
  for (const HandleKind kind : {HandleKind::request, HandleKind::response, HandleKind::ctx}) {
    const bool there = kind == HandleKind::ctx       ? run.passage != nullptr
                       : kind == HandleKind::request ? run.request != nullptr
                                                     : run.response != nullptr;
    if (there) continue;
    lua_pushnil(state);
    lua_setfield(state, globals, kHandleNames[static_cast<int>(kind)]);
  }
  lua_pushliteral(state, "");
  lua_getfield(state, globals, "string");
  if (lua_istable(state, -1)) {
    lua_createtable(state, 0, 1);
    lua_insert(state, -2);
    lua_setfield(state, -2, "__index");
  }
  lua_setmetatable(state, -2);
  lua_pop(state, 1);
  set(state, globals_key);
  return 0;
}

bool Vm::begin(Run& run) {
  run_ = &run;
  instructions_ = 0;
  steps_ = 0;
  if (lua_cpcall(state_, &Vm::build_globals, nullptr) == 0) return true;
  error_ = text_at_top(state_);
  lua_settop(state_, 0);
  healthy_ = false;
  return false;
}

Vm::Outcome Vm::start(Chunk chunk, Run& run) {
  if (!run_ && !begin(run)) return Outcome::failed;
  struct Arguments {
    Vm* vm;
    int slot;
  } arguments{this, static_cast<int>(chunk) + 1};
  const auto prepare = [](lua_State* state) -> int {
    const auto& [vm, slot] = *static_cast<Arguments*>(lua_touserdata(state, 1));
    lua_State* const thread = lua_newthread(state);
    set(state, thread_key);
    get(state, chunks_key);
    lua_rawgeti(state, -1, slot);
    get(state, globals_key);
    if (vm->run_->response) {
      lua_getfield(state, -1, kHandleNames[static_cast<int>(HandleKind::response)]);
      if (lua_isnil(state, -1)) {
        vm->push_type_table(state, static_cast<int>(HandleKind::response));
        lua_setfield(state, -3, kHandleNames[static_cast<int>(HandleKind::response)]);
      }
      lua_pop(state, 1);
    }
    lua_setfenv(state, -2);
    lua_xmove(state, thread, 1);
    vm->thread_ = thread;
    return 0;
  };
  if (lua_cpcall(state_, prepare, &arguments) != 0) {
    error_ = text_at_top(state_);
    lua_settop(state_, 0);
    healthy_ = false;
    return Outcome::failed;
  }
  return go_on(0);
}

Vm::Outcome Vm::go_on(int arguments) {
  deadline_ns_ = cpu_time() + program_.limits.cpu_ns;
  const int status = lua_resume(thread_, arguments);
  // A pcall whose result the script returns catches what spend() raised, and no instruction
  // follows.
  if (status == 0 && !exhausted_) return Outcome::done;
  if (status == LUA_YIELD && run_->fetch) return Outcome::waiting;
  error_ = status == 0           ? kTooMuch
           : status == LUA_YIELD ? "the script cannot wait here"
                                 : text_at_top(thread_);
  if (exhausted_ || status == LUA_ERRMEM || status == LUA_YIELD) healthy_ = false;
  return Outcome::failed;
}

Vm::Outcome Vm::resume_with(void* handle) {
  run_->fetch.reset();
  lua_settop(thread_, 0);
  lua_pushboolean(thread_, 1);
  lua_pushlightuserdata(thread_, handle);
  return go_on(2);
}

Vm::Outcome Vm::resume_with(const std::string& error) {
  run_->fetch.reset();
  lua_settop(thread_, 0);
  const auto push = [](lua_State* state) -> int {
    const auto& [vm, text] =
        *static_cast<std::pair<Vm*, const std::string*>*>(lua_touserdata(state, 1));
    lua_pushboolean(vm->thread_, 0);
    lua_pushlstring(vm->thread_, text->data(), text->size());
    return 0;
  };
  std::pair<Vm*, const std::string*> what{this, &error};
  if (lua_cpcall(state_, push, &what) != 0) {
    error_ = "not enough memory";
    healthy_ = false;
    return Outcome::failed;
  }
  return go_on(2);
}

void Vm::end() {
  run_ = nullptr;
  thread_ = nullptr;
  if (!healthy_) return;
  lua_settop(state_, 0);
  for (char* key : {&thread_key, &globals_key, &types_key}) {
    lua_pushnil(state_);
    set(state_, *key);
  }
  lua_pushliteral(state_, "");
  lua_pushnil(state_);
  lua_setmetatable(state_, -2);
  lua_settop(state_, 0);
  // The next run has the whole memory.
  constexpr std::size_t kKept = std::size_t{1} << 20;
  if (used_ > kKept) lua_gc(state_, LUA_GCCOLLECT, 0);
}

void Vm::push_globals(lua_State* state) { get(state, globals_key); }

void Vm::push_type_table(lua_State* state, int kind) {
  get(state, types_key);
  lua_rawgeti(state, -1, kind + 1);
  lua_remove(state, -2);
}

bool Vm::protected_function(lua_State* state, int index) {
  if (lua_iscfunction(state, index)) return true;
  lua_getfenv(state, index);
  // The gateway's own Lua functions live in the state's real globals.
  const bool out = lua_rawequal(state, -1, LUA_GLOBALSINDEX) != 0;
  lua_pop(state, 1);
  return out;
}

int Vm::load(lua_State* state, std::string_view source, const char* chunk_name) {
  charge(state, source.size());
  const auto adapted = adapt_lua(source);
  int status = 1;
  if (!adapted) {
    lua_pushlstring(state, adapted.error().message.data(), adapted.error().message.size());
  } else {
    // The text itself first: the rewritten one would take "end" too many.
    status = luaL_loadbufferx(state, source.data(), source.size(), chunk_name, "t");
    if (status == 0) {
      lua_pop(state, 1);
      status = luaL_loadbufferx(state, adapted->data(), adapted->size(), chunk_name, "t");
    }
    if (status == 0) {
      lua_pushlightuserdata(state, concat_helper());
      status = lua_pcall(state, 1, 1, 0);
    }
  }
  if (status != 0) {
    lua_pushnil(state);
    lua_insert(state, -2);
    return 2;
  }
  push_globals(state);
  lua_setfenv(state, -2);
  return 1;
}

}  // namespace ropewalk::lua
