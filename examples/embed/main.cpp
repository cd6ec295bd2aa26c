// A program that keeps a store of its own: cells, lines and counters go in, and come out again.
//
//   embed DIRECTORY
#include <nmstore/store.h>

#include <cstdio>

namespace {

using nmstore::Result;

Result<void> write(nmstore::Store& store) {
    NM_ASSIGN(const auto cells, store.begin_cells(nmstore::kIndexFamily));
    NM_TRY(cells->put("sensors", "kitchen", "21.5"));
    NM_TRY(cells->put("sensors", "garden", "12.0", /*ttl_seconds=*/3600));
    NM_TRY(cells->commit());

    const auto lines = store.begin_lines();
    const std::int64_t now_ms = nmstore::system_clock().now_ms();
    NM_TRY(lines->append({"localhost", "/var/log/embed", now_ms, "the door was opened", {}}));
    NM_TRY(lines->append({"localhost", "/var/log/embed", now_ms, "the door was closed", {}}));
    NM_TRY(lines->commit());

    const auto counters = store.begin_counters();
    NM_TRY(counters->add("doors", "opened", 1));
    NM_TRY(counters->commit());
    return {};
}

Result<void> read(const nmstore::Store& store) {
    NM_ASSIGN(const nmstore::Slice sensors, store.slice(nmstore::kIndexFamily, "sensors", {}));
    for (const nmstore::Cell& cell : sensors.cells)
        std::printf("%s: %s\n", cell.column.c_str(), cell.value.c_str());

    const auto snapshot = store.snapshot();
    NM_ASSIGN(const auto rows, store.log_rows({}, snapshot));
    for (const nmstore::LogRow& row : rows) {
        NM_ASSIGN(const auto cursor, store.lines(row, {}, snapshot));
        for (;;) {
            NM_ASSIGN(const bool found, cursor->next());
            if (!found) break;
            const std::string text(cursor->line().text);
            std::printf("%s %s: %s\n", row.client.c_str(), row.log.c_str(), text.c_str());
        }
    }
    NM_ASSIGN(const std::int64_t opened, store.counter("doors", "opened"));
    std::printf("opened %lld times\n", static_cast<long long>(opened));
    return {};
}

Result<void> run(const char* directory) {
    nmstore::StoreOptions options;
    options.directory = directory;
    options.owner = "the embedding example";
    NM_ASSIGN(const auto store, nmstore::Store::open(options));
    NM_TRY(write(*store));
    NM_TRY(read(*store));
    return store->close();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: embed DIRECTORY\n");
        return 2;
    }
    const Result<void> result = run(argv[1]);
    if (result.ok()) return 0;
    std::fprintf(stderr, "embed: %s\n", result.error().message.c_str());
    return 1;
}
