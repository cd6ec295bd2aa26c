#include "server/event_id.h"

#include "tests/catch.h"

using namespace nmstore;
using namespace nmstore::server;

TEST_CASE("ids of events are read as they were written") {
    const EventId line{5, 2, 1308700800000, 9, 1};
    const EventId negative{UINT64_MAX, 0, INT64_MIN, UINT64_MAX, UINT32_MAX};
    const EventId value{7, EventId::kValues + 3};
    for (const EventId& id :
         {line, negative, value, EventId::before(0), EventId::before(1), EventId::before(77)}) {
        INFO(format_event_id(id));
        const auto read = parse_event_id(format_event_id(id));
        REQUIRE(read.ok());
        CHECK(*read == id);
    }
    CHECK(format_event_id(line) == "5-2-1308700800000-9-1");
    CHECK(format_event_id(EventId::before(6)) == "6");
    CHECK(format_event_id(EventId::before(0)) == "0");
}

TEST_CASE("events are in order of changes, rows and values, and lines") {
    const EventId ordered[] = {EventId::before(5),    {5, 0, INT64_MIN, 1, 0},   {5, 0, 3, 1, 0},
                               {5, 0, 3, 1, 1},       {5, 0, 3, 2, 0},           {5, 1, 1, 1, 0},
                               {5, EventId::kValues}, {5, EventId::kValues + 1}, EventId::before(6),
                               {6, 0, 0, 0, 0}};
    for (std::size_t i = 1; i < std::size(ordered); ++i) CHECK(ordered[i - 1] < ordered[i]);
}

TEST_CASE("what is no id is refused") {
    for (const char* text : {"", "x", "-1", "1-", "1-2", "1-2-3", "1-2-3-4", "1-2-3-4-5-6", "1-2-3-4-5 ",
                             " 1", "1.5", "18446744073709551616", "1-4294967296-1-1-1", "1-2147483648-1"}) {
        INFO(text);
        CHECK_FALSE(parse_event_id(text).ok());
    }
}
