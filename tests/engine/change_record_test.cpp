#include "engine/change_record.h"

#include "tests/engine/open_store.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {

ChangeRecord sample() {
    ChangeRecord change;
    change.time_ms = 1'308'700'800'000;
    change.sequences = {{1, 2}, {100, 4196}, {UINT64_MAX - 3, UINT64_MAX}};
    ChangedRow lines{7, 3, -5, 1'308'700'800'001, {1, 300, UINT64_MAX}, {}};
    ChangedRow cells{8, 0, 0, 0, {}, {INT64_MIN, -1, 0, 1'308'700'800'001, INT64_MAX}};
    ChangedRow both{UINT64_MAX, 1, INT64_MIN, INT64_MAX, {}, {5}};
    change.rows = {lines, cells, both};
    change.values = {{1, "row", std::string("a\0b", 3), ""}, {UINT32_MAX, "r", "c", std::string(300, 'v')}};
    return change;
}

}  // namespace

TEST_CASE("a change is read as it was written") {
    ChangeRecord foreign = sample();
    foreign.foreign = true;
    for (const ChangeRecord& change : {sample(), ChangeRecord(), foreign}) {
        CHECK(must(parse_change(format_change(change))) == change);
    }
}

TEST_CASE("what cannot be a change is corruption") {
    const std::string bytes = format_change(sample());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        CHECK(code_of(parse_change(bytes.substr(0, size))) == Code::corruption);
    }
    CHECK(code_of(parse_change(bytes + '\0')) == Code::corruption);
    CHECK(code_of(parse_change('\3' + bytes.substr(1))) == Code::corruption);
    // A great count with nothing behind it takes no memory.
    CHECK(code_of(parse_change(std::string("\x01\x00\xff\xff\xff\xff\x7f", 7))) == Code::corruption);
    CHECK(code_of(parse_change('\1' + std::string(12, '\xff'))) == Code::corruption);
}
