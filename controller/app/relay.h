// Between those who start before the controller (source, files, admin pages) and the controller.
// Owned by main; any thread.
#pragma once

#include "controller/app/controller.h"

#include <mutex>
#include <optional>
#include <utility>

namespace ropewalk::controller {

class Relay {
 public:
  // What came in before is passed on now. Null before the controller is destroyed.
  void connect(Controller* controller) {
    const std::scoped_lock lock(mutex_);
    controller_ = controller;
    if (controller_ && missed_) controller_->on_change(*std::exchange(missed_, std::nullopt));
  }

  void on_change(Change change) {
    const std::scoped_lock lock(mutex_);
    if (controller_)
      controller_->on_change(change);
    else
      missed_ = Change::objects;
  }

  // `question(controller)`, or `otherwise` while there is none.
  template <class Question, class Answer>
  Answer ask(Question question, Answer otherwise) const {
    const std::scoped_lock lock(mutex_);
    return controller_ ? question(*controller_) : otherwise;
  }

 private:
  mutable std::mutex mutex_;
  Controller* controller_ = nullptr;
  std::optional<Change> missed_;
};

}  // namespace ropewalk::controller
