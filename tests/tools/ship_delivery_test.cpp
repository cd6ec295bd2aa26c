#include "tools/ship_delivery.h"

#include "tests/catch.h"

namespace nmstore::tools {

TEST_CASE("what an answer to a batch means") {
    const std::string report = R"({"accepted":2,"rejected":0,"errors":[]})";
    CHECK(judge({200, report, ""}) == Verdict::delivered);
    CHECK(judge({400, R"({"accepted":0,"rejected":2,"errors":[]})", ""}) == Verdict::delivered);
    CHECK(judge({200, "<html>hello</html>", ""}) == Verdict::refused);  // some other server
    for (const int status : {408, 425, 429, 500, 502, 503, 504, 507})
        CHECK(judge({status, "", ""}) == Verdict::retry);
    for (const int status : {301, 400, 401, 403, 404, 405, 409, 413, 415, 422, 501})
        CHECK(judge({status, "", ""}) == Verdict::refused);
}

TEST_CASE("pauses grow up to a bound, and heed what the server asks for") {
    BackOff back_off(7);
    std::chrono::milliseconds most = kFirstPause;
    for (int i = 0; i < 40; ++i) {
        const auto pause = back_off.next("");
        CHECK(pause >= most / 2);
        CHECK(pause <= most);
        most = std::min(kLongestPause, most * 2);
    }
    back_off.reset();
    CHECK(back_off.next("") <= kFirstPause);
    CHECK(back_off.next("7") >= std::chrono::seconds(7));
    CHECK(back_off.next("Wed, 21 Oct 2015 07:28:00 GMT") <= kLongestPause);
}

}  // namespace nmstore::tools
