#include "dataplane/json/selection.h"

#include "dataplane/json/escape.h"
#include "dataplane/json/merge.h"
#include "dataplane/json/scratch.h"

#include <algorithm>
#include <utility>

namespace ropewalk::json {
namespace {

constexpr std::string_view kNull = "null";
constexpr std::string_view kCollection = "collection";
constexpr std::string_view kQuotedCollection = "\"collection\"";
constexpr std::uint32_t kNowhere = ~std::uint32_t{0};

}  // namespace

std::optional<Partial> select(const Plan& plan, std::string_view text, Scratch& scratch,
                              std::size_t max_depth) {
  const std::span<const std::uint32_t> tokens = scratch.structure.index(text);
  if (tokens.empty()) return {};
  const bool escapes = text.find('\\') != std::string_view::npos;
  if (escapes && check_escapes(text) != Escapes::valid) return {};
  return Selection(plan, text, tokens, escapes, max_depth, scratch).run();
}

Selection::Selection(const Plan& plan, std::string_view text, std::span<const std::uint32_t> tokens,
                     bool escapes, std::size_t max_depth, Scratch& scratch)
    : plan_(plan),
      text_(text),
      scratch_(scratch),
      members_(scratch.list()),
      walker_(text, tokens, max_depth, scratch.levels),
      escapes_(escapes) {
  members_.clear();
  scratch.frames.clear();
}

std::optional<Partial> Selection::run() {
  const char first = walker_.peek();
  if (first == 'n') return from_null();
  if (first != (plan_.is_collection ? '[' : '{')) return {};
  return plan_.is_collection ? from_array() : from_object();
}

std::optional<Partial> Selection::from_null() {
  if (!text_.substr(walker_.offset()).starts_with(kNull)) return {};
  if (plan_.is_collection) return collection(kNull);
  if (!plan_.target.empty()) return finish(true, {});
  if (!plan_.group.empty()) return grouped(kNull);
  return Partial{};
}

std::optional<Partial> Selection::from_array() {
  const std::uint32_t begin = walker_.offset();
  if (!walker_.skip()) return {};
  return collection(text_.substr(begin, walker_.after_bracket() - begin));
}

std::optional<Partial> Selection::from_object() {
  const std::uint32_t begin = walker_.offset();
  auto whole = [&] { return text_.substr(begin, walker_.after_bracket() - begin); };
  const bool as_it_is =
      plan_.target.empty() && plan_.filter == FilterKind::none && plan_.renames.empty();
  if (as_it_is && !plan_.group.empty()) {
    if (!walker_.skip()) return {};
    return grouped(whole());
  }
  if (!(plan_.target.empty() ? collect() : seek())) return {};
  if (as_it_is) return finish(false, whole());
  const bool resolve = !plan_.renames.empty() || !plan_.group.empty() || gaps_;
  if (resolve) resolve_duplicates(members_, 0, scratch_.table);
  rename();
  return finish(resolve, {});
}

// The value stands under the key "collection", to which the rules apply as to any other. It is no
// object, so no path leads into it.
Partial Selection::collection(std::string_view value) {
  const std::uint32_t node = plan_.tree.find(0, kCollection);
  const bool named = node != FilterTree::kNone && plan_.tree.leaf(node);
  const bool kept =
      plan_.filter == FilterKind::none || named == (plan_.filter == FilterKind::allow);
  if (kept && plan_.target.empty()) {
    members_.push_back({kCollection, value, kQuotedCollection});
  }
  rename();
  return finish(true, {});
}

// `unique`: duplicates are resolved. `whole`: the text of the object if it has none.
Partial Selection::finish(bool unique, std::string_view whole) {
  if (!plan_.group.empty()) return grouped(write_object(members_, scratch_.arena));
  const bool unchanged = scratch_.publish(unique);
  return {.has_data = true,
          .members = scratch_.published(),
          .object = unchanged ? whole : std::string_view{}};
}

Partial Selection::grouped(std::string_view value) {
  members_.assign(1, {plan_.group, value, plan_.quoted_group});
  scratch_.publish(true);
  return {.has_data = true, .members = scratch_.published(), .object = {}};
}

// Descends along the target and collects the members of the object it leads to, or none. A later
// duplicate of a key on the way replaces what the earlier one gave.
bool Selection::seek() {
  std::size_t level = 0;
  if (!walker_.enter()) return false;
  bool empty = walker_.peek() == '}';
  while (true) {
    if (!empty) {
      const std::optional<Key> key = read_key();
      if (!key) return false;
      const bool wanted = key->text == plan_.target[level];
      if (wanted) members_.clear();
      const bool object = wanted && walker_.peek() == '{';
      if (object && level + 1 < plan_.target.size()) {
        if (!walker_.enter()) return false;
        ++level;
        empty = walker_.peek() == '}';
        continue;
      }
      if (!(object ? collect() : walker_.skip())) return false;
    }
    while (walker_.peek() == '}') {
      walker_.leave();
      if (level-- == 0) return true;
    }
    if (walker_.peek() != ',') return false;
    walker_.next();
    empty = false;
  }
}

// Reads the object that the next token opens into `members_`.
bool Selection::collect() {
  return plan_.filter == FilterKind::none ? collect_all() : collect_filtered();
}

bool Selection::collect_all() {
  const std::size_t first = members_.size();
  if (!walker_.take_object(members_)) return false;
  if (escapes_) {
    for (Member& member : std::span(members_).subspan(first)) member.key = decoded(member.key);
  }
  return true;
}

// Objects on the path of a filter wait in `Scratch::frames` until the inner one is complete.
bool Selection::collect_filtered() {
  node_ = 0;
  first_ = members_.size();
  if (!walker_.enter()) return false;
  bool empty = walker_.peek() == '}';
  while (true) {
    if (!empty) {
      const std::size_t frames = scratch_.frames.size();
      if (!one_member()) return false;
      if (scratch_.frames.size() > frames) {  // one level deeper
        empty = walker_.peek() == '}';
        continue;
      }
    }
    while (walker_.peek() == '}') {
      walker_.leave();
      if (scratch_.frames.empty()) return true;
      close_object();
    }
    if (walker_.peek() != ',') return false;
    walker_.next();
    empty = false;
  }
}

bool Selection::one_member() {
  const std::optional<Key> key = read_key();
  if (!key) return false;
  const bool allow = plan_.filter == FilterKind::allow;
  const std::uint32_t child = plan_.tree.find(node_, key->text);
  if (child == FilterTree::kNone) return allow ? walker_.skip() : keep(*key);
  if (plan_.tree.leaf(child)) return allow ? keep(*key) : walker_.skip();
  if (walker_.peek() != '{') return allow ? drop(*key) : keep(*key);
  scratch_.frames.push_back({node_, first_, key->text, key->quoted});
  node_ = child;
  first_ = members_.size();
  return walker_.enter();
}

bool Selection::keep(const Key& key) {
  const std::string_view value = walker_.take();
  if (value.empty()) return false;
  members_.push_back({key.text, value, key.quoted});
  return true;
}

// Leaves a gap that takes an earlier member of the same key out.
bool Selection::drop(const Key& key) {
  members_.push_back({key.text, {}, key.quoted});
  gaps_ = true;
  return walker_.skip();
}

// Makes one value of the members since `first_` and goes on with the object around them. What an
// allow list leaves empty disappears; what a deny list empties stays.
void Selection::close_object() {
  resolve_duplicates(members_, first_, scratch_.table);
  const auto inner = std::span<const Member>(members_).subspan(first_);
  const bool gap = inner.empty() && plan_.filter == FilterKind::allow;
  const std::string_view value = gap ? std::string_view{} : write_object(inner, scratch_.arena);
  const Frame frame = scratch_.frames.back();
  scratch_.frames.pop_back();
  members_.resize(first_);
  members_.push_back({frame.key, value, frame.quoted});
  gaps_ |= gap;
  node_ = frame.node;
  first_ = frame.first;
}

// All old names leave first, with their values; then the new ones are set in order of the old
// names. So a swap swaps, a chain keeps both, and a key renamed to itself is lost.
void Selection::rename() {
  std::vector<Member>& members = members_;
  std::vector<std::uint32_t>& positions = scratch_.positions;
  positions.assign(plan_.renames.size(), kNowhere);
  bool any = false;
  for (std::uint32_t i = 0; i < members.size() && !plan_.renames.empty(); ++i) {
    auto found = std::lower_bound(
        plan_.renames.begin(), plan_.renames.end(), members[i].key,
        [](const Rename& rename, std::string_view key) { return rename.from < key; });
    if (found == plan_.renames.end() || found->from != members[i].key) continue;
    positions[static_cast<std::size_t>(found - plan_.renames.begin())] = i;
    members[i].quoted = {};
    any = true;
  }
  if (!any) return;
  auto gone = [](const Member& member) { return member.quoted.empty(); };
  for (std::size_t r = 0; r < positions.size(); ++r) {
    const Rename& rename = plan_.renames[r];
    if (positions[r] == kNowhere || rename.from == rename.to) continue;
    Member& old = members[positions[r]];
    auto taken = std::find_if(members.begin(), members.end(), [&](const Member& member) {
      return !gone(member) && member.key == rename.to;
    });
    if (taken == members.end()) {
      old.key = rename.to;
      old.quoted = rename.quoted;
    } else {
      taken->value = old.value;
    }
  }
  std::erase_if(members, gone);
}

std::optional<Selection::Key> Selection::read_key() {
  const std::string_view raw = walker_.key();
  if (raw.data() == nullptr) return {};
  return Key{decoded(raw), {raw.data() - 1, raw.size() + 2}};
}

std::string_view Selection::decoded(std::string_view raw) {
  if (!escapes_ || raw.find('\\') == std::string_view::npos) return raw;
  char* const text = scratch_.arena.allocate(raw.size());
  return {text, decode(raw, text)};
}

}  // namespace ropewalk::json
