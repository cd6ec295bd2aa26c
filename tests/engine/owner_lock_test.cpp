#include "engine/owner_lock.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/catch.h"
#include "tests/temp_directory.h"

using namespace nmstore;

namespace {

constexpr std::int64_t kNow = 1'321'900'000'123;  // 2011-11-21T18:26:40Z

std::string content_of(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("owner lock: the second who tries is told who has it") {
    testing::TempDirectory directory;
    auto lock = OwnerLock::acquire(directory.string(), "nm-stored 127.0.0.1:8001", kNow);
    REQUIRE(lock.ok());
    const auto second = OwnerLock::acquire(directory.string(), "nm-tool", kNow);
    REQUIRE_FALSE(second.ok());
    CHECK(second.error().code == Code::busy);
    const std::string& message = second.error().message;
    CHECK(message.starts_with("data directory " + directory.string() +
                              " is in use by nm-stored 127.0.0.1:8001 (pid " + std::to_string(getpid()) +
                              " on "));
    CHECK(message.ends_with(") since 2011-11-21T18:26:40Z"));

    lock->reset();
    CHECK(OwnerLock::acquire(directory.string(), "nm-tool", kNow).ok());
}

TEST_CASE("owner lock: content without a lock means nothing") {
    testing::TempDirectory directory;
    std::ofstream(directory / "LOCK") << std::string(5000, 'x');
    auto lock = OwnerLock::acquire(directory.string(), "a\nb", kNow);
    REQUIRE(lock.ok());
    const std::string content = content_of(directory / "LOCK");
    CHECK(content.starts_with("a\\x0ab (pid "));
    CHECK(content.ends_with("Z\n"));
}

TEST_CASE("owner lock: a killed owner leaves nothing behind") {
    testing::TempDirectory directory;
    int ready[2];
    REQUIRE(pipe(ready) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        const auto lock = OwnerLock::acquire(directory.string(), "child", kNow);
        const char answer = lock.ok() ? 'y' : 'n';
        if (write(ready[1], &answer, 1) == 1) pause();
        _exit(1);
    }
    char answer = 0;
    REQUIRE(read(ready[0], &answer, 1) == 1);
    CHECK(answer == 'y');
    CHECK_FALSE(OwnerLock::acquire(directory.string(), "parent", kNow).ok());
    REQUIRE(kill(child, SIGKILL) == 0);
    REQUIRE(waitpid(child, nullptr, 0) == child);
    CHECK(OwnerLock::acquire(directory.string(), "parent", kNow).ok());
    close(ready[0]);
    close(ready[1]);
}

TEST_CASE("owner lock: no directory") {
    testing::TempDirectory directory;
    const auto lock = OwnerLock::acquire(directory / "absent", "x", kNow);
    REQUIRE_FALSE(lock.ok());
    CHECK(lock.error().code == Code::io);
}
