#include "dataplane/codec/gunzip.h"

#include <zlib.h>

#include <algorithm>

namespace ropewalk::codec {

namespace {
constexpr std::string_view kBadHeader = "incorrect header check";  // zlib's words
}  // namespace

struct Gunzip::State {
  explicit State(const GunzipLimits& given) : limits(given) {
    ready = inflateInit2(&stream, 15 + 16) == Z_OK;
  }
  ~State() {
    if (ready) inflateEnd(&stream);
  }

  GunzipLimits limits;
  z_stream stream{};
  bool ready = false;
  bool at_member_end = false;
  std::uint64_t in = 0;
  std::uint64_t out = 0;
};

Gunzip::Gunzip(const GunzipLimits& limits) : state_(std::make_unique<State>(limits)) {}
Gunzip::Gunzip(Gunzip&&) noexcept = default;
Gunzip& Gunzip::operator=(Gunzip&&) noexcept = default;
Gunzip::~Gunzip() = default;

Result<void> Gunzip::feed(std::string_view input, std::string& out) {
  State& state = *state_;
  if (!state.ready) return fail(Kind::internal, "gzip: no memory");
  state.in += input.size();
  state.stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
  state.stream.avail_in = static_cast<uInt>(input.size());
  char block[16384];
  for (;;) {
    if (state.at_member_end) {
      if (state.stream.avail_in == 0) return {};
      inflateReset(&state.stream);
      state.at_member_end = false;
    }
    state.stream.next_out = reinterpret_cast<Bytef*>(block);
    state.stream.avail_out = sizeof block;
    const int code = inflate(&state.stream, Z_NO_FLUSH);
    const std::size_t made = sizeof block - state.stream.avail_out;
    out.append(block, made);
    state.out += made;
    if (state.out > state.limits.max_bytes)
      return fail(Kind::too_large, "the unpacked body exceeds max_decompressed", Origin::backend);
    if (state.out > 65536 &&
        state.out / std::max<std::uint64_t>(state.in, 1) > state.limits.max_ratio)
      return fail(Kind::too_large, "the unpacked body exceeds max_decompression_ratio",
                  Origin::backend);
    if (code == Z_STREAM_END) {
      state.at_member_end = true;
      continue;
    }
    if (code == Z_BUF_ERROR ||
        (code == Z_OK && state.stream.avail_in == 0 && state.stream.avail_out != 0))
      return {};
    if (code != Z_OK) {
      const bool at_header = state.stream.msg && kBadHeader == state.stream.msg;
      return fail(Kind::decode, at_header ? "gzip: invalid header" : "gzip: invalid data",
                  Origin::backend);
    }
  }
}

Result<void> Gunzip::finish() const {
  if (state_->in == 0 || state_->at_member_end) return {};
  return fail(Kind::decode, "gzip: the body is cut", Origin::backend);
}

}  // namespace ropewalk::codec
