#include "ingest/agent_messages.h"

#include "tests/catch.h"

using nmstore::ingest::AgentMessage;
using nmstore::ingest::AgentMessageReader;
using Messages = std::vector<AgentMessage>;

namespace {

constexpr std::size_t kMost = 4096;

std::string framed(const std::string& json) {
    return "//START//" + json + "//END//";
}
const std::string kOne =
    R"({"name":"/var/log/syslog","key":"h:logs:_var_log_syslog:2011:5:22","date":1306022400000,"data":"a\"b/","origin":"h"})";
const std::string kTwo = R"({"data":5,"key":"k","date":"7"})";
const AgentMessage kFirst{"/var/log/syslog", "h:logs:_var_log_syslog:2011:5:22", "a\"b/", "h", 1306022400000};
const AgentMessage kSecond{"", "k", "5", "", 7};

}  // namespace

TEST_CASE("messages of agents are found among what is none") {
    struct Row {
        std::string sent;
        Messages expected;
        std::uint64_t malformed, too_large;
    };
    const Row rows[] = {
        {"", {}, 0, 0},
        {framed(kOne), {kFirst}, 0, 0},
        {framed(kOne) + framed(kTwo), {kFirst, kSecond}, 0, 0},
        {"garbage//END//" + framed(kOne) + "\n//STAR//START" + framed(kTwo) + "//START//",
         {kFirst, kSecond},
         1,
         0},
        {"//START//" + kOne, {}, 0, 0},
        {framed("") + framed("{}") + framed("[1]") + framed("{") + framed(kTwo), {kSecond}, 4, 0},
        {framed(R"({"key":"","date":1,"data":""})") + framed(R"({"key":"k","date":"1x","data":""})") +
             framed(R"({"key":"k","date":1.5,"data":""})") + framed(R"({"key":"k","date":1,"data":{}})"),
         {},
         4,
         0},
        {framed(R"({"key":"k","date":-1,"data":""})"), {{"", "k", "", "", -1}}, 0, 0},
        {"//START//{\"key\":\"brok" + framed(kTwo), {kSecond}, 1, 0},
        {framed(std::string(kMost + 1, 'x')) + framed(kTwo), {kSecond}, 0, 1},
        {framed(R"({"key":"k","date":7,"data":"//START//"})"), {{"", "k", "//START//", "", 7}}, 0, 0},
        {framed(R"({"key":"k","date":7,"data":"//END//"})"), {{"", "k", "//END//", "", 7}}, 0, 0},
        {framed(R"({"key":"k","date":7,"data":"\\\"//END//END//\\//START//{}//END//"})") + framed(kTwo),
         {{"", "k", "\\\"//END//END//\\//START//{}//END//", "", 7}, kSecond},
         0,
         0},
        {framed(R"({"key":"k","date":7,"data":"\u0041\//END//","name":"a//END//b"})"),
         {{"a//END//b", "k", "A//END//", "", 7}},
         0,
         0},
        // What ends in the middle of a string is told from that by the next message.
        {framed("{\"key\":\"brok") + framed(kTwo) + framed(kOne), {kSecond, kFirst}, 1, 0},
        {framed("{\"key\":\"brok\n") + framed(kTwo), {kSecond}, 1, 0},
        {framed("it \"was") + framed(kTwo), {kSecond}, 1, 0},
        {framed("{\"key\":\"a") + framed("{\"key\":\"b") + framed(kTwo), {kSecond}, 1, 0},
        {framed("{\"key\":\"brok" + std::string(kMost, '/')) + framed(kTwo), {kSecond}, 0, 1},
        {"//START//START//" + kTwo + "//END//", {kSecond}, 1, 0},
        {"//START//x//START//END//" + framed(kTwo), {kSecond}, 1, 0},
        {"//START//{\"a\":\"//START//END//" + framed(kTwo), {kSecond}, 1, 0},
    };
    for (const Row& row : rows) {
        CAPTURE(row.sent);
        AgentMessageReader whole(kMost);
        Messages messages;
        whole.feed(row.sent, messages);
        CHECK(messages == row.expected);
        CHECK(whole.malformed() == row.malformed);
        CHECK(whole.too_large() == row.too_large);
        CHECK(whole.last_fault().empty() == (row.malformed + row.too_large == 0));
        for (std::size_t cut = 0; cut <= row.sent.size(); ++cut) {
            AgentMessageReader reader(kMost);
            Messages cut_messages;
            reader.feed(std::string_view(row.sent).substr(0, cut), cut_messages);
            reader.feed(std::string_view(row.sent).substr(cut), cut_messages);
            if (cut_messages != row.expected) FAIL("cut at " << cut);
        }
        AgentMessageReader slow(kMost);
        Messages slow_messages;
        for (const char c : row.sent) slow.feed({&c, 1}, slow_messages);
        CHECK(slow_messages == row.expected);
        CHECK(slow.malformed() == row.malformed);
        CHECK(slow.too_large() == row.too_large);
    }
}
