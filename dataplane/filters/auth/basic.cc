#include "dataplane/filters/auth/basic.h"

#include "common/jose/base64.h"
#include "common/keyed_table.h"
#include "common/strings.h"
#include "dataplane/filters/auth/password_check.h"
#include "dataplane/filters/auth/settings.h"
#include "ropewalk/config/v1/config.pb.h"

namespace ropewalk::auth {
namespace {

using pipeline::Passage;
using pipeline::Step;
using Users = KeyedMap<std::string>;  // name -> hash

class Basic final : public pipeline::Gate {
 public:
  Basic(Users users, std::shared_ptr<PasswordCheck> check)
      : users_(std::move(users)), check_(std::move(check)) {}

  Step run(Passage& passage) const override {
    const auto given = parse_basic(passage.head->fields.value(http::FieldId::authorization));
    if (!given) return refuse(passage);
    const auto user = users_.find(given->name);
    // Somebody unknown costs as much as a wrong password: names cannot be told by the clock.
    const std::string& hash = user == users_.end() ? users_.begin()->second : user->second;
    const bool exists = user != users_.end();
    if (exists && check_->known(hash, given->password)) return Step::next;
    pipeline::PassageWaker waker = passage.suspend();
    const bool queued =
        check_->check(hash, given->password, {passage.client_address, passage.services().workers},
                      [waker, exists, post = passage.services().post](bool right) {
                        post([waker, good = right && exists] {
                          Passage* waiting = waker.passage();
                          if (waiting) waker.resume(good ? Step::next : refuse(*waiting));
                        });
                      });
    if (queued) return Step::wait;
    passage.answer(503, "", "");
    return Step::done;
  }

 private:
  static Step refuse(Passage& passage) {
    passage.answer_fields += "Www-Authenticate: Basic realm=\"restricted\", charset=\"UTF-8\"\r\n";
    passage.answer(401, "", "");
    return Step::done;
  }

  const Users users_;
  const std::shared_ptr<PasswordCheck> check_;
};

Result<void> add_users(std::string_view text, Users& users) {
  const auto settings = Settings::parse(text);
  if (!settings) return std::unexpected(settings.error());
  const json::Value* list = settings->find("users");
  if (!list || !list->is_object()) return {};
  for (const auto& [name, hash] : list->members())
    if (hash.is_string()) users.insert_or_assign(name, hash.string());
  return {};
}

}  // namespace

std::optional<Credentials> parse_basic(std::string_view value) {
  constexpr std::string_view kScheme = "basic ";
  if (value.size() <= kScheme.size() || !iequals(value.substr(0, kScheme.size()), kScheme))
    return std::nullopt;
  const auto text = jose::from_base64(trim(value.substr(kScheme.size())));
  if (!text) return std::nullopt;
  const auto colon = text->find(':');
  if (colon == std::string::npos || text->find('\0') != std::string::npos) return std::nullopt;
  return Credentials{text->substr(0, colon), text->substr(colon + 1)};
}

Result<std::shared_ptr<const pipeline::Gate>> make_basic(const pipeline::Site& site) {
  Users users;
  const auto at = site.service->extra_config().find("auth/basic");
  if (at != site.service->extra_config().end())
    if (auto added = add_users(at->second, users); !added) return std::unexpected(added.error());
  if (auto added = add_users(site.text, users); !added) return std::unexpected(added.error());
  if (users.empty())
    return fail(Kind::config, "no users: give htpasswd_path or users here or at the root");
  auto check = site.state<PasswordCheck>("auth/basic#passwords");
  return std::make_shared<const Basic>(std::move(users), std::move(check));
}

}  // namespace ropewalk::auth
