#include "dataplane/codec/charset.h"

#include "common/strings.h"
#include "common/utf8.h"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace ropewalk::codec {
namespace {

struct Label {
  std::string_view label;
  const char* name;  // of iconv
};

constexpr const char* kWindows1252 = "CP1252";

// The labels of the WHATWG encoding standard that documents use; what browsers read as windows-1252
// is read so here.
constexpr auto kLabels = std::to_array<Label>({
    {"ascii", kWindows1252},
    {"us-ascii", kWindows1252},
    {"iso-8859-1", kWindows1252},
    {"iso8859-1", kWindows1252},
    {"iso_8859-1", kWindows1252},
    {"latin1", kWindows1252},
    {"l1", kWindows1252},
    {"windows-1252", kWindows1252},
    {"cp1252", kWindows1252},
    {"x-cp1252", kWindows1252},
    {"iso-8859-2", "ISO-8859-2"},
    {"latin2", "ISO-8859-2"},
    {"l2", "ISO-8859-2"},
    {"iso-8859-3", "ISO-8859-3"},
    {"iso-8859-4", "ISO-8859-4"},
    {"iso-8859-5", "ISO-8859-5"},
    {"cyrillic", "ISO-8859-5"},
    {"iso-8859-6", "ISO-8859-6"},
    {"arabic", "ISO-8859-6"},
    {"iso-8859-7", "ISO-8859-7"},
    {"greek", "ISO-8859-7"},
    {"iso-8859-8", "ISO-8859-8"},
    {"hebrew", "ISO-8859-8"},
    {"iso-8859-9", "CP1254"},
    {"latin5", "CP1254"},
    {"windows-1254", "CP1254"},
    {"iso-8859-10", "ISO-8859-10"},
    {"iso-8859-13", "ISO-8859-13"},
    {"iso-8859-14", "ISO-8859-14"},
    {"iso-8859-15", "ISO-8859-15"},
    {"latin9", "ISO-8859-15"},
    {"iso-8859-16", "ISO-8859-16"},
    {"koi8-r", "KOI8-R"},
    {"koi8-u", "KOI8-U"},
    {"macintosh", "MACINTOSH"},
    {"windows-874", "CP874"},
    {"iso-8859-11", "CP874"},
    {"tis-620", "CP874"},
    {"windows-1250", "CP1250"},
    {"cp1250", "CP1250"},
    {"windows-1251", "CP1251"},
    {"cp1251", "CP1251"},
    {"windows-1253", "CP1253"},
    {"windows-1255", "CP1255"},
    {"windows-1256", "CP1256"},
    {"windows-1257", "CP1257"},
    {"windows-1258", "CP1258"},
    {"ibm866", "IBM866"},
    {"cp866", "IBM866"},
    {"gbk", "GB18030"},
    {"gb2312", "GB18030"},
    {"gb18030", "GB18030"},
    {"big5", "BIG5-HKSCS"},
    {"euc-jp", "EUC-JP"},
    {"iso-2022-jp", "ISO-2022-JP"},
    {"shift_jis", "CP932"},
    {"shift-jis", "CP932"},
    {"sjis", "CP932"},
    {"windows-31j", "CP932"},
    {"euc-kr", "CP949"},
    {"ks_c_5601-1987", "CP949"},
    {"utf-16", "UTF-16LE"},
    {"utf-16le", "UTF-16LE"},
    {"utf-16be", "UTF-16BE"},
});

// The value of `name="value"` in a declaration; "" without one.
std::string_view pseudo_attribute(std::string_view declaration, std::string_view name) {
  std::size_t at = declaration.find(name);
  if (at == std::string_view::npos) return {};
  at = declaration.find_first_of("'\"", at + name.size());
  if (at == std::string_view::npos) return {};
  const std::size_t end = declaration.find(declaration[at], at + 1);
  if (end == std::string_view::npos) return {};
  return declaration.substr(at + 1, end - at - 1);
}

class Converter {
 public:
  explicit Converter(const char* from) : handle_(iconv_open("UTF-8", from)) {}
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;
  ~Converter() {
    if (*this) iconv_close(handle_);
  }
  explicit operator bool() const { return handle_ != reinterpret_cast<iconv_t>(-1); }
  std::size_t run(char*& in, std::size_t& left, char*& out, std::size_t& room) {
    return iconv(handle_, &in, &left, &out, &room);
  }

 private:
  iconv_t handle_;
};

std::string convert(std::string_view in, const char* from, Converter& converter) {
  std::string out;
  std::array<char, 4096> piece;
  // iconv takes what it reads as not const, and leaves it alone.
  char* read = const_cast<char*>(in.data());
  std::size_t left = in.size();
  while (left > 0) {
    char* write = piece.data();
    std::size_t room = piece.size();
    const std::size_t done = converter.run(read, left, write, room);
    out.append(piece.data(), write);
    if (done != static_cast<std::size_t>(-1) || errno == E2BIG) continue;
    // The five bytes that windows-1252 leaves open are control characters on the web.
    append_utf8(out, from == kWindows1252 ? static_cast<unsigned char>(*read) : U'\ufffd');
    ++read;
    --left;
  }
  return out;
}

}  // namespace

Result<std::string> to_utf8(std::string_view document) {
  std::string_view rest = document;
  if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3);
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n"), rest.size()));
  if (!rest.starts_with("<?xml") || rest.find_first_of(" \t\r\n") != 5) return std::string();
  const std::string_view declaration = rest.substr(0, rest.find("?>"));
  const std::string_view version = pseudo_attribute(declaration, "version");
  if (!version.empty() && version != "1.0")
    return fail(Kind::decode, "only version 1.0 of XML is read", Origin::backend);
  const std::string label = to_lower(trim(pseudo_attribute(declaration, "encoding"), " \t\r\n"));
  if (label.empty() || label == "utf-8") return std::string();
  const auto known = std::ranges::find(kLabels, label, &Label::label);
  if (known == kLabels.end())
    return fail(Kind::decode, "the document is in an unknown encoding", Origin::backend);
  Converter converter(known->name);
  if (!converter)
    return fail(Kind::decode, "the encoding of the document is not installed", Origin::gateway);
  // The declaration itself is read as it stands.
  const std::size_t head = static_cast<std::size_t>(rest.data() - document.data()) +
                           std::min(declaration.size() + 2, rest.size());
  return std::string(document.substr(0, head)) +
         convert(document.substr(head), known->name, converter);
}

}  // namespace ropewalk::codec
