// client:, log:, kind: and level: of the query language: their names, and what may stand behind them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "query/filter.h"

namespace nmstore::query {

std::optional<Source> source_named(std::string_view name);
std::string_view source_name(Source source);
// What may be its operand, for an error message.
std::string_view source_operands(Source source);

// The operand as it is compared: log: with '/' as '_', kind: and level: in lower case and by their one name
// ("WARNING" is warn). nullopt: no glob, and no line can have it.
std::optional<std::string> normal_source_operand(Source source, std::string_view operand);

}  // namespace nmstore::query
