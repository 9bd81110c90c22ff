#include "dataplane/json/scanner.h"

#include "common/utf8.h"
#include "dataplane/json/escape.h"

#include <cstring>
#include <string>

namespace ropewalk::json {
namespace {

bool space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool digit(char c) { return c >= '0' && c <= '9'; }

class Scanner {
 public:
  Scanner(std::string_view text, std::size_t max_depth, std::vector<char>& levels)
      : text_(text), max_depth_(max_depth), levels_(levels) {
    levels_.clear();
  }

  Result<Scanned> run() {
    skip_space();
    if (at_ == text_.size()) return fail(Kind::decode, "the body is empty", Origin::backend);
    const std::size_t begin = at_;
    while (one_value()) {
      if (levels_.empty()) {
        result_.value = text_.substr(begin, at_ - begin);
        return result_;
      }
    }
    return fail(Kind::decode, std::move(problem_), Origin::backend);
  }

 private:
  // Passes one scalar or one opening bracket, then all brackets that close behind it. False: error.
  bool one_value() {
    skip_space();
    if (at_ == text_.size()) return ended();
    switch (text_[at_]) {
      case '{':
      case '[':
        if (levels_.size() == max_depth_) {
          return error("nested deeper than " + std::to_string(max_depth_) + " levels");
        }
        levels_.push_back(text_[at_]);
        ++at_;
        skip_space();
        if (at_ == text_.size()) return ended();
        if (text_[at_] != closing()) return levels_.back() == '[' || key();
        break;
      case '"':
        if (!string()) return false;
        return after_value();
      case 't':
        if (!word("true")) return false;
        return after_value();
      case 'f':
        if (!word("false")) return false;
        return after_value();
      case 'n':
        if (!word("null")) return false;
        return after_value();
      default:
        if (!number()) return false;
        return after_value();
    }
    ++at_;
    levels_.pop_back();
    return after_value();
  }

  char closing() const { return levels_.back() == '{' ? '}' : ']'; }

  bool after_value() {
    while (!levels_.empty()) {
      skip_space();
      if (at_ == text_.size()) return ended();
      const char c = text_[at_];
      if (c == ',') {
        ++at_;
        return levels_.back() == '[' || key();
      }
      if (c != closing()) return unexpected();
      ++at_;
      levels_.pop_back();
    }
    return true;
  }

  bool key() {
    skip_space();
    if (at_ == text_.size()) return ended();
    if (text_[at_] != '"') return unexpected();
    if (!string()) return false;
    skip_space();
    if (at_ == text_.size()) return ended();
    if (text_[at_] != ':') return unexpected();
    ++at_;
    return true;
  }

  bool string() {
    ++at_;
    while (at_ < text_.size()) {
      const auto c = static_cast<unsigned char>(text_[at_]);
      if (c == '"') {
        ++at_;
        return true;
      }
      if (c < 0x20) return unexpected();
      if (c == '\\') {
        const Escape escape = parse_escape(text_.substr(at_));
        if (escape.length == 0) return bad_escape();
        result_.lone_surrogates |= escape.lone;
        at_ += escape.length;
        continue;
      }
      const std::size_t length = utf8_length(text_.substr(at_));
      result_.invalid_bytes += length == 0;
      at_ += length == 0 ? 1 : length;
    }
    return ended();
  }

  bool number() {
    if (text_[at_] == '-') ++at_;
    if (at_ == text_.size()) return ended();
    if (text_[at_] == '0') {
      ++at_;
    } else if (!digits()) {
      return false;
    }
    if (at_ < text_.size() && text_[at_] == '.') {
      ++at_;
      if (!digits()) return false;
    }
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      ++at_;
      if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
      if (!digits()) return false;
    }
    return true;
  }

  bool digits() {
    if (at_ == text_.size()) return ended();
    if (!digit(text_[at_])) return unexpected();
    while (at_ < text_.size() && digit(text_[at_])) ++at_;
    return true;
  }

  bool word(std::string_view expected) {
    for (char c : expected) {
      if (at_ == text_.size()) return ended();
      if (text_[at_] != c) return unexpected();
      ++at_;
    }
    return true;
  }

  void skip_space() {
    while (at_ < text_.size() && space(text_[at_])) ++at_;
  }

  bool ended() {
    problem_ = "the body ends inside a JSON value";
    return false;
  }

  bool bad_escape() {
    return text_.size() - at_ < 6 && text_.find('"', at_) == std::string_view::npos
               ? ended()
               : error("bad escape sequence");
  }

  bool unexpected() {
    const auto c = static_cast<unsigned char>(text_[at_]);
    static constexpr char kHex[] = "0123456789ABCDEF";
    std::string shown;
    if (c > 0x20 && c < 0x7F) {
      shown = {'\'', static_cast<char>(c), '\''};
    } else {
      shown = {'0', 'x', kHex[c >> 4], kHex[c & 15]};
    }
    return error("unexpected " + shown);
  }

  bool error(std::string what) {
    problem_ = "the body is not JSON: " + std::move(what) + " at byte " + std::to_string(at_);
    return false;
  }

  std::string_view text_;
  std::size_t max_depth_;
  std::vector<char>& levels_;
  std::size_t at_ = 0;
  Scanned result_;
  std::string problem_;
};

}  // namespace

Result<Scanned> scan(std::string_view text, std::size_t max_depth, std::vector<char>& levels) {
  return Scanner(text, max_depth, levels).run();
}

std::size_t repaired_size(const Scanned& scanned) {
  return scanned.value.size() + 2 * scanned.invalid_bytes;
}

void repair(const Scanned& scanned, char* out) {
  std::string_view rest = scanned.value;
  auto copy = [&](std::size_t size) {
    std::memcpy(out, rest.data(), size);
    out += size;
    rest.remove_prefix(size);
  };
  while (!rest.empty()) {
    if (rest[0] == '\\') {
      const Escape escape = parse_escape(rest);
      if (escape.lone) {
        std::memcpy(out, "\\ufffd", 6);
        out += 6;
        rest.remove_prefix(6);
      } else {
        copy(escape.length);
      }
    } else if (const std::size_t length = utf8_length(rest); length > 0) {
      copy(length);
    } else {
      std::memcpy(out, "\xEF\xBF\xBD", 3);
      out += 3;
      rest.remove_prefix(1);
    }
  }
}

}  // namespace ropewalk::json
