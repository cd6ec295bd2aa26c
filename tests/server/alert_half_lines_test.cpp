// Alerts: lines that an agent posts in pieces are one line each.
#include "tests/server/alert_case.h"

using namespace nmstore;
using namespace nmstore::server;
using nmstore::testing::AlertCase;

namespace {

using Texts = std::vector<std::string>;

// The lines of SEVERE alerts that were written.
Texts severe_texts(AlertCase& it) {
    Texts out;
    const auto slice = it.hub.store().slice(kTimeFamily, "alerts:2011:10:21", {});
    REQUIRE(slice.ok());
    for (const Cell& cell : slice->cells) {
        const auto alert = nlohmann::json::parse(cell.value);
        if (alert["rule"] == "severe") out.push_back(alert["value"].get<std::string>());
    }
    return out;
}

}  // namespace

TEST_CASE("a line in pieces counts once, as soon as it matches") {
    AlertCase it;
    it.set("r", R"({"kind":"lines","query":"boom","count":2,"within":"1h"})");
    it.piece("a", "boom one, ");
    it.follow();
    it.pass(1'000);
    it.piece("a", "and more, ");
    it.follow();
    if (GENERATE(false, true)) it.restart();
    it.pass(1'000);
    it.piece("a", "and its end\nsecond b");
    it.follow();
    CHECK(it.written().empty());
    it.pass(1'000);
    it.piece("a", "oom\n");
    it.follow();
    CHECK(it.written() == Texts{"r firing - 2"});
}

TEST_CASE("lines of other rows and later lines count beside a line in pieces") {
    AlertCase it;
    it.set("r", R"({"kind":"lines","query":"boom","count":4,"within":"1h"})");
    it.piece("a", "boom");
    it.piece("b", "boom");
    it.follow();
    it.pass(1'000);
    it.piece("a", " end\nboom\n");
    it.piece("b", " end\nboom");
    it.follow();
    CHECK(it.written() == Texts{"r firing - 4"});
    it.pass(1'000);
    it.piece("b", " end\n");
    it.follow();
    CHECK(it.alerts->firing().front().count == 4);
}

TEST_CASE("a SEVERE line in pieces is told once, whole") {
    AlertCase it;
    it.piece("a", "SEVERE: out of ");
    it.follow();
    CHECK(severe_texts(it).empty());
    if (GENERATE(false, true)) it.restart();
    it.pass(1'000);
    it.piece("a", "memory\n");
    it.follow();
    CHECK(severe_texts(it) == Texts{"SEVERE of a, l: SEVERE: out of memory"});
    it.pass(120'000);
    CHECK(severe_texts(it).size() == 1);
}

TEST_CASE("a SEVERE line whose rest does not come is told all the same, and not again with it") {
    AlertCase it;
    it.piece("a", "SEVERE: out of ");
    it.follow();
    it.pass(10'000);
    CHECK(severe_texts(it) == Texts{"SEVERE of a, l: SEVERE: out of "});
    it.piece("a", "memory\nSEVERE: next\n");
    it.follow();
    CHECK(severe_texts(it) == Texts{"SEVERE of a, l: SEVERE: out of ", "SEVERE of a, l: SEVERE: next"});
}

TEST_CASE("a line counts once however many others never got their end") {
    AlertCase it;
    it.set("r", R"({"kind":"lines","query":"boom","count":2,"within":"1h","by":"client"})");
    for (int i = 0; i < 1'100; ++i) it.piece("gone" + std::to_string(i), "boom without an end");
    it.follow();
    if (GENERATE(false, true)) it.restart();
    it.pass(1'000);
    it.piece("a", "boom, ");
    it.piece("b", "SEVERE: out of ");
    it.follow();
    it.pass(10'000);
    it.piece("a", "the only one\n");
    it.piece("b", "memory\n");
    it.follow();
    CHECK(it.written() == Texts{"severe firing b 1"});
}

TEST_CASE("the middle of a line is no line of its own once the rest has come") {
    AlertCase it;
    it.set("r", R"({"kind":"lines","query":"boom","count":2,"within":"1h"})");
    struct Case {
        Texts pieces;
        Texts severe;
    };
    const auto [pieces, severe] = GENERATE(
        Case{{"aaa", " boom", " ccc\n"}, {}},
        Case{{"begin ", "SEVERE x", " end\n"}, {"SEVERE of a, l: begin SEVERE x end"}},
        Case{{"INFO: what SEVERE", " means\n"}, {}}, Case{{"INFO: what ", "SEVERE", " means\n"}, {}});
    for (const std::string& piece : pieces) {
        it.piece("a", piece);
        it.follow();
        it.pass(1'000);
    }
    it.pass(10'000);
    CHECK(severe_texts(it) == severe);
    CHECK(it.written().size() == severe.size());
}

TEST_CASE("what an agent posts again is no further line") {
    AlertCase it;
    it.set("r", R"({"kind":"lines","query":"boom","count":2,"within":"1h"})");
    const std::string text = GENERATE(as<std::string>{}, "boom\n", "boom", "boom, SEVERE\n");
    for (int i = 0; i < 3; ++i) {
        it.piece("a", text);
        it.follow();
    }
    it.pass(120'000);
    CHECK(it.written() == (text.ends_with("SEVERE\n") ? Texts{"severe firing a 1"} : Texts{}));
    if (!text.ends_with('\n')) return;  // that it would be gone on with
    // Another one in its place is.
    it.hub.clock.now -= 120'000;
    it.piece("a", "another boom\n");
    it.hub.clock.now += 120'000;
    it.follow();
    CHECK(it.written().back() == "r firing - 2");
}
