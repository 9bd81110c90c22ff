#include "config/template/format.h"

#include "common/utf8.h"
#include "config/template/print.h"

#include <algorithm>
#include <optional>

namespace ropewalk::config::templates {
namespace {

constexpr int kMostWidth = 10'000;

void append_rune(std::string& out, std::int64_t code) {
  if (code < 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) code = 0xfffd;
  append_utf8(out, static_cast<char32_t>(code));
}

std::string_view first_runes(std::string_view text, int count) {
  std::size_t end = 0;
  for (int i = 0; i < count && end < text.size(); ++i)
    end += std::max<std::size_t>(1, utf8_length(text.substr(end)));
  return text.substr(0, end);
}

std::string hexadecimal(std::string_view bytes, bool upper) {
  const char* digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out += digits[static_cast<unsigned char>(c) >> 4];
    out += digits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

std::string in_base(std::uint64_t value, unsigned base, bool upper) {
  const char* digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  std::string out;
  do {
    out.insert(out.begin(), digits[value % base]);
    value /= base;
  } while (value);
  return out;
}

struct Directive {
  bool plus = false, minus = false, sharp = false, space = false, zero = false;
  std::optional<int> width, precision;
  char verb = 0;
};

class Formatter {
 public:
  Formatter(std::string_view form, std::span<const Value> arguments, Budget& budget)
      : form_(form), arguments_(arguments), budget_(budget) {}

  std::string run() {
    while (at_ < form_.size() && !budget_.overdrawn()) {
      const auto percent = std::min(form_.find('%', at_), form_.size());
      out_ += form_.substr(at_, percent - at_);
      at_ = percent + 1;
      if (percent < form_.size()) directive();
    }
    if (!reordered_ && next_ < arguments_.size()) {
      out_ += "%!(EXTRA ";
      for (std::size_t i = next_; i < arguments_.size(); ++i) {
        if (i > next_) out_ += ", ";
        out_ += arguments_[i].is_nil()
                    ? "<nil>"
                    : type_name(arguments_[i]) + "=" + printed(arguments_[i], budget_);
      }
      out_ += ')';
    }
    return std::move(out_);
  }

 private:
  char peek() const { return at_ < form_.size() ? form_[at_] : '\0'; }

  std::optional<int> digits() {
    if (peek() < '0' || peek() > '9') return std::nullopt;
    int value = 0;
    for (; peek() >= '0' && peek() <= '9'; ++at_)
      value = std::min(value * 10 + (peek() - '0'), kMostWidth + 1);
    return value;
  }

  // "[2]" picks the argument.
  void index() {
    if (peek() != '[') return;
    reordered_ = true;
    const auto end = form_.find(']', at_);
    ++at_;
    const auto number = digits();
    if (end == std::string_view::npos || at_ != end || !number || *number < 1 ||
        static_cast<std::size_t>(*number) > arguments_.size())
      bad_index_ = true;
    else
      next_ = static_cast<std::size_t>(*number) - 1;
    at_ = end == std::string_view::npos ? at_ : end + 1;
  }

  std::optional<int> star() {
    ++at_;
    if (next_ >= arguments_.size() || arguments_[next_].type() != Type::integer) {
      out_ += "%!(BADWIDTH)";
      if (next_ < arguments_.size()) ++next_;
      return std::nullopt;
    }
    const std::int64_t value = arguments_[next_++].integer();
    if (value > kMostWidth || value < -kMostWidth) return std::nullopt;
    return static_cast<int>(value);
  }

  void directive() {
    Directive d;
    bad_index_ = false;
    for (bool more = true; more;) {
      switch (peek()) {
        case '+':
          d.plus = true;
          break;
        case '-':
          d.minus = true;
          break;
        case '#':
          d.sharp = true;
          break;
        case ' ':
          d.space = true;
          break;
        case '0':
          d.zero = true;
          break;
        default:
          more = false;
      }
      if (more) ++at_;
    }
    index();
    if (peek() == '*') {
      d.width = star();
      if (d.width && *d.width < 0) {
        d.minus = true;
        d.width = -*d.width;
      }
    } else {
      d.width = digits();
    }
    if (peek() == '.') {
      ++at_;
      index();
      if (peek() == '*')
        d.precision = star();
      else
        d.precision = digits().value_or(0);
    }
    index();
    if (d.width && *d.width > kMostWidth) d.width.reset();
    if (d.precision && (*d.precision > 1000 || *d.precision < 0)) d.precision.reset();
    if (at_ >= form_.size()) {
      out_ += "%!(NOVERB)";
      return;
    }
    const std::size_t size = std::max<std::size_t>(1, utf8_length(form_.substr(at_)));
    const std::string verb(form_.substr(at_, size));
    at_ += size;
    d.verb = verb[0];
    if (verb == "v") d.plus = false;  // %+v is about names of fields, not about signs
    if (verb == "%") {
      out_ += '%';
    } else if (bad_index_) {
      out_ += "%!" + verb + "(BADINDEX)";
    } else if (next_ >= arguments_.size()) {
      out_ += "%!" + verb + "(MISSING)";
    } else {
      const Value& value = arguments_[next_++];
      if (verb == "T")
        pad(type_name(value), d);
      else
        show(value, d, verb, 0);
    }
  }

  void pad(std::string text, const Directive& d, bool zeros = false) {
    const std::size_t width = static_cast<std::size_t>(d.width.value_or(0));
    const std::size_t length = utf8_characters(text);
    if (!budget_.spend(text.size() + width)) return;
    if (length >= width) {
      out_ += text;
    } else if (d.minus) {
      out_ += text + std::string(width - length, ' ');
    } else if (zeros && d.zero) {
      const bool sign = text.starts_with('-') || text.starts_with('+') || text.starts_with(' ');
      out_ += text.substr(0, sign ? 1 : 0) + std::string(width - length, '0') +
              text.substr(sign ? 1 : 0);
    } else {
      out_ += std::string(width - length, ' ') + text;
    }
  }

  void bad(const Value& value, const std::string& verb) {
    out_ +=
        "%!" + verb + "(" +
        (value.is_nil() ? std::string("<nil>") : type_name(value) + "=" + printed(value, budget_)) +
        ")";
  }

  void show(const Value& value, const Directive& d, const std::string& verb, int depth) {
    if (depth > kMaxPrintDepth || !budget_.spend(Budget::kPrinted)) return;
    switch (value.type()) {
      case Type::missing:
      case Type::nil:
        if (verb == "v") return pad("<nil>", d);
        return bad(value, verb);
      case Type::boolean:
        if (verb == "v" || verb == "t") return pad(value.boolean() ? "true" : "false", d);
        return bad(value, verb);
      case Type::integer:
      case Type::integer64:
        return integer(value, d, verb);
      case Type::floating:
        return floating(value, d, verb);
      case Type::text:
        return text(value, d, verb);
      case Type::time:
        if (verb == "v" || verb == "s") return pad(printed(value, budget_), d);
        return bad(value, verb);
      case Type::list: {
        out_ += '[';
        bool first = true;
        for (const Value& item : value.list().items) {
          if (!first) out_ += ' ';
          first = false;
          show(item, d, verb, depth + 1);
        }
        out_ += ']';
        return;
      }
      case Type::map: {
        if (!value.map().struct_name.empty()) return pad(value.map().text, d);
        out_ += "map[";
        bool first = true;
        for (const auto& [key, item] : value.map().items) {
          if (!first) out_ += ' ';
          first = false;
          show(Value::of(key), d, verb, depth + 1);
          out_ += ':';
          show(item, d, verb, depth + 1);
        }
        out_ += ']';
        return;
      }
    }
  }

  void integer(const Value& value, const Directive& d, const std::string& verb) {
    const std::int64_t number = value.integer();
    const auto size =
        number < 0 ? 0 - static_cast<std::uint64_t>(number) : static_cast<std::uint64_t>(number);
    const auto signed_digits = [&](unsigned base, bool upper, std::string_view prefix) {
      std::string digits = in_base(size, base, upper);
      if (d.precision && digits.size() < static_cast<std::size_t>(*d.precision))
        digits.insert(0, static_cast<std::size_t>(*d.precision) - digits.size(), '0');
      std::string text = number < 0 ? "-" : d.plus ? "+" : d.space ? " " : "";
      if (d.sharp || verb == "O") text += prefix;
      pad(text + digits, d, !d.precision);
    };
    if (verb == "v" || verb == "d") return signed_digits(10, false, "");
    if (verb == "b") return signed_digits(2, false, "0b");
    if (verb == "o") return signed_digits(8, false, "0");
    if (verb == "O") return signed_digits(8, false, "0o");
    if (verb == "x") return signed_digits(16, false, "0x");
    if (verb == "X") return signed_digits(16, true, "0X");
    std::string rune;
    append_rune(rune, number);
    if (verb == "c") return pad(rune, d);
    if (verb == "q") {
      std::string inner = in_quotes(rune);
      inner = inner == "\"'\""      ? "\\'"
              : inner == "\"\\\"\"" ? "\""
                                    : inner.substr(1, inner.size() - 2);
      return pad("'" + inner + "'", d);
    }
    if (verb == "U") {
      std::string digits = in_base(size, 16, true);
      if (digits.size() < 4) digits.insert(0, 4 - digits.size(), '0');
      return pad("U+" + digits, d);
    }
    bad(value, verb);
  }

  void floating(const Value& value, const Directive& d, const std::string& verb) {
    std::string_view known = "veEfFgG";
    if (known.find(verb) == std::string_view::npos) return bad(value, verb);
    const char lower = static_cast<char>(verb[0] | 0x20);
    const bool shortest = lower == 'g' || lower == 'v';
    const int precision = d.precision.value_or(shortest ? -1 : 6);
    std::string text = float_text(value.floating(), lower == 'v' ? 'g' : lower, precision);
    if (verb[0] < 'a')
      std::ranges::transform(text, text.begin(), [](char c) { return c == 'e' ? 'E' : c; });
    if (d.plus && !text.starts_with('-') && !text.starts_with('+')) text.insert(0, 1, '+');
    if (d.space && !text.starts_with('-')) text.insert(0, 1, ' ');
    pad(std::move(text), d, true);
  }

  void text(const Value& value, const Directive& d, const std::string& verb) {
    const std::string_view whole = value.text();
    const std::string_view cut = d.precision ? first_runes(whole, *d.precision) : whole;
    if (verb == "v" && d.sharp) return pad(in_quotes(whole), d);
    if (verb == "v" || verb == "s") return pad(std::string(cut), d, true);
    if (verb == "q") {
      const bool raw = d.sharp && whole.find('`') == std::string_view::npos;
      return pad(raw ? "`" + std::string(cut) + "`" : in_quotes(cut), d);
    }
    if (verb == "x" || verb == "X") return pad(hexadecimal(whole, verb == "X"), d);
    bad(value, verb);
  }

  std::string_view form_;
  std::span<const Value> arguments_;
  Budget& budget_;
  std::size_t at_ = 0;
  std::size_t next_ = 0;
  bool reordered_ = false;
  bool bad_index_ = false;
  std::string out_;
};

}  // namespace

std::string format(std::string_view form, std::span<const Value> arguments, Budget& budget) {
  return Formatter(form, arguments, budget).run();
}

std::string in_quotes(std::string_view text) {
  constexpr std::string_view kMeant = "\a\b\f\n\r\t\v\\\"";
  constexpr std::string_view kNames = "abfnrtv\\\"";
  std::string out = "\"";
  while (!text.empty()) {
    const std::size_t size = utf8_length(text);
    const char c = text[0];
    if (size == 0) {
      out += "\\x" + hexadecimal(text.substr(0, 1), false);
    } else if (const auto found = kMeant.find(c); found != std::string_view::npos) {
      out += '\\';
      out += kNames[found];
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += "\\x" + hexadecimal(text.substr(0, 1), false);
    } else {
      out += text.substr(0, size);
    }
    text.remove_prefix(std::max<std::size_t>(1, size));
  }
  return out + '"';
}

}  // namespace ropewalk::config::templates
