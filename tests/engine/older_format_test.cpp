// Stores as released versions have left them, in tests/compat.
#include <filesystem>

#include "tests/engine/open_store.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {

// A copy of a sample, which may be changed.
StoreOptions copy_of(const std::string& sample, const TempDirectory& directory) {
    namespace fs = std::filesystem;
    fs::copy(fs::path(NM_SOURCE_DIR) / "tests/compat" / sample, directory / "data",
             fs::copy_options::recursive);
    StoreOptions options;
    options.directory = directory / "data";
    return options;
}

void check_contents(const Store& store) {
    const auto rows = must(store.log_rows({}));
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].key == "10.0.0.1:logs:_var_log_syslog:2011:5:22");
    CHECK(must(store.blocks(rows[0], nullptr)).empty());
    const auto cursor = must(store.lines(rows[0], {}));
    std::size_t lines = 0;
    while (must(cursor->next())) ++lines;
    CHECK(lines == 2);
    CHECK(must(store.get(kIndexFamily, "row", "column"))->value == "value");
    CHECK(must(store.verify()).problem_count == 0);
}

}  // namespace

TEST_CASE("a store of version 1, without blocks, is opened and becomes one of this version") {
    const TempDirectory directory;
    StoreOptions options = copy_of("version-1", directory);
    options.read_only = true;
    for (int time = 0; time < 2; ++time) {
        const auto reader = must(Store::open(options));
        check_contents(*reader);
        CHECK(reader->stats().blocks == 0);
    }
    options.read_only = false;
    check_contents(*must(Store::open(options)));
    options.read_only = true;
    check_contents(*must(Store::open(options)));
}
