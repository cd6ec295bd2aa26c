// The subcommands: each declares itself with its options in a file of its own (search_command.cpp …), once,
// for parsing, help, the man page and shell completion alike.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "tools/session.h"

namespace nmstore::tools {

// What the command line asks for; its result is the exit code.
using Action = std::function<int(Session&)>;

// Adds a subcommand to `root`. When it is the one that was given, its callback puts what is to be done into
// `action`.
using Declare = void (*)(CLI::App& root, Action& action);

void declare_search(CLI::App& root, Action& action);
void declare_tail(CLI::App& root, Action& action);
void declare_channel(CLI::App& root, Action& action);
void declare_count(CLI::App& root, Action& action);
void declare_series(CLI::App& root, Action& action);
void declare_alerts(CLI::App& root, Action& action);
void declare_rows(CLI::App& root, Action& action);
void declare_get(CLI::App& root, Action& action);
void declare_ship(CLI::App& root, Action& action);
void declare_pull(CLI::App& root, Action& action);
void declare_stats(CLI::App& root, Action& action);
void declare_compact(CLI::App& root, Action& action);
void declare_retention(CLI::App& root, Action& action);
void declare_verify(CLI::App& root, Action& action);
void declare_reindex(CLI::App& root, Action& action);
void declare_backup(CLI::App& root, Action& action);
void declare_restore(CLI::App& root, Action& action);
void declare_drop(CLI::App& root, Action& action);
void declare_replication(CLI::App& root, Action& action);
void declare_credential(CLI::App& root, Action& action);
void declare_completion(CLI::App& root, Action& action);
void declare_man(CLI::App& root, Action& action);

// The whole program's declaration: shared options (into `shared`) and all subcommands.
void declare_all(CLI::App& root, SharedOptions& shared, Action& action);

// Type names that completion knows how to complete.
inline constexpr const char* kFileType = "FILE";
inline constexpr const char* kDirectoryType = "DIR";
inline constexpr const char* kTimeType = "TIME";

// Subcommands whose words are a query: there "-word" means NOT word, and is no option.
bool takes_query(const std::string& subcommand);

}  // namespace nmstore::tools
