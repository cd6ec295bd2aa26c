// A full copy of one hub to another, sent part by part, as a sender does.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/engine/hubs.h"

namespace nmstore::testing {

template <class T>
bool is_busy(const Result<T>& result) {
    return !result.ok() && result.error().code == Code::busy;
}

struct Copying {
    Hub* from = nullptr;
    Hub* to = nullptr;
    std::unique_ptr<JournalCopy> parts{};
    std::size_t max_bytes = 0;
    int attempt = 0;
    JournalFilter wanted{};
    std::string stream{};  // that goes on behind it

    JournalLink link() const { return {(*from)->hub_id(), "copy " + std::to_string(attempt)}; }
    void begin(std::size_t bytes) {
        max_bytes = bytes;
        ++attempt;
        const auto prepared = (*to)->apply_journal(link(), {}, 1);
        auto cut = (*from)->copy_for_journal(wanted);
        refused = is_busy(prepared) || is_busy(cut);
        parts.reset();
        if (refused) return;
        must(prepared);
        parts = must(std::move(cut));
    }
    bool under_way() const { return parts != nullptr; }
    std::uint64_t retold = 0;
    bool refused = false;  // at its beginning, as a sender finds out that cuts another one later

    // false: it has ended.
    bool step() {
        const auto record = must(parts->next(max_bytes));
        if (record) {
            const auto applied =
                (*to)->apply_journal(link(), {{record->number, record->bytes}}, record->number + 1);
            refused = is_busy(applied) && record->number == 1;
            if (refused) {
                parts.reset();
                return false;
            }
            retold += must(applied).retold;
            return true;
        }
        must((*to)->set_journal_position({(*from)->hub_id(), stream}, parts->at()));
        must((*to)->set_journal_position(link(), std::nullopt));
        parts.reset();
        return false;
    }
    void finish() {
        while (step()) {
        }
    }
};

inline std::vector<std::string> lines_of(const Hub& hub) {
    std::vector<std::string> out;
    for (const LogRow& row : must(hub.store->log_rows({}))) {
        if (row.log.find('l') != 0) continue;  // readings are no lines
        const auto lines = must(hub.store->lines(row, {}));
        while (must(lines->next())) out.emplace_back(lines->line().text);
    }
    std::sort(out.begin(), out.end());
    return out;
}

}  // namespace nmstore::testing
