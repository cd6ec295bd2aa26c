// Fields, as a query asks for them.
#include <string>

#include "tests/catch.h"
#include "tests/query/matching.h"

using namespace nmstore::testing;

TEST_CASE("fields of JSON lines") {
    const char* json =
        R"({"status":200,"took":12.50,"msg":"Connection \"refused\" by peer","user":{"name":"Ann","id":42},)"
        R"("a.b":"dotted","list":["x","y",{"id":7}],"ok":true,"no":null,"empty":"","n":"12","path":"/var/log",)"
        R"("big":9007199254740993,"date":"2024-05-06T07:08:09Z","esc\u0061pe":"v\u0061lue","lone":"\ud800",)"
        R"("a":{"c.d":{"e":"deep"}}})";
    check({
        {"status:200", json, true},
        {"status:20", json, false},
        {"status:20*", json, true},
        {"status=200", json, true},
        {"status=200.0", json, true},
        {"status=2e2", json, true},
        {"status=20", json, false},
        {"status!=200", json, false},
        {"status!=404", json, true},
        {"missing!=404", json, true},
        {"missing:*", json, false},
        {"status:*", json, true},
        {"empty:*", json, true},
        {"no:*", json, true},
        {"no=null", json, true},
        {"ok=true", json, true},
        {"empty=\"\"", json, true},
        {"msg:refused", json, true},
        {"msg:\"refused\\\" by\"", json, true},
        {"msg:REFUSED", json, true},
        {"msg:refuse", json, false},
        {"msg:c\"Connection\"", json, true},
        {"msg:c\"connection\"", json, false},
        {"msg:/^Conn.*peer$/", json, true},
        {"msg:(refused OR timeout)", json, true},
        {"msg:(refused -peer)", json, false},
        {"msg=Connection", json, false},
        {"user.name=Ann", json, true},
        {"user.name=ann", json, false},
        {"user.name:ann", json, true},
        {"user.id:>41", json, true},
        {"user:*", json, true},
        {"user:ann", json, true},
        {"a.b=dotted", json, true},
        {"a.c.d.e=deep", json, true},
        {"list.0=x", json, true},
        {"list.2.id=7", json, true},
        {"list.3=x", json, false},
        {"list:y", json, true},
        {"took>12", json, true},
        {"took>12.5", json, false},
        {"took>=12.5", json, true},
        {"took=12.5", json, true},
        {"took<12.6", json, true},
        {"took<=12", json, false},
        {"took:[12 TO 13]", json, true},
        {"took:[12.5 TO 13]", json, true},
        {"took:{12.5 TO 13]", json, false},
        {"took:[10 TO 12.5}", json, false},
        {"took:[* TO 12.5]", json, true},
        {"took:[13 TO *]", json, false},
        {"n>9", json, true},
        {"msg>5", json, false},
        {"msg<5", json, false},
        {"msg>B", json, true},
        {"msg>D", json, false},
        {"big=9007199254740993", json, true},
        {"big=9007199254740992", json, false},
        {"big>9007199254740992", json, true},
        {"date>=2024-05-06", json, true},
        {"date:[2024-05 TO 2024-06]", json, true},
        {"date:[2024-06 TO 2024-07]", json, false},
        {"path:/var/log", json, true},
        {"path=/var/log", json, true},
        {"path:/var/", json, true},
        {"escape:value", json, true},
        {"escape=value", json, true},
        {"lone:*", json, true},
        {"Status:200", json, false},
        {"a:x", "{}", false},
        {"a:x", "{\"a\":\"x\"", false},
        {"aa:x", "{\"aa\":\"x\",\"b\":tru}", true},
        {"aa:x", "[{\"aa\":\"x\"}]", false},
        {"aa:caf", "{\"aa\":\"caf\xE9\"}", true},
        {"aa=x", "{\"aa\":\"x\",\"aa\":\"y\"}", true},
        {"aa=y", "{\"aa\":\"x\",\"aa\":\"y\"}", false},
    });
}

TEST_CASE("fields of logfmt lines") {
    check({
        {"user=root", "auth failure; user=root rhost=1.2.3.4", true},
        {"user:roo*", "auth failure; user=root", true},
        {"rhost=1.2.3.4", "user= rhost=1.2.3.4", true},
        {"user=\"\"", "user= rhost=1.2.3.4", true},
        {"user:*", "user= rhost=1.2.3.4", true},
        {"user=root", "superuser=root", false},
        {"msg:refused", "level=warn msg=\"connection refused\" n=5", true},
        {"msg=\"connection refused\"", "level=warn msg=\"connection refused\" n=5", true},
        {"n>4", "msg=\"n=3\" n=5", true},
        {"n=3", "msg=\"x n=3\" n=5", false},
        {"size=5", "block (size=5) ok", true},
        {"size=5", "block [size=5], ok", true},
        {"size=5", "size=5, other=6", true},
        {"other=6", "size=5,other=6", true},
        {"list=1,2,3", "list=1,2,3 x=y", true},
        {"took>5", "took=n/a", false},
        {"took>5", "took=7", true},
        {"aa=b", "if aa==b", false},
    });
}

TEST_CASE("fields that came with a line go before those of its text") {
    auto matcher = matcher_of("status=200");
    CHECK(matcher->matches(OwnedLine("status=404", "{\"status\":200}").line));
    CHECK(!matcher->matches(OwnedLine("status=200", "{\"status\":404}").line));
    CHECK(matcher->matches(OwnedLine("status=200", "{\"other\":404}").line));
    CHECK(matcher->matches(OwnedLine("{\"status\":200}", "{\"other\":1}").line));
    CHECK(!matcher_of("hidden")->matches(OwnedLine("text", "{\"x\":\"hidden\"}").line));
}
