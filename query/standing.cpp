#include "query/standing.h"

#include <algorithm>
#include <array>
#include <utility>

#include "nmstore/words.h"
#include "query/block_cursor.h"
#include "query/standing_words.h"

namespace nmstore::query {
namespace {

constexpr std::size_t kMaxRows = 4096;  // remembered
constexpr std::size_t kHashBits = 1 << 16;

// Of an ASCII byte: itself in lower case if it is a letter or digit, else 0.
constexpr std::array<unsigned char, 128> kWordBytes = [] {
    std::array<unsigned char, 128> table{};
    for (unsigned char c = '0'; c <= '9'; ++c) table[c] = c;
    for (unsigned char c = 'a'; c <= 'z'; ++c) table[c] = c;
    for (unsigned char c = 'A'; c <= 'Z'; ++c) table[c] = static_cast<unsigned char>(c - 'A' + 'a');
    return table;
}();

// FNV-1a, a byte at a time.
constexpr std::uint32_t kHashBegin = 2166136261U;
constexpr std::uint32_t hashed(std::uint32_t hash, unsigned char byte) {
    return (hash ^ byte) * 16777619U;
}
std::uint32_t hash_of(std::string_view word) {
    std::uint32_t hash = kHashBegin;
    for (const char c : word) hash = hashed(hash, static_cast<unsigned char>(c));
    return hash;
}
std::size_t bit_of(std::uint32_t hash) {
    return (hash ^ (hash >> 16)) % kHashBits;
}

}  // namespace

Result<StandingQueries::Prepared> StandingQueries::prepare(const Filter& filter, const ClientNames& names,
                                                           const IsGone& gone) {
    Prepared prepared;
    Query& query = prepared.query_;
    NM_ASSIGN(query.matcher, compile(filter, names, gone));
    NM_ASSIGN(query.plan, BlockPlan::make(filter, names, gone));
    if (auto required = required_words(filter)) {
        query.words = std::move(required->words);
        query.levels = std::move(required->levels);
    }
    return prepared;
}

Result<void> StandingQueries::add(Id id, Prepared prepared) {
    if (std::any_of(queries_.begin(), queries_.end(), [&](const Query& query) { return query.id == id; }))
        return Error{Code::conflict, "there is a standing query of this number"};
    prepared.query_.id = id;
    queries_.push_back(std::move(prepared.query_));
    indexed_ = false;
    return {};
}

Result<void> StandingQueries::add(Id id, const Filter& filter, const ClientNames& names) {
    NM_ASSIGN(Prepared prepared, prepare(filter, names));
    return add(id, std::move(prepared));
}

void StandingQueries::remove(Id id) {
    if (std::erase_if(queries_, [&](const Query& query) { return query.id == id; }) != 0) indexed_ = false;
}

void StandingQueries::forget_rows() {
    rows_.clear();
    for (const Query& query : queries_) query.matcher->forget_rows();
}

// Once for all that was added or removed.
void StandingQueries::index() {
    if (std::exchange(indexed_, true)) return;
    by_word_.clear();
    by_level_.clear();
    sought_.clear();
    rows_.clear();
    hash_bits_.assign(kHashBits / 64, 0);
    asked_at_.assign(queries_.size(), 0);
    const auto note = [](Places& places, std::size_t place) {
        if (places.empty() || places.back() != place) places.push_back(place);
    };
    for (std::size_t place = 0; place < queries_.size(); ++place) {
        for (const std::string& word : queries_[place].words) note(by_word_[word], place);
        for (const std::string& level : queries_[place].levels) note(by_level_[level], place);
    }
    for (const auto& [word, places] : by_word_) {
        sought_.push_back({block::SoughtWord(word), places});
        const std::size_t bit = bit_of(hash_of(word));
        hash_bits_[bit / 64] |= std::uint64_t{1} << (bit % 64);
    }
}

const StandingQueries::OfRow& StandingQueries::of_row(const LogRow& row) {
    const auto known = rows_.find(row.id);
    if (known != rows_.end()) return known->second;
    if (rows_.size() >= kMaxRows) rows_.clear();
    OfRow& out = rows_[row.id];
    out.may_match.resize(queries_.size());
    for (std::size_t place = 0; place < queries_.size(); ++place) {
        out.may_match[place] = queries_[place].matcher->may_match(row);
        if (!out.may_match[place]) continue;
        out.any = true;
        if (queries_[place].always()) out.always.push_back(place);
    }
    return out;
}

// ---- Lines --------------------------------------------------------------------------------------

void StandingQueries::match(const Line& line, const EachMatch& each) {
    NM_CHECK(line.row != nullptr);
    index();
    const OfRow& row = of_row(*line.row);
    if (!row.any) return;
    ++line_;
    ask(row.always, row, line, each);
    if (!by_word_.empty()) look_up_words(line.text, row, line, each);
    if (by_level_.empty()) return;
    const auto level = by_level_.find(std::string(level_of(line)));
    if (level != by_level_.end()) ask(level->second, row, line, each);
}

void StandingQueries::look_up_words(std::string_view text, const OfRow& row, const Line& line,
                                    const EachMatch& each) {
    const auto has_bit = [this](std::uint32_t hash) {
        const std::size_t bit = bit_of(hash);
        return (hash_bits_[bit / 64] >> (bit % 64) & 1) != 0;
    };
    std::uint32_t hash = kHashBegin;
    std::size_t begin = 0;
    std::size_t at = 0;
    for (; at < text.size(); ++at) {
        const auto byte = static_cast<unsigned char>(text[at]);
        if (byte >= 128) break;
        const unsigned char lower = kWordBytes[byte];
        if (lower != 0) {
            hash = hashed(hash, lower);
            continue;
        }
        if (at > begin && has_bit(hash)) look_up(text.substr(begin, at - begin), row, line, each);
        begin = at + 1;
        hash = kHashBegin;
    }
    if (at == text.size()) {
        if (at > begin && has_bit(hash)) look_up(text.substr(begin), row, line, each);
        return;
    }
    // From the word on in which something beyond ASCII stands, or before which it does.
    const std::string_view rest = text.substr(begin);
    WordScanner words(rest);
    for (WordAt word; words.next(word);)
        look_up(rest.substr(word.begin, word.end - word.begin), row, line, each);
}

void StandingQueries::look_up(std::string_view word, const OfRow& row, const Line& line,
                              const EachMatch& each) {
    word_.clear();
    append_lower(word, word_);
    const auto found = by_word_.find(word_);
    if (found != by_word_.end()) ask(found->second, row, line, each);
}

void StandingQueries::ask(const Places& places, const OfRow& row, const Line& line, const EachMatch& each) {
    for (const std::size_t place : places) {
        if (!row.may_match[place] || asked_at_[place] == line_) continue;
        asked_at_[place] = line_;
        if (queries_[place].matcher->matches(line)) each(queries_[place].id);
    }
}

// ---- Changes ------------------------------------------------------------------------------------

Result<void> StandingQueries::match_changed(const Store& store, const Change& change,
                                            const ChangedRow& changed, const LogRow& row,
                                            const EachLine& each, const LineWindow& window) {
    index();
    if (!of_row(row).any) return {};
    NM_ASSIGN(const bool done, match_blocks(store, changed, row, each, window));
    if (done) return {};
    return each_changed_line(store, change, changed, row, window,
                             [&](const Line& line) { match(line, [&](Id id) { each(id, line); }); });
}

// false: its lines are not all in blocks of their own, or not any more; nothing was told.
Result<bool> StandingQueries::match_blocks(const Store& store, const ChangedRow& changed, const LogRow& row,
                                           const EachLine& each, const LineWindow& window) {
    if (changed.blocks.empty() || !changed.cells_ms.empty()) return false;
    const SnapshotPtr snapshot = store.snapshot();
    NM_ASSIGN(const auto blocks, blocks_of_change(store, changed, row, snapshot));
    if (!blocks) return false;
    for (const BlockInfo& block : *blocks) {
        if (window.after && block.last <= *window.after) continue;
        if (window.wants && !window.wants(block.first)) break;
        NM_TRY(match_block(store, row, block, snapshot, each, window));
    }
    return true;
}

Result<void> StandingQueries::match_block(const Store& store, const LogRow& row, const BlockInfo& block,
                                          const SnapshotPtr& snapshot, const EachLine& each,
                                          const LineWindow& window) {
    ++line_;
    const OfRow& known = of_row(row);
    Places candidates = known.always;
    const auto add = [&](const Places& places) {
        for (const std::size_t place : places) {
            if (!known.may_match[place] || asked_at_[place] == line_) continue;
            asked_at_[place] = line_;
            candidates.push_back(place);
        }
    };
    // One for all: each part of the block is decoded once, however many filters ask for it.
    NM_ASSIGN(const std::shared_ptr<block::BlockReader> reader, store.open_block(row, block, snapshot));
    for (const Sought& sought : sought_) {
        NM_ASSIGN(const bool may_be, reader->may_have_word(sought.word));
        if (may_be) add(sought.places);
    }
    for (const auto& [level, places] : by_level_) add(places);
    for (const std::size_t place : candidates) {
        const Query& query = queries_[place];
        LineRange range;
        range.order = Order::ascending;
        range.after = window.after;
        NM_ASSIGN(const auto cursor,
                  BlockCursor::open(reader, row, range, {query.matcher.get(), query.plan.get()}));
        if (cursor == nullptr) continue;
        for (;;) {
            NM_ASSIGN(const bool found, cursor->next());
            if (!found || (window.wants && !window.wants(cursor->line().id))) break;
            each(query.id, cursor->line());
        }
    }
    return {};
}

}  // namespace nmstore::query
