// For who opens a closed data directory to write into it: a journal that a server keeps there goes on. What
// is in it some target may still have to read, and what the tool writes is to come to the targets as well.
#pragma once

#include "ingest/own_rows.h"
#include "nmstore/journal.h"

namespace nmstore::tools {

inline JournalOptions kept_journal() {
    JournalOptions options;
    options.keep = true;
    options.own_rows = ingest::own_rows();
    return options;
}

}  // namespace nmstore::tools
