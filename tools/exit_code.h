// What nm-tool's exit codes mean: one table for the program, its help, its man page and its tests.
#pragma once

#include <array>
#include <string_view>

#include "nmstore/result.h"

namespace nmstore::tools {

enum ExitCode : int {
    exit_ok = 0,
    exit_nothing = 1,
    exit_usage = 2,
    exit_failed = 3,
    exit_partial = 4,
    exit_interrupted = 130,
};

struct ExitCodeMeaning {
    int code;
    std::string_view meaning;
};

inline constexpr std::array<ExitCodeMeaning, 6> kExitCodes{{
    {exit_ok, "done; for search, count, series, rows, get and alerts: something was found"},
    {exit_nothing,
     "nothing was found (search, count, series, rows, get, alerts), or what was asked to be done was "
     "declined"},
    {exit_usage, "the command line or the query cannot be read, or asks for what cannot be"},
    {exit_failed, "the server, the network or the store said no"},
    {exit_partial,
     "the answer is not complete: a limit of the query was reached, some lines were rejected, verify found "
     "damage, reindex could not mend it, or pull had to leave something out"},
    {exit_interrupted, "stopped by SIGINT (Ctrl-C)"},
}};

// The exit code for an Error that ended a command.
inline int exit_code_of(Code code) {
    if (code == Code::invalid_argument) return exit_usage;
    if (code == Code::cancelled) return exit_interrupted;
    return exit_failed;
}

}  // namespace nmstore::tools
