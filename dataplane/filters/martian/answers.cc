// body.Modifier and status.Modifier.
#include "dataplane/filters/martian/modifier.h"
#include "dataplane/filters/martian/serve.h"

#include <openssl/evp.h>

namespace ropewalk::martian {
namespace {

// As Go reads it: line breaks count for nothing.
std::string decode_base64(std::string text) {
  std::erase_if(text, [](char c) { return c == '\r' || c == '\n'; });
  std::string out(text.size() / 4 * 3, '\0');
  if (text.empty()) return out;
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  out.resize(size < 0 ? 0 : static_cast<std::size_t>(size) - padding);
  return out;
}

class BodyModifier final : public Modifier {
 public:
  BodyModifier(std::string type, std::string body)
      : type_(std::move(type)), body_(std::move(body)) {}
  bool replaces_answer_body() const override { return true; }
  bool replaces_request_body() const override { return true; }

  Result<void> request(Exchange& exchange) const override {
    exchange.set(false, "Content-Type", type_);
    exchange.erase(false, "Content-Encoding");
    exchange.request.set_body(body_);
    return {};
  }

  Result<void> response(Exchange& exchange) const override {
    exchange.erase(true, "Content-Encoding");
    return serve(exchange, type_, body_);
  }

 private:
  std::string type_;
  std::string body_;
};

class StatusModifier final : public Modifier {
 public:
  explicit StatusModifier(unsigned status) : status_(status) {}
  Result<void> response(Exchange& exchange) const override {
    exchange.response.status = status_;
    return {};
  }

 private:
  unsigned status_;
};

}  // namespace

Result<ModifierPtr> build_answer(const std::string& name, const json::Value& fields) {
  if (name == "body.Modifier")
    return std::make_unique<BodyModifier>(text_of(fields, "contentType"),
                                          decode_base64(text_of(fields, "body")));
  if (name == "status.Modifier")
    return std::make_unique<StatusModifier>(
        static_cast<unsigned>(integer_of(fields, "statusCode")));
  return nullptr;
}

}  // namespace ropewalk::martian
