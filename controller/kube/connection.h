// One TLS connection to the API server. Internal to the client.
#pragma once

#include "controller/kube/client.h"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <memory>
#include <string>

namespace ropewalk::controller::kube {

class Connection {
 public:
  using Tcp = boost::beast::basic_stream<asio::ip::tcp, Executor>;
  using Parser = boost::beast::http::response_parser<boost::beast::http::string_body>;
  using Milliseconds = std::chrono::milliseconds;

  Connection(asio::io_context& context, std::shared_ptr<asio::ssl::context> tls);

  Task<Result<void>> open(const ClusterConfig& config, Milliseconds deadline);
  // Writes the request and reads the answer's head into `parser`.
  Task<Result<void>> exchange(const ClusterConfig& config, const std::string& token,
                              const Request& request, Parser& parser, Milliseconds deadline);
  // Reads some of the body; its bytes are in parser.get().body().
  Task<Result<void>> read_some(Parser& parser, Milliseconds deadline);
  void close();

 private:
  Error error_of(const boost::system::error_code& error, const char* doing) const;

  asio::io_context& context_;
  std::shared_ptr<asio::ssl::context> tls_;  // outlives the stream made from it
  asio::ssl::stream<Tcp> stream_;
  boost::beast::flat_buffer buffer_;
  std::string peer_;  // host:port for messages
  bool closed_ = false;
};

}  // namespace ropewalk::controller::kube
