// Stored answers by key, least recently used first to go, bounded in number and bytes; and who is
// asking the backend for which key, so that others can wait for that answer.
//
// Any thread; one short mutex per shard, never held while somebody is woken.
#pragma once

#include "common/siphash.h"
#include "dataplane/filters/http_cache/entry.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ropewalk::http_cache {

struct Bounds {
  std::size_t items = 0;
  std::uint64_t bytes = 0;  // of names, values and bodies
};

// How the one who asked came back.
enum class Landing : std::uint8_t {
  stored,     // look again
  unshared,   // not for others: everybody asks for himself, also those who come soon after
  failed,     // no answer: everybody asks for himself
  cancelled,  // the client left: one of those who wait asks instead
};

using Wake = std::function<void(Landing)>;

class Store {
 public:
  // `shards`: 1 keeps the order of use exact.
  Store(Bounds bounds, std::size_t shards, SipKey key = random_sip_key());

  std::shared_ptr<const Entry> find(std::string_view key);
  // False: an entry beyond the bounds by itself is not kept; an older one of that key goes in any
  // case.
  bool put(std::string_view key, std::shared_ptr<const Entry> entry);
  void erase(std::string_view key);
  std::size_t size() const;
  std::uint64_t bytes() const;
  // What is too much by now goes at once. Of the callers with one number only the first counts.
  void resize(Bounds bounds, std::uint64_t configuration);

  enum class Role : std::uint8_t {
    leads,    // asks the backend and tells the others by land()
    waits,    // hears of it through `wake`
    alone,    // asks for himself
    changed,  // the entry is another one by now: look again
  };
  // Which answer is asked for. `variant`: the fields that the answer is known to vary by, as this
  // request has them; "" for none. Those who ask for another variant do not wait.
  struct Wanted {
    std::string_view key;
    std::string_view variant;
  };
  // `seen`: the entry that was not good enough, null without one. `party`: who asks; one party
  // never waits for itself. `wake` is called once, from land(), on the caller's thread there.
  Role join(Wanted wanted, const Entry* seen, const void* party, const std::function<Wake()>& wake,
            Nanoseconds now);
  // By the one who leads, exactly once.
  void land(Wanted wanted, Landing landing, Nanoseconds now);

 private:
  struct Hash {
    using is_transparent = void;
    SipKey key;
    std::size_t operator()(std::string_view text) const { return siphash(key, text); }
  };
  struct Item {
    std::string key;
    std::shared_ptr<const Entry> entry;
  };
  struct Flight {
    const void* party = nullptr;
    std::vector<Wake> waiting;
  };
  using Items = std::list<Item>;
  struct Shard {
    Shard(const Hash& hash, Bounds given) : bounds(given), index(0, hash), flights(0, hash) {}
    mutable std::mutex mutex;
    Bounds bounds;
    Items items;  // the most recently used first
    std::unordered_map<std::string_view, Items::iterator, Hash> index;
    std::uint64_t bytes = 0;
    std::unordered_map<std::string, Flight, Hash, std::equal_to<>> flights;  // by key and variant
    std::unordered_map<std::uint64_t, Nanoseconds> unshared;  // hash of a key, until when
  };

  static Bounds of_one(Bounds bounds, std::size_t shards);
  static void shrink(Shard& shard, const Bounds& bounds);
  Shard& shard_of(std::string_view key);
  static void remove(Shard& shard, Items::iterator item);

  Hash hash_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::mutex resizing_;
  std::uint64_t configuration_ = 0;  // guarded by it
};

}  // namespace ropewalk::http_cache
