#include "dataplane/json/merge.h"

#include "dataplane/json/scratch.h"

#include <cstring>

namespace ropewalk::json {
namespace {

// Calls write(text) for the pieces of `"key":value,"key":value`. What stands side by side in the
// body so becomes one piece: `"key":value` when nothing but the colon is between, and whole runs of
// members of a compact body.
template <class Write>
void for_each_piece(std::span<const Member> members, Write&& write) {
  std::string_view piece;
  auto add = [&](char separator, std::string_view next) {
    if (piece.data() != nullptr && next.data() == piece.data() + piece.size() + 1 &&
        piece.data()[piece.size()] == separator) {
      piece = {piece.data(), piece.size() + 1 + next.size()};
      return;
    }
    if (piece.data() != nullptr) {
      write(piece);
      write(std::string_view(&separator, 1));
    }
    piece = next;
  };
  for (const Member& member : members) {
    add(',', member.quoted);
    add(':', member.value);
  }
  if (piece.data() != nullptr) write(piece);
}

void append_members(std::string& out, std::span<const Member> members) {
  for_each_piece(members, [&](std::string_view piece) { out += piece; });
}

// Members that others made have no `quoted`.
void complete(std::span<Member> members, Arena& arena) {
  for (Member& member : members) {
    if (!member.quoted.empty()) continue;
    std::string text;
    append_string(text, member.key);
    member.quoted = arena.copy(text);
  }
}

// Writes into `scratch.members` all members in order; false when two parts share a key, whose value
// is then the later one.
bool gather(std::span<const Partial> parts, Scratch& scratch) {
  scratch.members.clear();
  for (const Partial& part : parts) {
    scratch.members.insert(scratch.members.end(), part.members.begin(), part.members.end());
  }
  return resolve_duplicates(scratch.members, 0, scratch.table);
}

// The parts one after the other; `members` are all of theirs.
void append_in_turn(std::string& out, std::span<const Partial> parts,
                    std::span<const Member> members) {
  bool first = true;
  for (const Partial& part : parts) {
    if (part.members.empty()) continue;
    if (!first) out += ',';
    first = false;
    if (part.object.empty()) {
      append_members(out, members.first(part.members.size()));
    } else {
      out += part.object.substr(1, part.object.size() - 2);
    }
    members = members.subspan(part.members.size());
  }
}

}  // namespace

std::size_t members_size(std::span<const Member> members) {
  std::size_t size = members.empty() ? 0 : 2 * members.size() - 1;
  for (const Member& member : members) size += member.quoted.size() + member.value.size();
  return size;
}

std::string_view write_object(std::span<const Member> members, Arena& arena) {
  const std::size_t size = members_size(members) + 2;
  char* const begin = arena.allocate(size);
  char* at = begin;
  *at++ = '{';
  for_each_piece(members, [&](std::string_view piece) {
    std::memcpy(at, piece.data(), piece.size());
    at += piece.size();
  });
  *at = '}';
  return {begin, size};
}

void append_merged(std::string& out, std::span<const Partial> parts, Scratch& scratch) {
  const Partial* only = nullptr;
  std::size_t with_members = 0;
  for (const Partial& part : parts) {
    if (part.members.empty()) continue;
    ++with_members;
    only = &part;
  }
  if (with_members == 0) {
    out += "{}";
    return;
  }
  if (with_members == 1 && !only->object.empty()) {
    out += only->object;
    return;
  }
  const bool disjoint = gather(parts, scratch);
  complete(scratch.members, scratch.arena);
  out.reserve(out.size() + members_size(scratch.members) + 2);
  out += '{';
  if (disjoint) {
    append_in_turn(out, parts, scratch.members);
  } else {
    append_members(out, scratch.members);
  }
  out += '}';
}

}  // namespace ropewalk::json
