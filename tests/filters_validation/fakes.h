// A flow and a passage without a worker, and blocks of configuration as a document has them.
#pragma once

#include "config/extra.h"
#include "config/files.h"
#include "dataplane/pipeline/gate.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace ropewalk::filters {

class FakePassage final : public pipeline::Passage {
 public:
  pipeline::Services& services() override { std::abort(); }
  void answer(unsigned status, std::string_view, std::string_view text) override {
    answered = status;
    answer_text = text;
  }
  void refuse(unsigned status, std::string_view text) override { answer(status, "", text); }

  unsigned answered = 0;
  std::string answer_text;

 private:
  void resumed(pipeline::Step) override {}
};

class FakeFlow final : public pipeline::Flow {
 public:
  pipeline::Services& services() override { std::abort(); }
  const pipeline::Passage& passage() const override { return passage_; }
  std::shared_ptr<void>& note() override { return note_; }

 private:
  void resumed(pipeline::Step) override {}
  FakePassage passage_;
  std::shared_ptr<void> note_;
};

// What reading a block came to.
struct Read {
  std::string text;
  std::string refusal;  // "" when it was accepted
  std::vector<config::Warning> warnings;
};

template <class Reader>
Read read_block(std::string_view block, Reader reader) {
  const nlohmann::json value = nlohmann::json::parse(block);
  Read out;
  config::Diagnostics diagnostics(out.warnings);
  out.text = reader(config::ExtraValue{&value, "at"}, diagnostics);
  if (diagnostics.failed()) out.refusal = diagnostics.error().message;
  return out;
}

}  // namespace ropewalk::filters
