// The store as plain maps: what it must say, without any of how it does it. Time is the caller's.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/cell_text.h"
#include "engine/line_cursor.h"
#include "engine/line_cut.h"
#include "nmstore/store.h"

namespace nmstore::testing {

struct ModelCell {
    std::string value;
    std::int64_t expires_at_ms = 0;
    bool live(std::int64_t now_ms) const { return expires_at_ms == 0 || expires_at_ms > now_ms; }
};

// A line as a cursor must give it; sequences are the store's affair, so lines of one time are known by their
// order.
struct ModelLine {
    std::int64_t time_ms = 0;
    bool appended = false;
    std::uint32_t line = 0;
    std::string text;
    bool operator==(const ModelLine&) const = default;
};

struct ModelTimeRow {
    std::map<std::int64_t, ModelCell> posted;
    std::map<std::int64_t, std::vector<std::string>> appended;

    bool live(std::int64_t now_ms) const {
        if (!appended.empty()) return true;
        for (const auto& [time, cell] : posted) {
            if (cell.live(now_ms)) return true;
        }
        return false;
    }

    // Forward over everything, looking at all that follows: the definition of what half lines are. A half
    // line goes on if one of the next kMaxJoinedCells cells with a piece has a newline.
    std::vector<ModelLine> lines(RowKind kind, std::int64_t now_ms) const {
        std::map<std::int64_t, CellText> texts;  // of live cells with a piece
        std::map<std::int64_t, int> times;
        for (const auto& [time, lines] : appended) times[time] = 0;
        for (const auto& [time, cell] : posted) {
            CellText text;
            if (cell.live(now_ms)) text.assign(kind, cell.value);
            if (text.empty()) continue;
            texts[time] = text;
            times[time] = 0;
        }
        const auto ends = [](const CellText& text) { return text.size() > 1 || !text.half(); };
        std::vector<ModelLine> out;
        std::size_t taken = 0;  // cells whose first piece belongs to an earlier line
        for (const auto& [time, unused] : times) {
            if (const auto cell = texts.find(time); cell != texts.end()) {
                const CellText& text = cell->second;
                for (std::size_t i = 0; i < text.size(); ++i) {
                    if (i == 0 && taken > 0) continue;
                    ModelLine line{time, false, static_cast<std::uint32_t>(i), std::string(text[i])};
                    if (text.half() && i + 1 == text.size()) {
                        std::string joined = line.text;
                        std::size_t cells = 0;
                        for (auto next = std::next(cell); next != texts.end() && cells < kMaxJoinedCells;
                             ++next) {
                            joined += next->second[0];
                            ++cells;
                            if (!ends(next->second)) continue;
                            line.text = joined;
                            taken = cells + 1;  // this cell is counted off below
                            break;
                        }
                    }
                    if (is_too_long(line.text)) line.text = std::string(kept_of_line(line.text)).append(kCutMark);
                    out.push_back(std::move(line));
                }
                if (taken > 0) --taken;
            }
            if (const auto lines = appended.find(time); lines != appended.end()) {
                for (const std::string& line : lines->second) out.push_back({time, true, 0, line});
            }
        }
        return out;
    }
};

struct StoreModel {
    using CellRow = std::map<std::string, ModelCell>;  // by column
    struct CellFamily {
        std::map<std::string, CellRow> rows;
        std::map<std::string, bool> indexed;  // declared columns
    };
    std::map<std::string, CellFamily> cells;                           // by name of the family
    std::map<std::string, std::map<std::string, ModelTimeRow>> times;  // family, row
    std::map<std::string, std::map<std::string, std::int64_t>> counters;

    static bool row_lives(const CellRow& row, std::int64_t now_ms) {
        for (const auto& [column, cell] : row) {
            if (cell.live(now_ms)) return true;
        }
        return false;
    }

    // A page of an ordered map, as Store::slice gives it.
    template <class Map, class Key, class Live>
    static std::pair<std::vector<Key>, bool> page(const Map& map, const std::optional<Key>& from,
                                                  const std::optional<Key>& to, bool reversed,
                                                  std::size_t limit, const Live& live) {
        std::vector<Key> keys;
        for (const auto& [key, value] : map) {
            const auto& low = reversed ? to : from;
            const auto& high = reversed ? from : to;
            if ((low && key < *low) || (high && *high < key) || !live(key)) continue;
            keys.push_back(key);
        }
        if (reversed) std::reverse(keys.begin(), keys.end());
        const bool more = keys.size() > limit;
        if (more) keys.resize(limit);
        return {std::move(keys), more};
    }
};

}  // namespace nmstore::testing
