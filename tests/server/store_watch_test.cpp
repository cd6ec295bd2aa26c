#include "server/store_watch.h"

#include <vector>

#include "tests/server/transport_fixture.h"

using namespace nmstore;
using namespace nmstore::testing;

TEST_CASE(
    "a store that becomes read-only is told of once, with the reason, and again when it is writable; and "
    "each "
    "damaged file",
    "[watch]") {
    std::mutex mutex;
    StoreStats stats;
    std::vector<std::string> told;
    std::vector<std::string> damaged;
    int looks = 0;
    const auto looked = [&](const std::string& last) {
        const auto heard = [&] {
            const std::lock_guard lock(mutex);
            return !told.empty() && told.back() == last;
        };
        return eventually(heard);
    };
    const auto look_often = [&] {
        int before = 0;
        {
            const std::lock_guard lock(mutex);
            before = looks;
        }
        return eventually([&] {
            const std::lock_guard lock(mutex);
            return looks > before + 3;
        });
    };
    {
        const StoreWatch watch(
            [&] {
                const std::lock_guard lock(mutex);
                ++looks;
                return stats;
            },
            [&](bool writable, const std::string& why) {
                const std::lock_guard lock(mutex);
                told.push_back(writable ? "writable" : "read-only: " + why);
            },
            [&](const std::string& file) {
                const std::lock_guard lock(mutex);
                damaged.push_back(file);
            },
            1ms);
        CHECK(look_often());
        {
            const std::lock_guard lock(mutex);
            CHECK(told.empty());
            stats.writable = false;
            stats.why_not_writable = "the disk is full";
        }
        CHECK(looked("read-only: the disk is full"));
        {
            const std::lock_guard lock(mutex);
            stats.why_not_writable = "the disk is still full";
        }
        CHECK(look_often());
        {
            const std::lock_guard lock(mutex);
            stats = {};
        }
        CHECK(looked("writable"));
        {
            const std::lock_guard lock(mutex);
            stats.damaged_files = {"db/000012.sst"};
        }
        CHECK(look_often());
        {
            const std::lock_guard lock(mutex);
            stats.damaged_files = {"db/000007.sst", "db/000012.sst"};
        }
        CHECK(look_often());
    }
    CHECK((told == std::vector<std::string>{"read-only: the disk is full", "writable"}));
    CHECK((damaged == std::vector<std::string>{"db/000012.sst", "db/000007.sst"}));
}

TEST_CASE("a watch ends at once, however long it pauses", "[watch]") {
    int told = 0;
    {
        const StoreWatch watch([] { return StoreStats(); }, [&](bool, const std::string&) { ++told; },
                               [&](const std::string&) { ++told; }, 1h);
    }
    CHECK(told == 0);
}
