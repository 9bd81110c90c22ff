// What one Service may ask for at most: every entry, host name and part becomes resources on every
// data plane, every reference a watch. docs/annotations.md names them.
#pragma once

#include <cstddef>

namespace ropewalk::controller {

inline constexpr std::size_t kMaxHostnames = 64;   // of one entry
inline constexpr std::size_t kMaxEntries = 256;    // in `endpoints`
inline constexpr std::size_t kMaxClaims = 1024;    // host names of all entries, at least 1 for each
inline constexpr std::size_t kMaxParts = 256;      // backends of all entries
inline constexpr std::size_t kMaxReferences = 32;  // Secrets and ConfigMaps, each counted once
inline constexpr std::size_t kMaxPathBytes = 2048;  // of an endpoint
inline constexpr std::size_t kMaxPathParameters = 32;
inline constexpr std::size_t kMaxPairBytes = 64 << 10;  // a certificate with its chain and key
inline constexpr std::size_t kMaxChoices = 16;  // port names that a held host set may be meant for
inline constexpr std::size_t kMaxEvents = 32;   // told of one Service; its condition says the rest

}  // namespace ropewalk::controller
