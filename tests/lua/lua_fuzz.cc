// The input is an answer, and what a script does with it: reads every value, writes it back as
// tables of Lua. Patterns and formats come from it too. Never a crash, always JSON.
#include "world.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ropewalk;
  static lua::testing::World world;
  static const auto filter = lua::testing::filter(lua::testing::Block().open().post(R"lua(
local d = response.load():data()
local text = request.load():body()
local function copy(v)
  if type(v) ~= 'userdata' then return v end
  if v.keys then
    local out, keys = {}, v:keys()
    for i = 0, keys:len() - 1 do out[keys:get(i)] = copy(v:get(keys:get(i))) end
    return out
  elseif v.len then
    local out = {}
    for i = 0, v:len() - 1 do out[i + 1] = copy(v:get(i)) end
    return out
  end
  return v
end
d:set('copy', copy(d))
d:set('adapted', tostring(loadstring(text)))
pcall(string.find, text, text)
pcall(string.gsub, text, text, text)
pcall(string.format, text, 1, 'x', {})
d:set('upper', text:upper())
d:set('number', tonumber(text))
)lua"));
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto parsed = json::parse(text, 100);
  lua::testing::FakeFlow flow(world);
  flow.request.set_body(text);
  flow.response.data = parsed && parsed->is_object() ? *parsed : json::Value::object();
  if (filter->on_response(flow) == pipeline::Step::next &&
      !json::parse(json::to_string(flow.response.data)))
    std::abort();
  return 0;
}
