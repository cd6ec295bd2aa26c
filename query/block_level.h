// The level of a template's lines, told by its constants: a word that names a level has no digit, so it never
// is a variable.
#pragma once

#include <string_view>

#include "query/block_ranks.h"
#include "query/block_text.h"

namespace nmstore::query {

// Whether lines of the template may have fields; else they have none.
bool may_have_fields(const block::Template& made);

struct TemplateLevel {
    bool told = false;       // else its lines may have fields, so that only their texts tell
    std::string_view level;  // as level_of() gives it; "" if no line has one
    RankSet lines = RankSet::all();  // that have it; the others have none
};

// Of lines that are not in `within` anything may be said. Reads columns only where they decide how far into
// the line the word stands.
Result<TemplateLevel> level_in(block::BlockReader& block, std::size_t number, const RankSet& within);

}  // namespace nmstore::query
