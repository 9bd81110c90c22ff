// One Lua state and the sandbox around it: JIT off, text chunks only, memory, instructions and the
// steps of library functions limited, globals made anew for each run.
//
// A Vm is made from a Program, serves one run at a time and is used again for the next; nothing of
// a run is left in it (start() builds every table a script can change). Lives on one worker; may be
// made and destroyed on another thread.
#pragma once

#include "common/error.h"
#include "dataplane/filters/lua/program.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

struct lua_State;
struct lua_Debug;

namespace ropewalk::lua {

class Run;

class Vm {
 public:
  // Errors (config): a chunk does not compile: "pre:1: ...".
  static Result<std::unique_ptr<Vm>> make(const Program& program);
  ~Vm();
  Vm(const Vm&) = delete;
  Vm& operator=(const Vm&) = delete;

  enum class Outcome : std::uint8_t {
    done,
    waiting,  // for an answer: Run::fetch
    failed,   // error() says why
  };

  // The first chunk since end() gets fresh globals; `run` stays in place until end().
  Outcome start(Chunk chunk, Run& run);
  // After waiting: the answer is a handle of the run, or the text of an error.
  Outcome resume_with(void* handle);
  Outcome resume_with(const std::string& error);
  void end();

  const std::string& error() const { return error_; }
  // False after a limit was reached: the state is not used again.
  bool healthy() const { return healthy_; }

  // --- for library functions, which find their Vm through the state
  static Vm& of(lua_State* state);
  Run& run() { return *run_; }
  const Program& program() const { return program_; }
  // Counts the work of a library function; does not return when there was too much of it.
  void charge(lua_State* state, std::size_t steps);
  // Before something of that size is made for the run, which holds it until its end; does not
  // return when there is too much already.
  void hold(lua_State* state, std::size_t bytes);
  // Before something of that size is made for a moment. Raises.
  void fits(lua_State* state, std::size_t bytes) const;
  // Compiles text that a script has at hand; pushes the function, or nil and the error.
  int load(lua_State* state, std::string_view source, const char* chunk_name);
  // The globals of the run, on top of the stack.
  void push_globals(lua_State* state);
  // The table that KrakenD's API keeps for a kind of handle.
  void push_type_table(lua_State* state, int kind);
  bool on_main(lua_State* state) const { return state == thread_; }
  // Whether a function belongs to the gateway and must keep its environment.
  bool protected_function(lua_State* state, int index);

 private:
  explicit Vm(const Program& program) : program_(program) {}
  Result<void> compile();
  Result<void> compile(std::string_view name, const std::string& adapted, int slot);
  bool begin(Run& run);
  Outcome go_on(int arguments);
  void spend(lua_State* state);
  static void* allocate(void* self, void* block, std::size_t old_size, std::size_t new_size);
  static void hook(lua_State* state, lua_Debug* activation);
  static int build_templates(lua_State* state);
  static int build_globals(lua_State* state);

  const Program& program_;
  lua_State* state_ = nullptr;
  lua_State* thread_ = nullptr;
  Run* run_ = nullptr;
  std::size_t used_ = 0;
  std::uint64_t instructions_ = 0;
  std::uint64_t steps_ = 0;
  std::int64_t deadline_ns_ = 0;  // of the thread's CPU clock
  bool exhausted_ = false;
  bool healthy_ = true;
  std::string error_;
};

inline Run& run_of(lua_State* state) { return Vm::of(state).run(); }

}  // namespace ropewalk::lua
