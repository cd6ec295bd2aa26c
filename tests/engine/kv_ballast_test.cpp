#include "engine/kv_ballast.h"

#include <filesystem>

#include "tests/catch.h"
#include "tests/temp_directory.h"

using namespace nmstore;
using namespace nmstore::testing;
using kv::Ballast;

TEST_CASE("a ballast is made, given up, and made again") {
    TempDirectory directory;
    const std::string path = directory / "ballast";
    Ballast ballast(path, 100'000);
    CHECK(ballast.bytes() == 0);
    CHECK(ballast.missing() == 100'000);
    CHECK_FALSE(ballast.give_up());
    CHECK(ballast.times_given_up() == 0);
    REQUIRE(ballast.make().ok());
    CHECK(std::filesystem::file_size(path) == 100'000);
    CHECK(ballast.bytes() == 100'000);
    CHECK(ballast.missing() == 0);
    CHECK(ballast.give_up());
    CHECK_FALSE(std::filesystem::exists(path));
    CHECK(ballast.times_given_up() == 1);
    REQUIRE(ballast.make().ok());
    CHECK(ballast.bytes() == 100'000);
}

TEST_CASE("a ballast is no more than a part of the disk, and changes with what is wanted") {
    TempDirectory directory;
    const std::string path = directory / "ballast";
    {
        Ballast ballast(path, 100'000);
        ballast.fit_to(1'000'000);
        REQUIRE(ballast.make().ok());
        CHECK(ballast.bytes() == 50'000);
    }
    Ballast greater(path, 80'000);
    CHECK(greater.missing() == 30'000);
    REQUIRE(greater.make().ok());
    CHECK(greater.bytes() == 80'000);
    // Who says nothing of it gives up what is there, and makes none.
    Ballast other(path, std::nullopt);
    CHECK(other.missing() == 0);
    REQUIRE(other.make().ok());
    CHECK(other.bytes() == 80'000);
    CHECK(other.give_up());
    REQUIRE(other.make().ok());
    CHECK(other.bytes() == 0);
    REQUIRE(greater.make().ok());
    // None is wanted.
    Ballast none(path, 0);
    REQUIRE(none.make().ok());
    CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("a ballast that cannot be made leaves nothing behind") {
    TempDirectory directory;
    Ballast ballast(directory / "no/such/directory/ballast", 1000);
    CHECK_FALSE(ballast.make().ok());
    CHECK(ballast.missing() == 1000);
    Ballast nowhere("", 1000);
    CHECK(nowhere.make().ok());
    CHECK(nowhere.missing() == 0);
    CHECK_FALSE(nowhere.give_up());
}
