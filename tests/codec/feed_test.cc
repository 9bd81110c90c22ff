#include "dataplane/codec/feed.h"

#include "dataplane/codec/feed_text.h"

#include <gtest/gtest.h>

namespace ropewalk::codec {
namespace {

json::Value feed_of(std::string_view body) {
  auto feed = decode_feed(body, 10000);
  EXPECT_TRUE(feed) << body << feed.error().message;
  return feed ? std::move(*feed) : json::Value();
}

void expect_same(const json::Value& got, std::string_view wanted) {
  EXPECT_EQ(got, *json::parse(wanted)) << json::to_string(got);
}

TEST(Feed, Rss) {
  const json::Value feed = feed_of(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
      "xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" xmlns:x=\"urn:x\">"
      "<channel><title>News &amp; more</title><link>https://n/</link><description>A "
      "&lt;b&gt;</description>"
      "<language>en-gb</language><copyright>Ltd</copyright><managingEditor>a@b.c "
      "(Ada)</managingEditor>"
      "<pubDate>Mon, 02 Mar 2026 10:00:00 GMT</pubDate><lastBuildDate>late</lastBuildDate>"
      "<category>ports</category><category>ships</category>"
      "<image><url>https://n/l.png</url><title>Logo</title></image>"
      "<item><title>Crane</title><link>https://n/1</link><description><![CDATA[<p>Back</p>]]></"
      "description>"
      "<guid isPermaLink=\"false\">n-1</guid><pubDate>Mon, 02 Mar 2026 09:00:00 +0100</pubDate>"
      "<category>cranes</category><dc:creator>Ada</dc:creator><x:y a=\"1\"><x:z>v</x:z></x:y>"
      "<content:encoded><![CDATA[<p>Long</p>]]></content:encoded>"
      "<enclosure url=\"u\" length=\"12\" type=\"t\"/><mood>good</mood></item>"
      "<item><title>Fog</title></item></channel></rss>");
  expect_same(feed, R"({
    "title":"News & more","description":"A <b>","language":"en-gb","copyright":"Ltd","type":"rss",
    "author":{"name":"Ada","email":"a@b.c"},"categories":["ports","ships"],"custom":null,
    "published":"Mon, 02 Mar 2026 10:00:00 GMT","updated":"late","img_url":"https://n/l.png",
    "items":[{"title":"Crane","description":"<p>Back</p>","content":"<p>Long</p>","link":"https://n/1",
      "links":["https://n/1"],"published":"Mon, 02 Mar 2026 09:00:00 +0100",
      "publishedParsed":"2026-03-02T08:00:00Z","author":{"name":"Ada"},"authors":[{"name":"Ada"}],
      "guid":"n-1","categories":["cranes"],"enclosures":[{"url":"u","length":"12","type":"t"}],
      "dcExt":{"creator":["Ada"]},"custom":{"mood":"good"},"extensions":{
        "dc":{"creator":[{"name":"creator","value":"Ada","attrs":{},"children":{}}]},
        "x":{"y":[{"name":"y","value":"","attrs":{"a":"1"},
          "children":{"z":[{"name":"z","value":"v","attrs":{},"children":{}}]}}]}}},
      {"title":"Fog"}]})");
}

TEST(Feed, MinimalRss) {
  expect_same(
      feed_of("<rss version=\"2.0\"><channel><title>Quiet</title></channel></rss>"),
      R"({"author":null,"categories":null,"copyright":"","custom":null,"description":"","items":[],
                  "language":"","published":"","title":"Quiet","type":"rss","updated":""})");
}

TEST(Feed, Rss1HasItsItemsBesideTheChannel) {
  const json::Value feed = feed_of(
      "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" "
      "xmlns=\"http://purl.org/rss/1.0/\" "
      "xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel><title>T</title><dc:date>2026-01-02</"
      "dc:date></channel>"
      "<item><title>I</title><dc:date>2026-01-02T03:04:05+02:00</dc:date><dc:subject>s</"
      "dc:subject></item></rdf:RDF>");
  EXPECT_EQ(feed.find("updated")->string(), "2026-01-02");
  const json::Value& item = feed.find("items")->elements().at(0);
  EXPECT_EQ(item.find("publishedParsed")->string(), "2026-01-02T03:04:05+02:00");
  EXPECT_EQ(json::to_string(*item.find("categories")), R"(["s"])");
}

TEST(Feed, Itunes) {
  const json::Value feed = feed_of(
      "<rss "
      "xmlns:itunes=\"http://www.itunes.com/dtds/podcast-1.0.dtd\"><channel><itunes:author>A</"
      "itunes:author>"
      "<itunes:image href=\"i.png\"/><itunes:category text=\"Arts\"><itunes:category "
      "text=\"Food\"/></itunes:category>"
      "<item><itunes:duration>10</itunes:duration><itunes:image "
      "href=\"j.png\"/></item></channel></rss>");
  EXPECT_EQ(feed.find("img_url")->string(), "i.png");
  EXPECT_EQ(json::to_string(*feed.find("categories")), R"(["Arts","Food"])");
  const json::Value& item = feed.find("items")->elements().at(0);
  EXPECT_EQ(json::to_string(*item.find("itunesExt")), R"({"duration":"10","image":"j.png"})");
  EXPECT_EQ(item.find("image")->find("url")->string(), "j.png");
}

TEST(Feed, Atom) {
  const json::Value feed = feed_of(
      "<feed xmlns=\"http://www.w3.org/2005/Atom\" "
      "xml:lang=\"en\"><title>Tides</title><subtitle>s</subtitle>"
      "<updated>2026-03-01T00:00:00Z</updated><author><name>Bob</name><email>b@c.d</email></author>"
      "<logo>l.png</logo><rights>r</rights><category term=\"sea\"/>"
      "<entry><title "
      "type=\"html\">&lt;b&gt;High&lt;/b&gt;</title><id>urn:1</id><updated>2026-03-01T06:00:00Z</"
      "updated>"
      "<link href=\"https://t/1\"/><link rel=\"enclosure\" href=\"e\" length=\"1\" "
      "type=\"t\"/><summary>4.2 m</summary>"
      "<content type=\"xhtml\"><div xmlns=\"http://www.w3.org/1999/xhtml\"><p>x &amp; "
      "y</p></div></content>"
      "<category term=\"c\"/></entry></feed>");
  expect_same(
      feed,
      R"({"author":{"name":"Bob","email":"b@c.d"},"categories":["sea"],"copyright":"r","custom":null,
    "description":"s","language":"en","published":"","title":"Tides","type":"atom","updated":"2026-03-01T00:00:00Z",
    "img_url":"l.png","items":[{"title":"<b>High</b>","description":"4.2 m","content":"<p>x &amp; y</p>",
    "link":"https://t/1","links":["https://t/1"],"updated":"2026-03-01T06:00:00Z",
    "updatedParsed":"2026-03-01T06:00:00Z","published":"2026-03-01T06:00:00Z",
    "publishedParsed":"2026-03-01T06:00:00Z","guid":"urn:1","categories":["c"],
    "enclosures":[{"url":"e","length":"1","type":"t"}]}]})");
}

TEST(Feed, Json) {
  expect_same(
      feed_of(
          R"({"version":"https://jsonfeed.org/version/1.1","title":"Locks","icon":"i","author":{"name":"Al"},
    "items":[{"id":"1","title":"Open","url":"https://l/1","content_text":"t","date_published":"2026-01-02T03:04:05+01:00",
    "tags":["a"],"attachments":[{"url":"u","mime_type":"m","duration_in_seconds":7}]}]})"),
      R"({"author":{"name":"Al"},"categories":null,"copyright":"","custom":null,"description":"","language":"",
    "published":"2026-01-02T03:04:05+01:00","title":"Locks","type":"json","updated":"","img_url":"i",
    "items":[{"title":"Open","content":"t","link":"https://l/1","links":["https://l/1"],"guid":"1",
    "published":"2026-01-02T03:04:05+01:00","publishedParsed":"2026-01-02T03:04:05+01:00","categories":["a"],
    "enclosures":[{"url":"u","length":"7","type":"m"}]}]})");
  EXPECT_FALSE(decode_feed(R"({"title":1})", 100));
  EXPECT_FALSE(decode_feed(R"({"items":{}})", 100));
}

TEST(Feed, RefusesWhatIsNoFeed) {
  for (const char* body : {"", " ", "hi", "<html><body>hi</body></html>", "{", "[1]",
                           "<rss><channel><title>Q</title>", "<?xml version=\"1.0\"?>", "<rss"})
    EXPECT_FALSE(decode_feed(body, 100)) << body;
}

TEST(FeedText, EntitiesAndSections) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"  a &amp; b &lt;", "a & b <"},
      {"&eacute;&#233;&#xe9;&hellip;", "ééé…"},
      {"AT&T &nope; &; & &amp", "AT&T &nope; &; & &amp"},
      {"&#128;&#0;&#xd800;", "€\xEF\xBF\xBD\xEF\xBF\xBD"},
      {" <![CDATA[ <b>&amp;</b> ]]> ", " <b>&amp;</b> "},
      {"x &amp; <![CDATA[y]]> z<![CDATA[w]]>", "x & y zw"},
      {"<![CDATA[open", "open"},
  };
  for (const auto& [raw, text] : cases) EXPECT_EQ(feed_text(raw), text) << raw;
}

TEST(FeedText, People) {
  struct Case {
    std::string_view text, name, email;
  };
  for (const Case& one : std::initializer_list<Case>{
           {"Ada", "Ada", ""},
           {"ada@b.c", "", "ada@b.c"},
           {"ada@b.c (Ada L)", "Ada L", "ada@b.c"},
           {"Ada L (ada@b.c)", "Ada L", "ada@b.c"},
           {"Ada (x)", "", ""},
           {"a@b@c", "", ""},
           {"@b", "", ""},
           {"(a@b)", "", ""},
           {"a@b ()", "", ""},
       }) {
    const FeedPerson person = parse_person(one.text);
    EXPECT_EQ(person.name, one.name) << one.text;
    EXPECT_EQ(person.email, one.email) << one.text;
  }
}

TEST(FeedText, Dates) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"Mon, 02 Mar 2026 09:00:00 GMT", "2026-03-02T09:00:00Z"},
      {"Mon, 2 Mar 2026 09:00:00 +0130", "2026-03-02T07:30:00Z"},
      {"2 Mar 26 09:00 -0100", "2026-03-02T10:00:00Z"},
      {"Monday, 2 March 2026 09:00", "2026-03-02T09:00:00Z"},
      {"02 Mar 2026", "2026-03-02T00:00:00Z"},
      {"Mon, 02 Mar 2026 09:00:00 EST", "2026-03-02T09:00:00Z"},
      {"Mon, 02 Mar 2026 3:04:05 PM", "2026-03-02T15:04:05Z"},
      {"Mon Mar  2 15:04:05 2026", "2026-03-02T15:04:05Z"},
      {"Mon Mar 2 15:04:05 UTC 2026", "2026-03-02T15:04:05Z"},
      {"Mon Mar 02 15:04:05 +0100 2026", "2026-03-02T14:04:05Z"},
      {"March 2, 2026", "2026-03-02T00:00:00Z"},
      {"March 2, 2026 3:04 PM", "2026-03-02T15:04:00Z"},
      {"2026-03-02", "2026-03-02T00:00:00Z"},
      {"2026-03-02T01:02:03Z", "2026-03-02T01:02:03Z"},
      {"2026-03-02T01:02:03.250+02:00", "2026-03-01T23:02:03.25Z"},
      {"2026-03-02 01:02:03 -0700", "2026-03-02T08:02:03Z"},
      {"02.03.2026 15:04:05", "2026-03-02T15:04:05Z"},
      {"2/3/2026", "2026-03-02T00:00:00Z"},
      {"3/14/2026", "2026-03-14T00:00:00Z"},
      {"", ""},
      {"soon", ""},
      {"Mon, 32 Mar 2026 09:00:00 GMT", ""},
      {"Mon, 02 Mar 2026 25:00:00 GMT", ""},
      {"30 Feb 2026", ""},
      {"2026-03-02T", ""},
      {"2026-03-02T01:02:03+", ""},
      {"2026-03-02 x", ""},
      {"99999999999999999999", ""},
  };
  for (const auto& [text, wanted] : cases) EXPECT_EQ(parse_feed_date(text, true), wanted) << text;
  EXPECT_EQ(parse_feed_date("2026-03-02T01:02:03-07:30", false), "2026-03-02T01:02:03-07:30");
}

}  // namespace
}  // namespace ropewalk::codec
