// Runs a program that writes until it is killed, and kills it.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/catch.h"

extern char** environ;

namespace nmstore::testing {

// Runs `program DIRECTORY FIRST`, kills it once it has acknowledged so many operations, and gives all that it
// has acknowledged: thread and number of each. It says "thread number" on its standard output.
inline std::vector<std::pair<int, std::uint64_t>> run_and_kill(std::string program, std::string directory,
                                                               std::uint64_t first_number,
                                                               int acknowledgements) {
    int ends[2];
    REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    std::string first = std::to_string(first_number);
    char* arguments[] = {program.data(), directory.data(), first.data(), nullptr};
    pid_t child = 0;
    REQUIRE(posix_spawn(&child, program.c_str(), &actions, nullptr, arguments, environ) == 0);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);

    std::string said;
    char buffer[4096];
    bool killed = false;
    for (ssize_t got; (got = read(ends[0], buffer, sizeof buffer)) > 0;) {
        said.append(buffer, static_cast<std::size_t>(got));
        if (!killed && std::count(said.begin(), said.end(), '\n') >= acknowledgements) {
            kill(child, SIGKILL);
            killed = true;
        }
    }
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    REQUIRE(WIFSIGNALED(status));
    REQUIRE(WTERMSIG(status) == SIGKILL);  // nothing else has ended it

    std::vector<std::pair<int, std::uint64_t>> acknowledged;
    std::istringstream lines(said);
    int thread = 0;
    for (std::uint64_t number = 0; lines >> thread >> number;) acknowledged.emplace_back(thread, number);
    return acknowledged;
}

}  // namespace nmstore::testing
