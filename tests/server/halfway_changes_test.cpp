// Changes that readers hold together while they are told a part at a time.
#include "server/halfway_changes.h"

#include "tests/catch.h"

using namespace nmstore;
using namespace nmstore::server;

namespace {

Change large(ChangeNumber number, std::size_t bytes) {
    Change change;
    change.number = number;
    change.values.push_back({"f", "r", "c", std::string(bytes, 'x')});
    return change;
}

}  // namespace

TEST_CASE("a change is held once for all who are at it, and no longer than one of them is") {
    HalfwayChanges changes;
    CHECK(changes.find(1) == nullptr);
    auto first = changes.share(large(1, 10));
    REQUIRE(first != nullptr);
    auto second = changes.share(large(1, 10));
    CHECK(second == first);
    CHECK(changes.find(1) == first);
    first.reset();
    CHECK(changes.find(1) == second);
    second.reset();
    CHECK(changes.find(1) == nullptr);
}

TEST_CASE("changes are held up to a bound, and one whatever its size") {
    constexpr std::size_t kMost = HalfwayChanges::kMostBytes;
    HalfwayChanges changes;
    auto whole = changes.share(large(1, kMost + 1));
    REQUIRE(whole != nullptr);
    CHECK(changes.share(large(2, 10)) == nullptr);
    CHECK(changes.find(2) == nullptr);
    CHECK(changes.find(1) == whole);
    whole.reset();
    const auto a = changes.share(large(2, kMost / 2)), b = changes.share(large(3, kMost / 3));
    CHECK((a != nullptr && b != nullptr));
    CHECK(changes.share(large(4, kMost / 2)) == nullptr);
    CHECK(changes.share(large(5, 10)) != nullptr);
}
