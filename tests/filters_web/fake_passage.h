// A request on its way through one gate, without sockets.
#pragma once

#include "dataplane/pipeline/factory.h"
#include "dataplane/pipeline/gate.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace ropewalk::testing {

class FakePassage final : public pipeline::Passage {
 public:
  FakePassage(std::string_view method, std::string_view target,
              std::initializer_list<std::pair<std::string_view, std::string_view>> fields = {}) {
    head_.method = method;
    head_.method_id = http::method_id(method);
    head_.target = target;
    const auto mark = target.find('?');
    head_.path = target.substr(0, mark);
    if (mark != std::string_view::npos) head_.query = target.substr(mark + 1);
    head_.host = "localhost:8080";
    for (const auto& [name, value] : fields) {
      head_.fields.add(name, value, http::field_id(name));
      if (http::field_id(name) == http::FieldId::host) head_.host = value;
    }
    head = &head_;
    client_address = peer_address = "192.0.2.7";
  }

  pipeline::Services& services() override { throw std::logic_error("no services here"); }
  void answer(unsigned status, std::string_view content_type, std::string_view text) override {
    status_ = status;
    content_type_ = content_type;
    text_ = text;
  }
  void refuse(unsigned status, std::string_view text) override { answer(status, "", text); }

  unsigned status_ = 0;  // 0: not answered
  std::string content_type_;
  std::string text_;

 private:
  void resumed(pipeline::Step) override {}
  http::RequestHead head_;
};

using GatePtr = std::shared_ptr<const pipeline::Gate>;

inline GatePtr make(pipeline::MakeGate factory, std::string_view text) {
  pipeline::Site site;
  site.text = text;
  auto gate = factory(site);
  EXPECT_TRUE(gate.has_value()) << (gate ? "" : gate.error().message);
  return gate ? *gate : nullptr;
}

}  // namespace ropewalk::testing
