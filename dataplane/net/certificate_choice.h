// Which certificate a client is shown: by the name in its hello (SNI, RFC 6066 3). Pure and
// immutable once filled; any thread.
#pragma once

#include "common/keyed_table.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::net {

class CertificateChoice {
 public:
  enum class Mode {
    files,      // KrakenD: the first of the list that fits; the default serves every other client
    kubernetes  // exact names before "*.", else the defaults, else nothing
  };
  explicit CertificateChoice(Mode mode) : mode_(mode) {}

  // Adds the next entry of the list. A name is exact or "*.example.com", which stands for one
  // label; case and a trailing dot do not matter.
  void add(const std::vector<std::string>& names, bool is_default);
  // Names that nobody may answer for: neither a wildcard nor a default stands in for them.
  void reserve(const std::vector<std::string>& names);

  // Indexes in the order in which to try them; empty: the client must be refused. "" without SNI.
  std::vector<std::size_t> candidates(std::string_view server_name) const;

 private:
  using Index = KeyedMap<std::vector<std::size_t>>;

  std::vector<std::size_t>& entry(const std::string& given);
  // Nothing: no entry covers the name; an empty list: it is reserved.
  std::optional<std::vector<std::size_t>> find(std::string_view server_name) const;

  Mode mode_;
  std::size_t size_ = 0;
  Index exact_;
  Index wildcard_;  // by ".example.com"
  std::vector<std::size_t> defaults_;
};

}  // namespace ropewalk::net
