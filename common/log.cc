#include "common/log.h"

#include "common/log_output.h"
#include "common/log_stream.h"
#include "common/utf8.h"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstring>
#include <ctime>
#include <memory>
#include <mutex>

namespace ropewalk::log {
namespace {

std::atomic<Level> g_level{Level::info};
std::atomic<Format> g_format{Format::text};
std::atomic<Level> g_first_level{Level::info};  // what init() said
std::atomic<bool> g_configured{false};

constexpr std::string_view kLost = "lines of this log were dropped, its reader is too slow";

// What configure() said. Its daemon may come and go; nobody waits for it.
class Configured {
 public:
  ~Configured() { disconnect(); }

  void set(const Output& output) {
    const std::lock_guard lock(mutex_);
    if (output.syslog_path != output_.syslog_path) disconnect();
    output_ = output;
  }

  void write(Level level, std::int64_t ms, std::string_view message, const Fields& fields) {
    const std::lock_guard lock(mutex_);
    const std::string line = render(output_, level, ms, message, {fields.begin(), fields.end()});
    const auto lost = [&](std::uint64_t lines) {
      return render(output_, Level::warning, ms, kLost, {{"lines", std::to_string(lines)}});
    };
    if (output_.standard_output) out_.print(line, lost);
    // A log that goes nowhere must not hide why a new configuration is refused.
    if (!output_.standard_output && output_.facility < 0 && level == Level::error)
      err_.print(line, lost);
    if (output_.facility >= 0)
      send(syslog_message(output_.facility, level, ms,
                          output_.prefix.empty() ? "ropewalk" : output_.prefix, ::getpid(), line));
  }

 private:
  void send(const std::string& datagram) {
    for (int attempt = 0; attempt < 2; ++attempt) {
      if (socket_ < 0 && !connect()) return;
      if (::send(socket_, datagram.data(), datagram.size(), MSG_DONTWAIT | MSG_NOSIGNAL) >= 0 ||
          errno == EAGAIN)
        return;
      disconnect();
    }
  }

  bool connect() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (output_.syslog_path.size() >= sizeof address.sun_path) return false;
    std::memcpy(address.sun_path, output_.syslog_path.data(), output_.syslog_path.size());
    socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket_ < 0) return false;
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
      return true;
    disconnect();
    return false;
  }

  void disconnect() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }

  std::mutex mutex_;
  Output output_;
  LogStream out_{STDOUT_FILENO};
  LogStream err_{STDERR_FILENO};
  int socket_ = -1;
};

Configured& configured() {
  static Configured instance;
  return instance;
}

const char* name(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warning:
      return "warning";
    case Level::error:
      return "error";
  }
  return "error";
}

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (unsigned c = '!'; c < 0x7f; ++c) plain[c] = c != '"' && c != '=' && c != '\\';
  return plain;
}();

bool plain(std::string_view value) {
  bool all = !value.empty();
  for (const unsigned char c : value) all &= kPlain[c];
  return all;
}

}  // namespace

void init(Format format, Level level) {
  g_format = format;
  g_level = g_first_level = level;
}

void configure(std::optional<Output> output) {
  if (output) configured().set(*output);
  if (output && output->style == Style::text) g_format = Format::text;
  if (output && output->style == Style::json) g_format = Format::json;
  g_level = output ? output->level : g_first_level.load();
  g_configured = output && output->style != Style::text && output->style != Style::json;
}

bool enabled(Level level) { return level >= g_level.load(std::memory_order_relaxed); }

std::optional<Level> parse_level(std::string_view text) {
  for (const Level level : {Level::debug, Level::info, Level::warning, Level::error})
    if (text == name(level)) return level;
  return std::nullopt;
}

std::optional<Format> parse_format(std::string_view text) {
  if (text == "text") return Format::text;
  if (text == "json") return Format::json;
  return std::nullopt;
}

std::string timestamp(std::int64_t ms) {
  const std::time_t seconds = static_cast<std::time_t>(ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900,
                     parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                     ms % 1000);
}

void append_text_field(std::string& out, std::string_view key, std::string_view value) {
  out += ' ';
  out += key;
  out += '=';
  if (plain(value))
    out += value;
  else
    append_json_string(out, value);
}

void append_json_string(std::string& out, std::string_view value) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (std::size_t i = 0; i < value.size();) {
    const unsigned char c = static_cast<unsigned char>(value[i]);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
      ++i;
    } else if (c < 0x20 || c == 0x7f) {
      out += "\\u00";
      out += kHex[c >> 4];
      out += kHex[c & 15];
      ++i;
    } else if (const std::size_t length = utf8_length(value.substr(i)); length != 0) {
      out.append(value, i, length);
      i += length;
    } else {
      out += "\xef\xbf\xbd";
      ++i;
    }
  }
  out += '"';
}

namespace {

// In the styles of this gateway's own.
std::string line_of(Level level, std::string_view message, Fields fields) {
  std::string line;
  if (g_format == Format::json) {
    line =
        fmt::format(R"({{"time":"{}","level":"{}","message":)", timestamp(now_ms()), name(level));
    append_json_string(line, message);
    for (const Field& field : fields) {
      line += ',';
      append_json_string(line, field.key);
      line += ':';
      append_json_string(line, field.value);
    }
    line += '}';
  } else {
    line = fmt::format("{} {:<7} {}", timestamp(now_ms()), name(level), message);
    for (const Field& field : fields) append_text_field(line, field.key, field.value);
  }
  return line;
}

class StandardError final : public spdlog::sinks::base_sink<std::mutex> {
 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    stream_.print({message.payload.begin(), message.payload.end()}, [](std::uint64_t lines) {
      return line_of(Level::warning, kLost, {{"lines", std::to_string(lines)}});
    });
  }
  void flush_() override {}

 private:
  LogStream stream_{STDERR_FILENO};
};

spdlog::logger& logger() {
  static const auto instance = [] {
    auto made = std::make_shared<spdlog::logger>("ropewalk", std::make_shared<StandardError>());
    made->set_level(spdlog::level::trace);
    return made;
  }();
  return *instance;
}

}  // namespace

void write(Level level, std::string_view message, Fields fields) {
  if (!enabled(level)) return;
  if (g_configured) return configured().write(level, now_ms(), message, fields);
  logger().log(level == Level::error ? spdlog::level::err : spdlog::level::info, "{}",
               line_of(level, message, fields));
}

}  // namespace ropewalk::log
