#include "dataplane/filters/auth/gob_rpc.h"

#include <initializer_list>
#include <utility>

namespace ropewalk::auth {
namespace {

// The types that every stream knows, and ours.
constexpr std::int64_t kBool = 1, kInt = 2, kUint = 3, kString = 6;
constexpr std::int64_t kHead = 65, kCount = 66, kChecks = 67, kBools = 68;

std::unexpected<Error> wrong(const std::string& what) {
  return fail(Kind::decode, "not a call of Go's net/rpc: " + what, Origin::client);
}

// A number, or the length of a text: one byte below 128, else the negated count of the big-endian
// bytes that follow.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : rest_(bytes) {}

  bool number(std::uint64_t& out) {
    if (rest_.empty()) return false;
    const auto first = static_cast<unsigned char>(rest_[0]);
    if (first < 128) {
      out = first;
      rest_.remove_prefix(1);
      return true;
    }
    const std::size_t length = 256u - first;
    if (length > 8) {
      malformed_ = true;
      return false;
    }
    if (rest_.size() <= length) return false;
    out = 0;
    for (const char c : rest_.substr(1, length)) out = out << 8 | static_cast<unsigned char>(c);
    rest_.remove_prefix(1 + length);
    return true;
  }

  bool text(std::string_view& out) {
    std::uint64_t length = 0;
    if (!number(length) || length > rest_.size()) return false;
    out = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return true;
  }

  std::string_view rest() const { return rest_; }
  bool malformed() const { return malformed_; }

 private:
  std::string_view rest_;
  bool malformed_ = false;
};

// Calls `field` with the number of each field that was sent, in order; false when it, or the
// struct, does not hold.
template <class Field>
bool read_struct(Cursor& in, Field field) {
  for (std::uint64_t number = 0, step = 0; in.number(step);) {
    if (step == 0) return in.rest().empty();
    number += step;
    if (number > 8 || !field(number)) return false;
  }
  return false;
}

bool read_head(Cursor& in, RpcCall& call) {
  return read_struct(in, [&](std::uint64_t field) {
    std::string_view name;
    if (field == 2) return in.number(call.sequence);
    if (field != 1 || !in.text(name)) return false;
    call.name = name;
    return true;
  });
}

bool read_elements(Cursor& in, RpcCall& call) {
  return read_struct(in, [&](std::uint64_t field) {
    std::uint64_t count = 0;
    if (field != 1 || !in.number(count) || count > in.rest().size()) return false;
    for (; count > 0; --count) {
      std::string_view element;
      if (!in.text(element)) return false;
      call.elements.emplace_back(element);
    }
    return true;
  });
}

void put_number(std::string& out, std::uint64_t value) {
  if (value < 128) {
    out += static_cast<char>(value);
    return;
  }
  std::string bytes;
  for (; value != 0; value >>= 8) bytes.insert(bytes.begin(), static_cast<char>(value & 0xff));
  out += static_cast<char>(-static_cast<int>(bytes.size()));
  out += bytes;
}

void put_signed(std::string& out, std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  put_number(out, value < 0 ? ~bits << 1 | 1 : bits << 1);
}

void put_text(std::string& out, std::string_view text) {
  put_number(out, text.size());
  out += text;
}

void put_message(std::string& out, std::int64_t type, std::string_view content) {
  std::string message;
  put_signed(message, type);
  message += content;
  put_number(out, message.size());
  out += message;
}

// Name and number of a type: the first field of every description.
void put_common(std::string& out, std::string_view name, std::int64_t type) {
  put_number(out, 1);
  put_number(out, 1);
  put_text(out, name);
  put_number(out, 1);
  put_signed(out, type);
  put_number(out, 0);
}

using FieldType = std::pair<std::string_view, std::int64_t>;

void describe_struct(std::string& out, std::string_view name, std::int64_t type,
                     std::initializer_list<FieldType> fields) {
  std::string text;
  put_number(text, 3);
  put_common(text, name, type);
  put_number(text, 1);
  put_number(text, fields.size());
  for (const auto& [field, of] : fields) {
    put_number(text, 1);
    put_text(text, field);
    put_number(text, 1);
    put_signed(text, of);
    put_number(text, 0);
  }
  text.append(2, '\0');
  put_message(out, -type, text);
}

void describe_list(std::string& out, std::string_view name, std::int64_t type, std::int64_t of) {
  std::string text;
  put_number(text, 2);
  put_common(text, name, type);
  put_number(text, 1);
  put_signed(text, of);
  text.append(2, '\0');
  put_message(out, -type, text);
}

// A field that is not its type's zero, `step` after the one before.
void put_field(std::string& out, std::uint64_t step, std::string_view text) {
  put_number(out, step);
  put_text(out, text);
}

}  // namespace

Result<std::optional<RpcCall>> RpcReader::next(std::string& input) {
  for (;;) {
    Cursor stream(input);
    std::uint64_t length = 0;
    if (!stream.number(length)) {
      if (stream.malformed()) return wrong("a length of more than 8 bytes");
      return std::nullopt;
    }
    if (length > kMaxMessage) return wrong("a message of more than 4 MiB");
    if (stream.rest().size() < length) return std::nullopt;
    Cursor message(stream.rest().substr(0, length));
    std::uint64_t type = 0;
    if (!message.number(type)) return wrong("a message without a type");
    const bool value = (type & 1) == 0;  // else the description of a type
    bool holds = true;
    bool whole = false;
    if (value && !call_) {
      call_.emplace();
      holds = read_head(message, *call_);
      if (call_->name == "BloomfilterRPC.Add") call_->method = RpcCall::Method::add;
      if (call_->name == "BloomfilterRPC.Check") call_->method = RpcCall::Method::check;
    } else if (value) {
      whole = true;
      if (call_->method != RpcCall::Method::unknown) holds = read_elements(message, *call_);
    }
    if (!holds) return wrong("a value of another type");
    input.erase(0, input.size() - stream.rest().size() + length);
    if (whole) return std::exchange(call_, std::nullopt);
  }
}

void RpcWriter::append_head(std::string& out, const RpcCall& call, std::string_view error) {
  if (!std::exchange(head_known_, true))
    describe_struct(out, "Response", kHead,
                    {{"ServiceMethod", kString}, {"Seq", kUint}, {"Error", kString}});
  std::string value;
  std::uint64_t step = 1;
  if (!call.name.empty()) {
    put_field(value, step, call.name);
    step = 0;
  }
  ++step;
  if (call.sequence != 0) {
    put_number(value, step);
    put_number(value, call.sequence);
    step = 0;
  }
  ++step;
  if (!error.empty()) put_field(value, step, error);
  value += '\0';
  put_message(out, kHead, value);
}

void RpcWriter::append_count(std::string& out, std::uint64_t count) {
  if (!std::exchange(count_known_, true))
    describe_struct(out, "AddOutput", kCount, {{"Count", kInt}});
  std::string value;
  if (count != 0) {
    put_number(value, 1);
    put_signed(value, static_cast<std::int64_t>(count));
  }
  value += '\0';
  put_message(out, kCount, value);
}

void RpcWriter::append_added(std::string& out, const RpcCall& call, std::uint64_t count) {
  append_head(out, call, {});
  append_count(out, count);
}

void RpcWriter::append_checked(std::string& out, const RpcCall& call,
                               const std::vector<bool>& checks) {
  append_head(out, call, {});
  if (!std::exchange(checks_known_, true)) {
    describe_struct(out, "CheckOutput", kChecks, {{"Checks", kBools}});
    describe_list(out, "[]bool", kBools, kBool);
  }
  std::string value;
  if (!checks.empty()) {
    put_number(value, 1);
    put_number(value, checks.size());
    for (const bool check : checks) put_number(value, check);
  }
  value += '\0';
  put_message(out, kChecks, value);
}

void RpcWriter::append_error(std::string& out, const RpcCall& call, std::string_view text) {
  append_head(out, call, text);
  append_count(out, 0);  // clients skip the value that belongs to an error
}

}  // namespace ropewalk::auth
