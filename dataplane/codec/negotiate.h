// output_encoding negotiate: the encoding that a client's Accept asks for. Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace ropewalk::codec {

enum class Negotiated : std::uint8_t { json, xml, yaml };

// The first entry of `accept` (the first line of that name, "" without one) that is on offer wins;
// quality values are ignored. On offer are application/json, text/plain (YAML), application/xml and
// application/x-yaml; an entry matches an offer that it begins, or up to a *. Nothing on offer:
// JSON.
Negotiated negotiate(std::string_view accept);

}  // namespace ropewalk::codec
