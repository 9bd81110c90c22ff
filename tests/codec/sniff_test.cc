#include "dataplane/codec/sniff.h"

#include <gtest/gtest.h>

#include <string>

namespace ropewalk::codec {
namespace {

using namespace std::string_view_literals;

// Expected values: the table of the WHATWG MIME sniffing standard as net/http implements it.
TEST(Sniff, Types) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", "text/plain; charset=utf-8"},
      {"{\"a\":1}", "text/plain; charset=utf-8"},
      {"  <!doctype html><p>", "text/html; charset=utf-8"},
      {"<bx>", "text/plain; charset=utf-8"},
      {"<b>", "text/html; charset=utf-8"},
      {"<!-- x", "text/html; charset=utf-8"},
      {"\n<?xml version", "text/xml; charset=utf-8"},
      {"%PDF-1.7", "application/pdf"},
      {"\x89PNG\x0D\x0A\x1A\x0A...", "image/png"},
      {"GIF89a...", "image/gif"},
      {"\x1F\x8B\x08\x00", "application/x-gzip"},
      {"RIFF....WEBPVP8 ", "image/webp"},
      {"\x00\x01\x02"sv, "application/octet-stream"},
      {"caf\xC3\xA9", "text/plain; charset=utf-8"},
  };
  for (const auto& [body, type] : cases) EXPECT_EQ(sniff_content_type(body), type) << body;
}

}  // namespace
}  // namespace ropewalk::codec
