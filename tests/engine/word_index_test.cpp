#include "engine/word_index.h"

#include <set>

#include "engine/key.h"
#include "engine/opening.h"
#include "engine/postings/segment.h"
#include "tests/engine/open_store.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {

constexpr std::int64_t kMorning = 1'308'700'800'000;
constexpr int kRows = 12;

SealingOptions small_blocks() {
    SealingOptions sealing;
    sealing.background = false;
    sealing.block_bytes = 2000;
    return sealing;
}

// Row r has the words "all", "row<r>", "only<r>x<i>" and, as a rising number, 50,000 r + i.
void fill(OpenedStore& store, int rows = kRows, int first = 0) {
    for (int row = first; row < rows; ++row) {
        const auto batch = store->begin_lines();
        const std::string name = "l" + std::to_string(row);
        for (int i = 0; i < 300; ++i) {
            const std::string number = std::to_string(row);
            must(batch->append({"c",
                                name,
                                kMorning + i,
                                "all row" + number + " only" + number + "x" + std::to_string(i) + " at " +
                                    std::to_string(50'000 * (row + 2) + i),
                                {}}));
        }
        must(batch->commit());
    }
}

struct Found {
    std::size_t blocks = 0;  // that may have the word
    std::size_t lines = 0;   // of these, that have it
    std::size_t all = 0;     // blocks that there are
};

Found find(OpenedStore& store, const std::string& word) {
    Found out;
    for (const LogRow& row : must(store->log_rows({}))) {
        for (const BlockInfo& block : must(store->blocks(row, nullptr))) {
            ++out.all;
            const auto reader = must(store->open_block(row, block, nullptr));
            if (!must(reader->may_have_word(word))) continue;
            ++out.blocks;
            must(reader->read_directory());
            for (std::size_t i = 0; i < reader->lines(); ++i) {
                const std::string text = " " + std::string(must(reader->line(i)).text) + " ";
                out.lines += text.find(" " + word + " ") != std::string::npos ? 1 : 0;
            }
        }
    }
    return out;
}

void check_answers(OpenedStore& store, int rows = kRows) {
    CHECK(find(store, "all").lines == static_cast<std::size_t>(300 * rows));
    CHECK(find(store, "row3").lines == 300);
    CHECK(find(store, "only3x17").lines == 1);
    CHECK(find(store, "only3x17").blocks <= 3);
    CHECK(find(store, std::to_string(50'000 * 5 + 299)).lines == 1);
    CHECK(find(store, "nowhere").blocks <= 2);
}

// Segments, and those partitions of their space that are none.
std::pair<std::size_t, std::size_t> in_database(OpenedStore& store) {
    std::pair<std::size_t, std::size_t> out;
    store.change_database([&](kv::Database& database) {
        std::optional<std::string> partition;
        while ((partition = must(database.next_partition(kv::Space::words, partition)))) {
            const bool head =
                must(database.get(kv::Space::words, *partition, key::segment_head())).has_value();
            ++(head ? out.first : out.second);
        }
    });
    return out;
}

}  // namespace

TEST_CASE("compaction covers all blocks by the word index, which finds what is in them") {
    OpenedStore store(small_blocks());
    fill(store);
    must(store->seal());
    CHECK(store->stats().index_blocks == 0);
    must(store->compact());
    const StoreStats stats = store->stats();
    CHECK(stats.index_segments == 1);
    CHECK(stats.index_blocks == stats.blocks);
    CHECK(stats.index_postings > kRows * 300);
    check_answers(store);
    CHECK(store->stats().index_lookups == 5);  // one for each word, however many blocks
    store.reopen();
    CHECK(store->stats().index_blocks == stats.blocks);
    check_answers(store);
    store.check();
}

TEST_CASE("compaction again leaves the index as it is; new blocks go into it") {
    OpenedStore store(small_blocks());
    fill(store, 10);
    must(store->compact());
    const std::uint64_t postings = store->stats().index_postings;
    must(store->compact());
    CHECK(store->stats().index_postings == postings);
    fill(store, kRows, 10);
    must(store->compact());
    CHECK(store->stats().index_segments == 2);  // a few blocks are no reason to make the first anew
    CHECK(store->stats().index_blocks == store->stats().blocks);
    check_answers(store);
    fill(store, 40, kRows);
    must(store->compact());
    CHECK(store->stats().index_segments == 1);  // many are
    CHECK(store->stats().index_blocks == store->stats().blocks);
    check_answers(store, 40);
    CHECK(in_database(store) == std::pair<std::size_t, std::size_t>(1, 0));
}

TEST_CASE("a segment of which half is dead is dissolved") {
    OpenedStore store(small_blocks());
    fill(store);
    must(store->compact());
    for (int row = 4; row < kRows - 1; ++row)
        must(store->remove_row(kTimeFamily, "c:logs:l" + std::to_string(row) + ":2011:5:22"));
    CHECK(find(store, "only3x17").lines == 1);
    CHECK(find(store, "only5x17").lines == 0);
    must(store->compact());
    CHECK(store->stats().index_blocks == store->stats().blocks);
    CHECK(store->stats().index_segments == 1);
    CHECK(find(store, "only3x17").lines == 1);
    for (int row = 0; row < kRows; ++row)
        must(store->remove_row(kTimeFamily, "c:logs:l" + std::to_string(row) + ":2011:5:22"));
    must(store->compact());
    CHECK(store->stats().index_segments == 0);
    CHECK(in_database(store) == std::pair<std::size_t, std::size_t>(0, 0));
}

TEST_CASE("where the index is damaged or gone, the blocks' own filters answer") {
    OpenedStore store(small_blocks());
    fill(store);
    must(store->compact());
    const std::string damage = GENERATE("page", "no pages", "head");
    store.change_database([&](kv::Database& database) {
        const auto partition = must(database.next_partition(kv::Space::words, std::nullopt)).value();
        const auto batch = database.new_batch();
        const auto head = must(database.get(kv::Space::words, partition, key::segment_head())).value();
        const std::size_t pages = must(postings::parse_segment(head)).pages;
        for (std::size_t page = 0; page < pages; ++page) {
            if (damage == "page") batch->put(kv::Space::words, partition, key::segment_page(page), "");
            if (damage == "no pages") batch->remove(kv::Space::words, partition, key::segment_page(page));
        }
        if (damage == "head") batch->put(kv::Space::words, partition, key::segment_head(), "\x09");
        must(database.apply(*batch));
    });
    check_answers(store);
    CHECK((store->stats().index_failures != 0) == (damage != "no pages"));
}

TEST_CASE("what a crash left of a segment goes with the next start that writes") {
    OpenedStore store(small_blocks());
    fill(store);
    must(store->compact());
    store.change_database([](kv::Database& database) {
        const auto batch = database.new_batch();
        batch->put(kv::Space::words, key::segment(99), key::segment_page(0), "a page");
        must(database.apply(*batch));
    });
    CHECK(store->stats().index_segments == 1);
    CHECK(in_database(store) == std::pair<std::size_t, std::size_t>(1, 0));
    store.reopen_after_crash();
    check_answers(store);
}

TEST_CASE("a stopped indexing keeps what it has finished, and goes on") {
    OpenedStore store(small_blocks());
    fill(store);
    int asked = 0;
    const Result<void> stopped = store->compact([&](const ProgressReport& report) {
        return report.stage != "index" || report.unit != "blocks" || ++asked < 5;
    });
    REQUIRE(code_of(stopped) == Code::cancelled);
    CHECK(store->stats().index_segments == 0);
    check_answers(store);
    must(store->compact());
    CHECK(store->stats().index_blocks == store->stats().blocks);
    CHECK(in_database(store) == std::pair<std::size_t, std::size_t>(1, 0));
}

TEST_CASE("a store without an index is opened, also only to be read") {
    OpenedStore store(small_blocks());
    fill(store, 3);
    must(store->seal());
    store.close();
    StoreOptions options;
    options.directory = store.data();
    options.read_only = true;
    const auto reader = must(Store::open(options));
    CHECK(reader->stats().index_segments == 0);
    CHECK(reader->stats().blocks > 0);
}

TEST_CASE("what could not be read of the index is read again some seconds later, and not at every question") {
    OpenedStore store(small_blocks());
    fill(store, 3);
    must(store->compact());
    store.close();
    StoreOptions options;
    options.directory = store.data();
    options.sync = SyncMode::off;
    options.sealing = small_blocks();
    const Opened opened = must(open_core(options));
    kv::Database& database = *opened.core->database;
    FakeClock clock;
    WordIndex index(database, clock);
    must(index.load());
    REQUIRE(index.segments().size() == 1);
    const WordIndex::Known& known = *index.segments().front();
    const std::uint64_t block = known.segment.blocks.front().number;
    const block::SoughtWord word("nowhere");
    const auto failures = [&] {
        StoreStats stats;
        index.tell(stats);
        return stats.index_failures;
    };

    const std::string partition = key::segment(known.number);
    const std::string page = key::segment_page(known.segment.page_of(postings::posting_key(word.hash)));
    const std::string whole = must(database.get(kv::Space::words, partition, page)).value();
    const auto put_page = [&](const std::string& bytes) {
        const auto batch = database.new_batch();
        batch->put(kv::Space::words, partition, page, bytes);
        must(database.apply(*batch));
    };
    put_page("");
    for (int i = 0; i < 10; ++i) CHECK_FALSE(index.may_have_word(block, word).has_value());
    CHECK(failures() == 1);
    put_page(whole);
    CHECK_FALSE(index.may_have_word(block, word).has_value());
    clock.advance(WordIndex::kTriedAgainMs);
    CHECK(index.may_have_word(block, word) == std::optional<bool>(false));
    CHECK(failures() == 1);
    // An answer that has been read is kept.
    put_page("");
    clock.advance(WordIndex::kTriedAgainMs);
    CHECK(index.may_have_word(block, word) == std::optional<bool>(false));
}
