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

// All members of the parts, every key once: at its first place with its last value.
std::vector<Member>& gather(std::span<const Partial> parts, Scratch& scratch) {
  std::vector<Member>& members = scratch.list();
  members.clear();
  for (const Partial& part : parts) {
    members.insert(members.end(), part.members.begin(), part.members.end());
  }
  resolve_duplicates(members, 0, scratch.table);
  complete(members, scratch.arena);
  return members;
}

// The parts one after the other.
void append_in_turn(std::string& out, std::span<const Partial> parts) {
  bool first = true;
  for (const Partial& part : parts) {
    if (part.members.empty()) continue;
    if (!first) out += ',';
    first = false;
    if (part.object.empty()) {
      append_members(out, part.members);
    } else {
      out += part.object.substr(1, part.object.size() - 2);
    }
  }
}

std::size_t size_of(const Partial& part) {
  return part.object.empty() ? members_size(part.members) + 1 : part.object.size();
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
  std::size_t size = 2;
  for (const Partial& part : parts) size += size_of(part);
  out.reserve(out.size() + size);
  out += '{';
  if (scratch.disjoint(parts)) {
    append_in_turn(out, parts);
  } else {
    append_members(out, gather(parts, scratch));
  }
  out += '}';
}

}  // namespace ropewalk::json
