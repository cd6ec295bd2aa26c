// Gets rid of damaged table files of which everything that is still wanted can be read.
#pragma once

#include "engine/core.h"

namespace nmstore {

// Of rows and of the word index. What stays is told with why; other spaces' files always do. Writers wait for
// it some milliseconds at a time.
Result<kv::MendedFiles> mend_damaged_files(Core& core, const Progress& progress);

}  // namespace nmstore
