// How a command ends that answered a query: whether something was found, and whether it is all there is.
#pragma once

#include "tools/session.h"

namespace nmstore::tools {

// Says on stderr if a limit ended the answer early; returns the exit code.
inline int finish_answer(Session& session, const Completeness& completeness, bool found) {
    if (!completeness.stopped_by.empty()) {
        session.warn("the answer is not complete: the query ran into " + completeness.stopped_by +
                     " (narrow it with --from and --to, or raise the server's limit)");
        return exit_partial;
    }
    return found ? exit_ok : exit_nothing;
}

}  // namespace nmstore::tools
