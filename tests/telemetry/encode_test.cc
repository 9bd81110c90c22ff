// OTLP messages, read back field by field (the numbers are those of opentelemetry-proto).
#include "dataplane/telemetry/otlp/encode.h"

#include <google/protobuf/unknown_field_set.h>
#include <gtest/gtest.h>

#include <bit>
#include <memory>

namespace ropewalk::telemetry {
namespace {

using google::protobuf::UnknownField;
using google::protobuf::UnknownFieldSet;

using Fields = std::unique_ptr<UnknownFieldSet>;  // it cannot be copied

Fields parsed(const std::string& text) {
  auto out = std::make_unique<UnknownFieldSet>();
  EXPECT_TRUE(out->ParseFromString(text));
  return out;
}

// The n-th field of that number, followed into messages: {1, 2, 3} is field 3 of 2 of 1.
const UnknownField* find(const Fields& set, int number) {
  for (int i = 0; i < set->field_count(); ++i)
    if (set->field(i).number() == number) return &set->field(i);
  return nullptr;
}

std::string bytes_at(std::string text, std::initializer_list<int> path) {
  for (const int number : path) {
    const Fields set = parsed(text);
    const UnknownField* field = find(set, number);
    if (!field) return "(none)";
    text = field->length_delimited();
  }
  return text;
}

// A receiver refuses a message with a string that is no UTF-8, and all the spans in it.
TEST(Otlp, TextsAreUtf8WhateverAClientSends) {
  Span span{.context = {1, 2, 3, true}, .parent = 9, .server = true, .name = "GET /\xff"};
  span.attributes = {{"url.path", "/a\xff"}};
  const std::string text = encode_spans({"shop", "1.0", "test"}, std::span(&span, 1));
  const std::string one = bytes_at(text, {1, 2, 2});
  EXPECT_EQ(bytes_at(one, {5}), "GET /\xEF\xBF\xBD");
  EXPECT_EQ(bytes_at(one, {9, 2, 1}), "/a\xEF\xBF\xBD");
}

TEST(Otlp, SpansHaveTheirFields) {
  Span span{.context = {1, 2, 3, true}, .parent = 9, .server = true, .name = "GET /a"};
  span.start_ns = 100;
  span.end_ns = 250;
  span.error = "late";
  span.attributes = {{"http.request.method", "GET"}, {"http.response.status_code", {}, 504}};
  const std::string text = encode_spans({"shop", "1.0", "test"}, std::span(&span, 1));
  EXPECT_EQ(bytes_at(text, {1, 1, 1, 1}), "service.name");
  EXPECT_EQ(bytes_at(text, {1, 1, 1, 2, 1}), "shop");
  EXPECT_EQ(bytes_at(text, {1, 2, 1, 1}), "ropewalk");
  const std::string one = bytes_at(text, {1, 2, 2});
  EXPECT_EQ(bytes_at(one, {1}), std::string("\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2", 16));
  EXPECT_EQ(bytes_at(one, {2}), std::string("\0\0\0\0\0\0\0\3", 8));
  EXPECT_EQ(bytes_at(one, {4}), std::string("\0\0\0\0\0\0\0\11", 8));
  EXPECT_EQ(bytes_at(one, {5}), "GET /a");
  const Fields fields = parsed(one);
  EXPECT_EQ(find(fields, 6)->varint(), 2u);
  EXPECT_EQ(find(fields, 7)->fixed64(), 100u);
  EXPECT_EQ(find(fields, 8)->fixed64(), 250u);
  EXPECT_EQ(bytes_at(one, {9, 1}), "http.request.method");
  EXPECT_EQ(bytes_at(one, {15, 2}), "late");
  EXPECT_EQ(find(parsed(bytes_at(one, {15})), 3)->varint(), 2u);
}

TEST(Otlp, MetricsAreCumulative) {
  Metric counter{"http.client.request.started.count", "", "help", Metric::Type::counter, {}};
  counter.points.push_back({{{"http.route", "/a"}}, 300, {}});
  Metric histogram{"http.server.duration", "s", "help", Metric::Type::histogram, {}};
  MetricPoint point;
  point.histogram.record(90);
  point.histogram.record(200);
  histogram.points.push_back(point);
  const std::string text = encode_metrics({"shop", "", ""}, {counter, histogram}, 10, 20);
  const Fields scoped = parsed(bytes_at(text, {1, 2}));
  ASSERT_EQ(scoped->field_count(), 3);
  const std::string first = scoped->field(1).length_delimited();
  EXPECT_EQ(bytes_at(first, {1}), "http.client.request.started.count");
  const Fields sum = parsed(bytes_at(first, {7}));
  EXPECT_EQ(find(sum, 2)->varint(), 2u);
  EXPECT_EQ(find(sum, 3)->varint(), 1u);
  const Fields number = parsed(bytes_at(first, {7, 1}));
  EXPECT_EQ(find(number, 2)->fixed64(), 10u);
  EXPECT_EQ(find(number, 3)->fixed64(), 20u);
  EXPECT_EQ(find(number, 6)->fixed64(), 300u);
  const std::string second = scoped->field(2).length_delimited();
  EXPECT_EQ(bytes_at(second, {3}), "s");
  const std::string data = bytes_at(second, {9, 1});
  const Fields fields = parsed(data);
  EXPECT_EQ(find(fields, 4)->fixed64(), 2u);
  EXPECT_DOUBLE_EQ(std::bit_cast<double>(find(fields, 5)->fixed64()), 290e-6);
  // One bucket more than bounds.
  EXPECT_EQ(bytes_at(data, {6}).size(), bytes_at(data, {7}).size() + sizeof(std::uint64_t));
  EXPECT_EQ(bytes_at(data, {6}).substr(0, 16), std::string("\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0", 16));
}

}  // namespace
}  // namespace ropewalk::telemetry
