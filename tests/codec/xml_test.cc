#include "dataplane/codec/xml.h"

#include <gtest/gtest.h>

namespace ropewalk::codec {
namespace {

struct XmlCase {
  std::string_view in;
  std::string_view out;
};

std::string decoded(std::string_view body) {
  const auto value = decode_xml(body, 100);
  return value ? json::to_string(*value) : "error";
}

std::string xml(std::string_view text) {
  const auto out = encode_xml(*json::parse(text), {});
  return out ? *out : "error";
}

TEST(XmlDecode, ElementsAttributesTextsAndLists) {
  const XmlCase cases[] = {
      {"<a/>", R"({"a":""})"},
      {"<a></a>", R"({"a":""})"},
      {"<a>  \t\r\n </a>", R"({"a":""})"},
      {"<a> x \n y </a>", R"({"a":"x \n y"})"},
      {"<a id=\"7\"/>", R"({"a":{"-id":"7"}})"},
      {"<a id='7'>open</a>", R"({"a":{"-id":"7","#text":"open"}})"},
      {"<a x='1' x='2'/>", R"({"a":{"-x":"2"}})"},
      {"<a><b>1</b><c/><b>2</b><b/></a>", R"({"a":{"b":["1","2",""],"c":""}})"},
      {"<a><b i='1'>x</b><b>y</b></a>", R"({"a":{"b":[{"-i":"1","#text":"x"},"y"]}})"},
      {"<s:E xmlns:s='u:s' xmlns='u:d'><m:P xmlns:m='u:m' m:c='EUR'>9</m:P></s:E>",
       R"({"E":{"-s":"u:s","-xmlns":"u:d","P":{"-m":"u:m","-c":"EUR","#text":"9"}}})"},
      {"<città nome='T'>日本</città>", R"({"città":{"-nome":"T","#text":"日本"}})"},
      {"<a><![CDATA[<b>5 > 3 & 2</b>]]></a>", R"({"a":"<b>5 > 3 & 2</b>"})"},
      {"<a>&lt;&#233;&#x20AC;&quot;&apos;&amp;&gt;</a>", R"({"a":"<é€\"'&>"})"},
      {"<a>1\r\n2\r3</a>", R"({"a":"1\n2\n3"})"},
      {"<a>&#xD800;</a>", "{\"a\":\"\xEF\xBF\xBD\"}"},
  };
  for (const XmlCase& one : cases) EXPECT_EQ(decoded(one.in), one.out) << one.in;
}

TEST(XmlDecode, NoTextIsLost) {
  const XmlCase cases[] = {
      {"<p>one<b>two</b>three</p>", R"({"p":{"b":"two","#text":"one three"}})"},
      {"<p><b>two</b>three</p>", R"({"p":{"b":"two","#text":"three"}})"},
      {"<p n='1'>one<b>two</b></p>", R"({"p":{"-n":"1","b":"two","#text":"one"}})"},
      {"<p>one<!-- -->two<![CDATA[ & ]]>three</p>", R"({"p":"onetwo & three"})"},
  };
  for (const XmlCase& one : cases) EXPECT_EQ(decoded(one.in), one.out) << one.in;
}

TEST(XmlDecode, OnlyTheFirstRootIsRead) {
  for (const char* body :
       {"<a>1</a><b>2</b>", "<a>1</a> trailing", "<a>1</a><", "\n\n <a>1</a>",
        "\xEF\xBB\xBF<a>1</a>", "text <a>1</a>", "<?xml version=\"1.0\"?><a>1</a>",
        "<!-- c --><!DOCTYPE a [<!ENTITY x \"boom\"> <!-- > -->]><a>1</a>"})
    EXPECT_EQ(decoded(body), R"({"a":"1"})") << body;
}

TEST(XmlDecode, RefusesWhatIsNoXml) {
  for (const char* body : {"",
                           " ",
                           "text",
                           "{\"a\":1}",
                           "<?xml version=\"1.0\"?>",
                           "<a><b>1</b>",
                           "<a><b>1</a></b>",
                           "<a>1</b>",
                           "</a>",
                           "<a>Tom & Jerry</a>",
                           "<a>&eacute;</a>",
                           "<!DOCTYPE a [<!ENTITY x \"b\">]><a>&x;</a>",
                           "<a b/>",
                           "<a b=1/>",
                           "<a b=\"<\"/>",
                           "<a b=\"1/>",
                           "<a>]]></a>",
                           "<a><![CDATA[x</a>",
                           "<a><!-- -- --></a>",
                           "<a><!-- </a>",
                           "<a>\x01</a>",
                           "<a>&#0;</a>",
                           "<a>M\xFCnchen</a>",
                           "<1a/>",
                           "< a/>",
                           "<a:b:c/>",
                           "<a",
                           "<a ",
                           "<a /",
                           "<!DOCTYPE",
                           "<?x",
                           "<?xml version=\"1.1\"?><a/>",
                           "<html><p>Hi<br></p></html>",
                           "<a>&#x110000;</a>",
                           "<a>&#;</a>"})
    EXPECT_EQ(decoded(body), "error") << body;
}

TEST(XmlDecode, CharsetOfTheDeclaration) {
  const XmlCase cases[] = {
      {"<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><a>M\xFCnchen</a>", R"({"a":"München"})"},
      {"<?xml version='1.0' encoding='Windows-1252'?><a>\x80"
       "5\x81</a>",
       "{\"a\":\"€5\xC2\x81\"}"},
      {"<?xml encoding='UTF-8'?><a>é</a>", R"({"a":"é"})"},
      {"<?xml encoding='koi8-r'?><a>\xC1</a>", R"({"a":"а"})"},
      {"<?xml encoding='shift_jis'?><a>\x93\xFA\xFF</a>", "{\"a\":\"日\xEF\xBF\xBD\"}"},
      {"<?xml encoding='klingon'?><a>1</a>", "error"},
      {"<?xml encoding='//TRANSLIT'?><a>1</a>", "error"},
  };
  for (const XmlCase& one : cases) EXPECT_EQ(decoded(one.in), one.out) << one.in;
}

TEST(XmlDecode, BoundsTheDepth) {
  std::string body;
  for (int i = 0; i < 100; ++i) body += "<a>";
  for (int i = 0; i < 100; ++i) body += "</a>";
  EXPECT_TRUE(decode_xml(body, 100));
  EXPECT_FALSE(decode_xml(body, 99));
}

TEST(XmlDecode, ManyDifferentNamesStayLinear) {
  std::string body = "<a>";
  for (int i = 0; i < 60'000; ++i) body += "<e" + std::to_string(i) + "/>";
  const auto value = decode_xml(body + "<e3>x</e3></a>", 10);
  ASSERT_TRUE(value);
  EXPECT_EQ(value->find("a")->members().size(), 60'000u);
  EXPECT_EQ(json::to_string(*value->find("a")->find("e3")), R"(["","x"])");
}

TEST(XmlEncode, OneKeyIsTheRootSeveralStandInDoc) {
  const XmlCase cases[] = {
      {"null", "<doc/>"},
      {"{}", "<doc/>"},
      {R"({"a":"x"})", "<a>x</a>"},
      {R"({"a":null})", "<a/>"},
      {R"({"a":[]})", "<a/>"},
      {R"({"a":{}})", "<a/>"},
      {R"({"b":2,"a":1.10})", "<doc><a>1.10</a><b>2</b></doc>"},
      {R"({"a":["x"]})", "<doc><a>x</a></doc>"},
      {R"({"a":[{"i":1},{"i":2}]})", "<doc><a><i>1</i></a><a><i>2</i></a></doc>"},
      {R"({"-id":"42","n":"A"})", "<doc id=\"42\"><n>A</n></doc>"},
      {R"({"-id":42})", "<doc id=\"42\"/>"},
      {R"({"#text":"x"})", "<doc>x</doc>"},
  };
  for (const XmlCase& one : cases) EXPECT_EQ(xml(one.in), one.out) << one.in;
}

TEST(XmlEncode, ValuesAttributesAndTexts) {
  const XmlCase cases[] = {
      {R"({"o":{"id":7,"exp":1e3,"ok":true,"none":null,"e":"","eo":{},"ea":[],"l":["a","b"]}})",
       "<o><e/><ea/><eo/><exp>1e3</exp><id>7</id><l>a</l><l>b</l><none/><ok>true</ok></o>"},
      {R"({"o":{"c":[[1,2],[3],[]]}})", "<o><c>1</c><c>2</c><c>3</c><c/></o>"},
      {R"({"o":{"-id":"4","#text":"open"}})", "<o id=\"4\">open</o>"},
      {R"({"o":{"-id":"4","#text":""}})", "<o id=\"4\"></o>"},
      {R"({"o":{"-b":true,"-a":1,"-n":null,"l":[{"-n":1,"s":"A"}]}})",
       "<o a=\"1\" b=\"true\"><l n=\"1\"><s>A</s></l></o>"},
      {R"({"o":{"#text":"t","b":"x"}})", "<o>t<b>x</b></o>"},
      {R"({"o":"<&> \"x\" 'y'"})", "<o>&lt;&amp;&gt; &quot;x&quot; &apos;y&apos;</o>"},
      {R"({"o":{"-a":"<\"&>"}})", "<o a=\"&lt;&quot;&amp;&gt;\"/>"},
  };
  for (const XmlCase& one : cases) EXPECT_EQ(xml(one.in), one.out) << one.in;
}

TEST(XmlEncode, IsWellFormedWhateverTheKeys) {
  const XmlCase cases[] = {
      {R"({"d":{"first name":"x","1st":"y","a&b":"z"}})",
       "<d><_st>y</_st><a_b>z</a_b><first_name>x</first_name></d>"},
      {R"({"d":{"x><admin>true</admin><x":"v"}})",
       "<d><x__admin_true__admin__x>v</x__admin_true__admin__x></d>"},
      {R"({"d":{"":1,"-":2,"é":3,"😀":4}})", "<d><_>1</_><_>2</_><é>3</é><😀>4</😀></d>"},
      {R"({"d":{"-a b":1,"-a&b":2,"-x":{"y":1}}})", "<d a_b=\"1\"><_x><y>1</y></_x></d>"},
      {R"({"d":{"dc:date":1,"a:b:c":2,"-x:y:z":3}})",
       "<d x:y_z=\"3\"><a:b_c>2</a:b_c><dc:date>1</dc:date></d>"},
      {R"({"d":"a\u0000b\u001bc\uFFFEd"})",
       "<d>a\xEF\xBF\xBD"
       "b\xEF\xBF\xBD"
       "c\xEF\xBF\xBD"
       "d</d>"},
  };
  for (const XmlCase& one : cases) {
    EXPECT_EQ(xml(one.in), one.out) << one.in;
    EXPECT_TRUE(decode_xml(xml(one.in), 100)) << one.in;
  }
}

TEST(XmlEncode, KeepsTheOrderOfNamedMembers) {
  const std::string_view names[] = {"e"};
  EXPECT_EQ(
      *encode_xml(*json::parse(R"({"e":{"z":1,"a":2},"f":{"z":1,"a":2}})"), {.in_order = names}),
      "<doc><e><z>1</z><a>2</a></e><f><a>2</a><z>1</z></f></doc>");
}

TEST(XmlEncode, BoundsSizeAndDepth) {
  const std::string name(1000, 'n');
  std::string text = "{\"" + name + "\":[1";
  for (int i = 0; i < 1000; ++i) text += ",1";
  EXPECT_EQ(encode_xml(*json::parse(text + "]}"), {.max_bytes = 100'000}).error().kind,
            Kind::too_large);
  std::string deep;
  for (int i = 0; i < 3000; ++i) deep += "{\"a\":";
  deep += "1" + std::string(3000, '}');
  EXPECT_FALSE(encode_xml(*json::parse(deep), {}));
}

}  // namespace
}  // namespace ropewalk::codec
