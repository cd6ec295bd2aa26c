// What sealing, merging and compacting hold in memory stays within kMaxSealingBytes, whatever the lines and
// cells are like. Measured by what the process takes, compressors and the database included.
#include <features.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <fstream>
#include <functional>
#include <random>

#include "engine/block_merge.h"
#include "engine/cell_sealing.h"
#include "engine/key.h"
#include "engine/opening.h"
#include "engine/sealing.h"
#include "nmstore/escape.h"
#include "tests/engine/open_store.h"

using namespace nmstore;
using namespace nmstore::testing;

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;
constexpr std::int64_t kMorning = 1'308'700'800'000;
constexpr std::size_t kDatabaseBytes = 32 * kMiB;  // its buffers of this size, and what it compacts meanwhile

std::size_t status_bytes(const std::string& name) {
    std::ifstream file("/proc/self/status");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with(name)) return std::stoul(line.substr(name.size())) * 1024;
    }
    return 0;
}

// By how much the process grows while it does something; 0 if that cannot be told here.
std::size_t growth(const std::function<void()>& work) {
    malloc_trim(0);
    std::ofstream("/proc/self/clear_refs") << "5";  // what it had at most is what it has now
    const std::size_t before = status_bytes("VmRSS:");
    const bool told = status_bytes("VmHWM:") < before + 4 * kMiB;
    work();
    const std::size_t most = status_bytes("VmHWM:");
    return told && most > before ? most - before : 0;
}

struct Content {
    std::string name;
    std::function<std::string(std::mt19937_64&)> text;
    std::string fields;
    std::size_t lines = 0;
};

std::string repeated(std::size_t bytes, const std::function<std::string()>& part) {
    std::string out;
    while (out.size() < bytes) out += part();
    out.resize(bytes);
    return out;
}

const std::vector<Content>& contents() {
    static const std::vector<Content> all{
        {"lines of a program",
         [](auto& random) {
             return "user" + std::to_string(random() % 1000) + " logged in from 10.0.0." +
                    std::to_string(random() % 256) + " port " + std::to_string(random() % 65536) + " after " +
                    std::to_string(random() % 100000) + " ms";
         },
         "{\"level\":\"info\"}", 100'000},
        {"nothing but numbers of one digit",
         [](auto& random) {
             return repeated(100 + random() % 3, [&] { return std::to_string(random() % 10) + " "; });
         },
         "", 60'000},
        {"no two words alike",
         [](auto& random) {
             return repeated(500, [&] {
                 char word[20];
                 std::snprintf(word, sizeof word, "%llx ", static_cast<unsigned long long>(random()));
                 return std::string(word);
             });
         },
         "", 14'000},
        {"as long as can be, with fields",
         [](auto& random) {
             return repeated(kMiB - 1, [&] { return std::to_string(random() % 1000) + " "; });
         },
         "{\"a\":\"" + std::string(kMiB - 10, 'x') + "\"}", 6},
        {"empty", [](auto&) { return std::string(); }, "", 150'000},
    };
    return all;
}

void write_lines(OpenedStore& store, const Content& content) {
    std::mt19937_64 random(1);
    for (std::size_t line = 0; line < content.lines;) {
        const auto batch = store->begin_lines();
        for (std::size_t n = 0; n < 1000 && line < content.lines; ++n, ++line) {
            const std::string text = content.text(random);
            must(batch->append({"c", "l", kMorning + static_cast<std::int64_t>(line), text, content.fields}));
        }
        must(batch->commit());
    }
}

void post_cells(OpenedStore& store, std::size_t cells, std::size_t bytes, bool half) {
    std::mt19937_64 random(2);
    for (std::size_t cell = 0; cell < cells; ++cell) {
        const std::string text = repeated(bytes, [&] { return std::to_string(random() % 10000) + " "; });
        const std::string end = half && cell % 7 != 6 ? "\"}" : "\\n\"}";
        store.put("CFLongType", "c:logs:l:2011:5:22", std::to_string(kMorning + cell),
                  escape("{\"date\":1,\"returned\":\"" + text + end));
    }
}

// Seals and compacts the only row of a closed store, and checks what each takes. `read_bytes`: for values
// that are not sealed, which the database reads.
void check_memory(OpenedStore& store, const SealingOptions& sealing, std::size_t read_bytes = 0) {
    store.close();
    StoreOptions options;
    options.directory = store.data();
    options.clock = &store.clock;
    options.sealing = sealing;
    options.sync = SyncMode::off;
    options.memory_bytes = 8 * kMiB;
    const Opened opened = must(open_core(options));
    Core& core = *opened.core;
    const auto partition = must(core.database->next_partition(kv::Space::entries, std::nullopt));
    const auto in_blocks = must(core.database->next_partition(kv::Space::blocks, std::nullopt));
    const RowId row = must(key::parse_row(partition ? *partition : *in_blocks));
    const auto go_on = [] { return true; };
    const std::size_t sealed = growth([&] {
        must(seal_lines(core, row, true, go_on));
        must(seal_posted_cells(core, row, true, true, go_on));
    });
    const std::size_t merged = growth([&] { must(merge_blocks(core, row, MergeWhen::for_good, go_on)); });
    const std::size_t compacted = growth([&] { must(merge_blocks(core, row, MergeWhen::compact, go_on)); });
    CAPTURE(sealed / kMiB, merged / kMiB, compacted / kMiB);
    const std::size_t most = kMaxSealingBytes + kDatabaseBytes + read_bytes;
    CHECK(sealed <= most);
    CHECK(merged <= most);
    CHECK(compacted <= most);
    must(core.database->close());
}

}  // namespace

TEST_CASE("sealing and merging lines takes bounded memory, whatever they are") {
    for (const Content& content : contents()) {
        DYNAMIC_SECTION(content.name) {
            SealingOptions sealing;
            sealing.background = false;
            sealing.direct_bytes = 64 * kMiB;  // all of them are fresh at first
            OpenedStore store(sealing);
            write_lines(store, content);
            check_memory(store, {});
        }
    }
}

TEST_CASE("so does sealing cells, and what is too large for a block is left alone") {
    struct Cells {
        std::size_t count, bytes;
        bool half;
    };
    for (const Cells& cells :
         {Cells{8, 3 * kMiB, true}, Cells{3, 20 * kMiB, false}, Cells{4000, 2000, false}}) {
        DYNAMIC_SECTION(cells.count << " of " << cells.bytes) {
            SealingOptions sealing;
            sealing.background = false;
            OpenedStore store(sealing);
            post_cells(store, cells.count, cells.bytes, cells.half);
            check_memory(store, {}, cells.bytes > kMaxGroupBytes ? 6 * cells.bytes : 0);
        }
    }
}

#endif
