// Texts, wildcards, exact case and regular expressions, as a query asks for them.
#include <string>

#include "tests/catch.h"
#include "tests/query/matching.h"

using namespace nmstore::testing;

TEST_CASE("texts match where they stand, with word borders") {
    check({
        {"", "", true},
        {"*", "", true},
        {"", "anything", true},
        {"error", "", false},
        {"error", "error", true},
        {"error", "an ERROR: x", true},
        {"ERROR", "an error: x", true},
        {"error", "[error]", true},
        {"error", "my_error_x", true},
        {"error", "errors", false},
        {"error", "error2", false},
        {"error", "terror", false},
        {"error", "terror error", true},
        {"error", "errorerror", false},
        {"error", "errorError error", true},
        {"e", "the e in here", true},
        {"e", "the", false},
        {"10.0.0.1", "from 10.0.0.1:80", true},
        {"10.0.0.1", "110.0.0.1", false},
        {"10.0.0.1", "110.0.0.12", false},
        {"10.0.0.1", "10.0.0.12", false},
        {"10.0.0.1", "10 0 0 1", false},
        {"10.0.0.1", "10.0.0.12 10.0.0.1", true},
        {"blk_3886", "blk_38865 <blk_3886>", true},
        {"blk_3886", "blk_38865", false},
        {"blk_3886", "blk-3886", false},
        {"/var/log", "/var/log", true},
        {"/var/log", "/mnt/var/log/x", true},
        {"/var/log", "var/log", false},
        {"/var/log", "/var/logs", false},
        {"\"/var/\"", "x/var/y", true},
        {"\"refused by\"", "was Refused By peer", true},
        {"\"refused by\"", "refused  by", false},
        {"\"refused by\"", "refused bytes", false},
        {"::", "a::b", true},
        {"::", "a:b", false},
        {"\"***\"", "x***y", true},
        {"\" \"", "a b", true},
        {"\" \"", "ab", false},
        {"\"\\\\\"", "C:\\x", true},
        {"C:\\dir", "open c:\\DIR\\file", true},
        {"C:\\dir", "open c:\\dirs", false},
        {"12:30:45", "at 12:30:45,123", true},
        {"http://x/y", "GET http://X/Y?z", true},
        {"a word that is longer than any line", "a word", false},
        {"\"exactly as long\"", "exactly as long", true},
    });
}

TEST_CASE("texts beyond ASCII") {
    check({
        {"grün", "ist GRÜN!", true},
        {"GRÜN", "grün", true},
        {"grün", "grun", false},
        {"grün", "grüne", false},
        {"gr", "grün", false},
        {"n", "grün", false},
        {"ü", "grün ü", true},
        {"ü", "grün", false},
        {"x", "äx", false},
        {"x", "xä", false},
        {"x", "“x”", true},
        {"Привет", "ПРИВЕТ мир", true},
        {"日本", "日本語", false},
        {"日本*", "日本語", true},
        {"*本*", "日本語", true},
        // Letters beyond ASCII whose lower case is ASCII: the Kelvin sign and the dotted capital I.
        {"kelvin",
         "\xE2\x84\xAA"
         "elvin",
         true},
        {"\xE2\x84\xAA"
         "elvin",
         "kelvin", true},
        {"istanbul", "\xC4\xB0STANBUL", true},
        {"stanbul", "\xC4\xB0STANBUL", false},
        {"Å", "\xE2\x84\xAB", true},
        // A byte that is not UTF-8 separates words, and is no part of any text.
        {"caf", "caf\xE9 x", true},
        {"x", "\xE9x\xE9", true},
        {"café", "caf\xE9", false},
        {"ü", "\xC3\xC3\xBC", true},
        {"c\"Ü\"", "ü Ü", true},
        {"c\"Ü\"", "ü", false},
    });
}

TEST_CASE("wildcards") {
    check({
        {"conn*", "connection", true},
        {"conn*", "conn", true},
        {"conn*", "reconnect", false},
        {"conn*", "a reconnect CONNECT", true},
        {"*ection", "connection", true},
        {"*ection", "connections", false},
        {"*ection", "ection", true},
        {"*onnec*", "reConnected", true},
        {"*onnec*", "onne c", false},
        {"\"connection ref\"*", "connection refused", true},
        {"\"connection ref\"*", "connection lost", false},
        {"*\"ion ref\"*", "connection refused", true},
        {"*\"ion refused\"", "connection refused!", true},
        {"*\"ion refuse\"", "connection refused!", false},
        {"user*42", "user=42", true},
        {"user*42", "users/7/42", true},
        {"user*42", "user42", true},
        {"user*42", "user is 42", false},
        {"user*42", "user=421", false},
        {"user*42", "user=421/42", true},
        {"user*42", "superuser=42", false},
        {"user*42", "user=4 superuser=42 user-7-42", true},
        {"10.0.*.3", "at 10.0.17.3:80", true},
        {"10.0.*.3", "at 10.0.17.33", false},
        {"a*b*c", "axbxc", true},
        {"a*b*c", "abc", true},
        {"a*b*c", "acb c", false},
        {"*a*b*", "xaxbx", true},
        {"*a*b*", "xbxax", false},
        {"a*a", "a", false},
        {"a*a", "aa", true},
        {"\"a b\"*\"c d\"", "a bxc d", true},
        {"\"a b\"*\"c d\"", "a b c d", false},
        {"\"a b\"*\"b c\"", "a b b cb c", false},
        {"\"a b\"*\"x y\"*z", "a b-x y q x y-z", false},
        {"\"a b\"*\"x y\"*z", "a b-x y-z", true},
        {"\"a b\"*\"x y\"*z", "a b-x y,a b-x y-z", true},
        {"*x*\" y\"", "x y", true},
        {"\"a*b\"", "a*b", true},
        {"\"a*b\"", "axb", false},
        {"\"a*b\"*c", "a*b-c", true},
        {"\"a*b\"*c", "axb-c", false},
        {"\"a\\\\b\"*c", "a\\b-c", true},
        {"ü*ß", "ÜberspaSSß", true},
        {"a*b", "äaäb", false},
        {"k*n",
         "\xE2\x84\xAA"
         "elvin",
         true},
        {"what?", "what?", true},
        {"what?", "whats", false},
    });
}

TEST_CASE("exact case and regular expressions") {
    check({
        {"c\"ERROR\"", "an ERROR", true},
        {"c\"ERROR\"", "an error", false},
        {"c\"ERROR\"", "ERRORS", false},
        {"c\"RR\"", "ERROR", false},
        {"/blk_38\\d+/", "blk_3886", true},
        {"/blk_38\\d+/", "BLK_3886", false},
        {"/blk_38\\d+/i", "BLK_3886", true},
        {"/^a.*z$/", "a to z", true},
        {"/^a.*z$/", "a to z!", false},
        {"/a\\/b/", "a/b", true},
        {"/a b/", "xa bx", true},
        {"/^caf.$/", "caf\xE9", true},
        {"/^caf..$/", "caf\xE9\xC3", true},
        {"/^gr.n$/", "grün", true},
        {"/\\xFC/", "grün", true},
        {"/^gr\\pLn$/", "grün", true},
        {"/a.b/", "a\nb", true},
        {"/ü/i", "Ü", true},
        {"-/x/ /y/", "y", true},
        // Letters beyond ASCII that RE2 takes as the other case of 's' and 'k'.
        {"/sssk/i", "\xC5\xBF\xC5\xBF\xC5\xBF\xE2\x84\xAA", true},
        {"/(?i)failed/", "FAILED", true},
        {"/failed/", "FAILED failed", true},
        {"/failed/", "FAILED", false},
        {"/(failed|refused) .* from/", "refused it from", true},
        {"/(failed|refused) .* from/", "refused it", false},
        {"/(failed|refused) .* from/", "lost it from", false},
        {"/(abc|de)f*/", "de", true},
        {"/(abc)?/", "", true},
        {"/aaa|bbb|ccc|ddd|eee|fff|ggg|hhh/", "x ggg", true},
        {"/aaa|bbb|ccc|ddd|eee|fff|ggg|hhh/", "x gg", false},
    });
}

TEST_CASE("a pattern that takes other engines exponential time") {
    const std::string line(5000, 'a');
    CHECK(!matches("/(a*)*b/", line));
    CHECK(!matches("*a*a*a*a*a*a*a*a*a*b*", line));
    CHECK(matches("*a*a*a*a*a*a*a*a*a*", line));
}
