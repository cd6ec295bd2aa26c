#include "query/source.h"

#include <algorithm>
#include <array>

#include "nmstore/day_row.h"
#include "nmstore/words.h"
#include "query/level.h"

namespace nmstore::query {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"client", "log", "kind",
                                                    "level"};  // in the order of Source

std::optional<std::string> kind_operand(std::string lower) {
    constexpr std::array kinds = {RowKind::logs, RowKind::plugins, RowKind::alerts, RowKind::other};
    for (RowKind kind : kinds) {
        std::string_view name = row_kind_name(kind);
        const bool one_of_them = !lower.empty() && name == lower + "s";
        if (name == lower || one_of_them) return std::string(name);
    }
    return std::nullopt;
}

}  // namespace

std::optional<Source> source_named(std::string_view name) {
    auto found = std::find(kNames.begin(), kNames.end(), name);
    if (found == kNames.end()) return std::nullopt;
    return static_cast<Source>(found - kNames.begin());
}

std::string_view source_name(Source source) {
    return kNames[static_cast<std::size_t>(source)];
}

std::string_view source_operands(Source source) {
    switch (source) {
        case Source::client:
            return "a client's name or a glob";
        case Source::log:
            return "a log's name or a glob";
        case Source::kind:
            return "logs, plugins, alerts, other or a glob";
        case Source::level:
            return "fatal, error, warn, notice, info, debug, trace or a glob";
    }
    return {};
}

std::optional<std::string> normal_source_operand(Source source, std::string_view operand) {
    std::string text(operand);
    if (source == Source::client) return text;
    if (source == Source::log) {
        std::replace(text.begin(), text.end(), '/', '_');
        return text;
    }
    text = to_lower(text);
    if (text.find_first_of("*?") != std::string::npos) return text;
    if (source == Source::kind) return kind_operand(std::move(text));
    if (text.empty()) return text;  // level:"": lines that tell none
    std::string_view level = level_of_word(text);
    if (level.empty()) return std::nullopt;
    return std::string(level);
}

}  // namespace nmstore::query
