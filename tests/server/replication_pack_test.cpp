// Records on their way to another hub.
#include "server/replication_pack.h"

#include <zstd.h>

#include "tests/engine/open_store.h"

using namespace nmstore;
using namespace nmstore::server;
using namespace nmstore::testing;

namespace {

std::string frame(const std::string& plain) {
    std::string packed(ZSTD_compressBound(plain.size()), '\0');
    packed.resize(ZSTD_compress(packed.data(), packed.size(), plain.data(), plain.size(), 1));
    return packed;
}

}  // namespace

TEST_CASE("what is packed comes out as it was", "[replication]") {
    const std::vector<JournalRecord> records{{0, ""},
                                             {1, "one"},
                                             {300, std::string(100'000, 'x') + '\0'},
                                             {(1ULL << 40) + 5, "y"},
                                             {UINT64_MAX, "z"}};
    const std::string unpacked = must(unpack_records(pack_records(records)));
    const auto views = must(split_records(unpacked));
    REQUIRE(views.size() == records.size());
    for (std::size_t i = 0; i < records.size(); ++i) {
        CHECK(views[i].number == records[i].number);
        CHECK(views[i].bytes == records[i].bytes);
    }
    CHECK(must(split_records(must(unpack_records(pack_records({}))))).empty());
}

TEST_CASE("a body that is cut off, damaged or something else is refused", "[replication]") {
    const std::string packed = pack_records({{1, "one"}, {2, std::string(1000, 'a') + "two"}});
    CHECK(code_of(unpack_records("")) == Code::invalid_argument);
    CHECK(code_of(unpack_records("no frame")) == Code::invalid_argument);
    for (std::size_t size = 1; size < packed.size(); ++size) {
        INFO(size);
        CHECK(code_of(unpack_records(std::string_view(packed).substr(0, size))) == Code::invalid_argument);
    }
    std::string wrong_sum = packed;
    wrong_sum.back() = static_cast<char>(wrong_sum.back() + 1);
    CHECK(code_of(unpack_records(wrong_sum)) == Code::invalid_argument);
}

TEST_CASE("records that are cut off or not in order are refused", "[replication]") {
    using namespace std::string_literals;
    CHECK(must(split_records("\x01\x01x\x02\x00"s)).size() == 2);
    CHECK(code_of(split_records("\x01"s)) == Code::invalid_argument);
    CHECK(code_of(split_records("\x01\x02x"s)) == Code::invalid_argument);
    CHECK(code_of(split_records("\x02\x00\x02\x00"s)) == Code::invalid_argument);
    CHECK(code_of(split_records("\x02\x00\x01\x00"s)) == Code::invalid_argument);
    CHECK(code_of(split_records("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01\x00"s)) ==
          Code::invalid_argument);
}

TEST_CASE("a body that would be far larger unpacked is not unpacked", "[replication]") {
    CHECK(code_of(unpack_records(frame(std::string(kMaxUnpackedBytes + 1, '\0')))) == Code::too_large);
}
