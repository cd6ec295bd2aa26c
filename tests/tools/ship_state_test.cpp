#include "tools/ship_state.h"

#include <filesystem>
#include <fstream>

#include "tests/catch.h"
#include "tests/temp_directory.h"
#include "tools/durable_file.h"

namespace nmstore::tools {
namespace {

ShipState sample() {
    ShipState state{"ship-1", 7, {}};
    FilePlace place;
    place.path = std::string("/var/log/odd \"name\" \xff.log");
    place.device = 64768;
    place.inode = UINT64_MAX;
    place.offset = 123456789012;
    place.head_hash = 0xffffffffffffffff;
    place.tail_hash = 1;
    place.changed_ns = 1322029110123456789;
    place.time_ms = 1322029110000;
    place.settled = true;
    state.places = {place, {}};
    state.places[1].path = "/b";
    return state;
}

void write(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
}

}  // namespace

TEST_CASE("a state is read as it was written") {
    const ShipState state = sample();
    const auto read = parse_states(format_states({{"http://a", state}, {"http://b", {"ship-2", 1, {}}}}));
    REQUIRE(read.ok());
    REQUIRE(read.value().size() == 2);
    CHECK(read.value().at("http://b").source == "ship-2");
    CHECK(read.value().at("http://a").source == state.source);
    CHECK(read.value().at("http://a").sequence == state.sequence);
    CHECK(read.value().at("http://a").places == state.places);
}

TEST_CASE("a batch in flight is read as it was written, byte for byte") {
    InFlight in_flight{sample(), {8, "web1", "zstd", 3, std::string("\0\n\xff body\n", 9)}};
    const std::string text = format_in_flight(in_flight);
    const auto read = parse_in_flight(text);
    REQUIRE(read.ok());
    CHECK(read.value().batch.body == in_flight.batch.body);
    CHECK(read.value().batch.sequence == 8);
    CHECK(read.value().batch.client == "web1");
    CHECK(read.value().batch.encoding == "zstd");
    CHECK(read.value().batch.lines == 3);
    CHECK(read.value().after.places == in_flight.after.places);
    for (std::size_t length = 0; length < text.size(); length += 7) {
        CAPTURE(length);
        CHECK_FALSE(parse_in_flight(text.substr(0, length)).ok());
    }
    std::string changed = text;
    changed.back() = 'X';
    CHECK_FALSE(parse_in_flight(changed).ok());
}

TEST_CASE("states that cannot be read") {
    for (const char* text :
         {"", "{", "[]", "{}", "null", R"({"version":1,"servers":[]})", R"({"version":2})",
          R"({"version":2,"servers":[1]})",
          R"({"version":2,"servers":[{"url":"","state":{"source":"a","sequence":1,"files":[]}}]})"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_states(text).ok());
    }
    for (const char* state :
         {"1", R"({"source":"","sequence":1,"files":[]})", R"({"source":"a","sequence":-1,"files":[]})",
          R"({"source":"a","sequence":1})", R"({"source":"a","sequence":1,"files":[1]})",
          R"({"source":"a","sequence":1,"files":[{"path":"/a"}]})"}) {
        CAPTURE(state);
        CHECK_FALSE(
            parse_states(R"({"version":2,"servers":[{"url":"u","state":)" + std::string(state) + "}]}").ok());
    }
}

TEST_CASE("a state file: kept, locked, and clear about damage") {
    testing::TempDirectory directory;
    const std::string path = directory / "deep/er/ship.json";
    auto file = StateFile::open(path, "http://a");
    REQUIRE(file.ok());

    SECTION("a fresh one has an id at once, and keeps it") {
        const auto first = file.value().load();
        const auto second = file.value().load();
        REQUIRE(first.ok());
        REQUIRE(second.ok());
        CHECK(first.value().source.size() > 20);
        CHECK(first.value().source == second.value().source);
        CHECK(first.value().sequence == 0);
    }
    SECTION("each server has a state of its own, and a batch in flight of its own") {
        ShipState to_a = file.value().load().value();
        to_a.sequence = 3;
        REQUIRE(file.value().save(to_a).ok());
        ShipState after = to_a;
        after.sequence = 4;
        REQUIRE(file.value().save_in_flight({after, {4, "c", "", 1, "for a"}}).ok());
        { const auto closed = std::move(file).value(); }
        {
            auto other = StateFile::open(path, "http://b");
            REQUIRE(other.ok());
            ShipState to_b = other.value().load().value();
            CHECK(to_b.sequence == 0);
            CHECK(to_b.source != to_a.source);
            CHECK_FALSE(other.value().load_in_flight(to_b).value().has_value());
            to_b.sequence = 1;
            REQUIRE(other.value().save_in_flight({to_b, {1, "c", "", 1, "for b"}}).ok());
            REQUIRE(other.value().save(to_b).ok());
        }
        auto again = StateFile::open(path, "http://a");
        REQUIRE(again.ok());
        CHECK(again.value().load().value().sequence == 3);
        CHECK(again.value().load_in_flight(to_a).value()->batch.body == "for a");
    }
    SECTION("a second shipper is told") {
        const auto second = StateFile::open(path, "http://a");
        REQUIRE_FALSE(second.ok());
        CHECK(second.error().code == Code::busy);
    }
    SECTION("damage names the file and what to do") {
        write(path, "garbage");
        const auto loaded = file.value().load();
        REQUIRE_FALSE(loaded.ok());
        CHECK(loaded.error().code == Code::corruption);
        CHECK(loaded.error().message.find(path) != std::string::npos);
    }
    SECTION("only the next batch is in flight") {
        ShipState state = sample();
        REQUIRE(file.value().save(state).ok());
        CHECK_FALSE(file.value().load_in_flight(state).value().has_value());
        ShipState after = state;
        after.sequence = 8;
        REQUIRE(file.value().save_in_flight({after, {8, "c", "", 1, "body"}}).ok());
        REQUIRE(file.value().load_in_flight(state).value().has_value());
        CHECK(file.value().load_in_flight(state).value()->batch.body == "body");
        CHECK_FALSE(file.value().load_in_flight(after).value().has_value());
        ShipState other = state;
        other.source = "ship-2";
        CHECK_FALSE(file.value().load_in_flight(other).value().has_value());
        for (const auto& entry : std::filesystem::directory_iterator(directory.path() / "deep/er")) {
            if (entry.path().string().find(".inflight-") != std::string::npos)
                write(entry.path().string(), "half");
        }
        CHECK(file.value().load_in_flight(state).error().code == Code::corruption);
    }
}

TEST_CASE("a replaced file is whole, and private") {
    testing::TempDirectory directory;
    const std::string path = directory / "file";
    CHECK_FALSE(read_file(path).value().has_value());
    REQUIRE(replace_file(path, "one").ok());
    REQUIRE(replace_file(path, "two").ok());
    CHECK(read_file(path).value() == "two");
    const auto permissions = std::filesystem::status(path).permissions();
    CHECK((permissions & std::filesystem::perms::others_read) == std::filesystem::perms::none);
    CHECK_FALSE(replace_file(directory / "missing/file", "x").ok());
}

}  // namespace nmstore::tools
