#include "tools/log_directory.h"

#include <filesystem>
#include <fstream>

#include "tests/catch.h"
#include "tests/temp_directory.h"

namespace nmstore::tools {
namespace {

std::string names(const testing::TempDirectory& directory, DirectoryOptions options) {
    options.directory = directory.string();
    const auto found = find_logs(options);
    REQUIRE(found.ok());
    std::string all;
    for (const auto& path : found.value()) all += path.substr(directory.string().size() + 1) + " ";
    return all;
}

}  // namespace

TEST_CASE("the logs of a directory") {
    testing::TempDirectory directory;
    std::filesystem::create_directories(directory.path() / "sub" / "deep");
    for (const char* name : {"syslog", "syslog.1", "syslog.2.gz", "app.log", "app.log-20111121", "orphan.1",
                             "sub/a.log", "sub/deep/b.log"}) {
        std::ofstream(directory / name) << "text\n";
    }
    std::ofstream(directory / "binary") << std::string("a\0b", 3);
    std::ofstream(directory / "empty");
    std::filesystem::create_directory_symlink(directory.path(), directory.path() / "sub" / "loop");

    CHECK(names(directory, {}) == "app.log empty orphan.1 syslog ");
    CHECK(names(directory, {"", true, {}, {}}) == "app.log empty orphan.1 sub/a.log sub/deep/b.log syslog ");
    CHECK(names(directory, {"", true, {"*.log"}, {}}) == "app.log sub/a.log sub/deep/b.log ");
    CHECK(names(directory, {"", true, {"*.log"}, {"b.*"}}) == "app.log sub/a.log ");
    CHECK(names(directory, {"", true, {"sub/*"}, {}}) == "sub/a.log sub/deep/b.log ");
    CHECK(names(directory, {"", false, {"nothing"}, {}}).empty());
}

TEST_CASE("a directory that is not there") {
    testing::TempDirectory directory;
    DirectoryOptions options;
    options.directory = directory / "missing";
    const auto found = find_logs(options);
    REQUIRE_FALSE(found.ok());
    CHECK(found.error().code == Code::not_found);
}

}  // namespace nmstore::tools
