#include "tests/http/beast_oracle.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

namespace ropewalk::http {
namespace {

namespace beast = boost::beast;
using beast::error_code;
using beast::string_view;

template <bool is_request>
class Recorder : public beast::http::basic_parser<is_request> {
 public:
  BeastMessage message;

 private:
  void on_request_impl(beast::http::verb, string_view method, string_view target, int,
                       error_code&) override {
    message.method = std::string(method);
    message.target = std::string(target);
  }
  void on_response_impl(int code, string_view, int, error_code&) override {
    message.status = static_cast<unsigned>(code);
  }
  void on_field_impl(beast::http::field, string_view name, string_view value,
                     error_code&) override {
    if (!in_trailers_) message.fields.emplace_back(std::string(name), std::string(value));
  }
  void on_header_impl(error_code&) override { in_trailers_ = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view data, error_code&) override {
    message.body += std::string(data);
    return data.size();
  }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view data, error_code&) override {
    message.body += std::string(data);
    return data.size();
  }
  void on_finish_impl(error_code&) override {}

  bool in_trailers_ = false;
};

template <bool is_request>
BeastMessage parse(std::string_view input, bool head_request, bool eof) {
  Recorder<is_request> parser;
  parser.eager(true);
  parser.header_limit(1 << 20);
  parser.body_limit(boost::none);
  parser.skip(head_request);
  error_code error;
  while (!parser.is_done() && !input.empty()) {
    const std::size_t n = parser.put(boost::asio::buffer(input.data(), input.size()), error);
    input.remove_prefix(n);
    if (error == beast::http::error::need_more) break;
    if (error) {
      parser.message.error = error.message();
      return parser.message;
    }
  }
  if (!parser.is_done() && eof && parser.got_some()) {
    parser.put_eof(error);
    if (error) parser.message.error = error.message();
  }
  parser.message.complete = parser.is_done();
  return parser.message;
}

template <bool is_request>
class Slicer : public beast::http::basic_parser<is_request> {
 public:
  explicit Slicer(std::vector<std::pair<std::string_view, std::string_view>>& fields)
      : fields_(fields) {}

 private:
  void on_request_impl(beast::http::verb, string_view, string_view, int, error_code&) override {}
  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_field_impl(beast::http::field, string_view name, string_view value,
                     error_code&) override {
    fields_.emplace_back(std::string_view(name.data(), name.size()),
                         std::string_view(value.data(), value.size()));
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view data, error_code&) override { return data.size(); }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view data, error_code&) override {
    return data.size();
  }
  void on_finish_impl(error_code&) override {}

  std::vector<std::pair<std::string_view, std::string_view>>& fields_;
};

template <bool is_request>
std::size_t slice(std::string_view head) {
  static thread_local std::vector<std::pair<std::string_view, std::string_view>> fields;
  fields.clear();
  Slicer<is_request> parser(fields);
  error_code error;
  parser.put(boost::asio::buffer(head.data(), head.size()), error);
  return fields.size();
}

}  // namespace

BeastMessage beast_request(std::string_view input) { return parse<true>(input, false, false); }

BeastMessage beast_response(std::string_view input, bool head_request, bool eof) {
  return parse<false>(input, head_request, eof);
}

std::size_t beast_request_head(std::string_view head) { return slice<true>(head); }

std::size_t beast_response_head(std::string_view head) { return slice<false>(head); }

}  // namespace ropewalk::http
