// The results of long work (compact, verify, backup …) and the store's figures, for a person or as one JSON
// object.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tools/session.h"

namespace nmstore::tools {

// One line each, names aligned; or one JSON object.
void write_details(Session& session, const std::vector<Detail>& details);

using Work = std::function<Result<WorkAnswer>(Source&, const Progress&)>;

// Runs work on the session's source with a progress line.
Result<WorkAnswer> do_work(Session& session, Access access, const Work& work);
// Writes what work has answered, or why it failed; returns the exit code. `what` names it in the first words
// for a person ("compacted"). exit_partial if there are problems.
int finish_work(Session& session, const std::string& what, const Result<WorkAnswer>& answer);

// A line or JSON object for each; exit_nothing if there is none.
int write_backups(Session& session, const std::vector<BackupInfo>& backups);

}  // namespace nmstore::tools
