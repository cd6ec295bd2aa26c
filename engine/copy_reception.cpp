#include "engine/copy_reception.h"

#include <algorithm>

#include "engine/bytes.h"
#include "engine/key.h"
#include "engine/record.h"
#include "engine/write_stamps.h"

namespace nmstore {
namespace {

constexpr std::int64_t kStillMs = 10 * 60'000;
constexpr std::size_t kNumbers = 7;

std::string key_of(std::string_view maker) {
    return "r" + std::string(maker);
}
std::string cut_key_of(std::string_view maker) {
    return "k" + std::string(maker);
}
std::string places_key_of(std::string_view maker) {
    return "u" + std::string(maker);
}
std::string given_up_key_of(std::string_view maker) {
    return "h" + std::string(maker);
}

// Of copies that were given up: when.
Result<std::map<std::string, std::int64_t>> read_given_up(const Core& core) {
    std::map<std::string, std::int64_t> out;
    const auto take = [&out](std::string_view maker, std::string_view value) -> Result<void> {
        NM_ASSIGN(const std::uint64_t at_ms, record::parse_number(value));
        out[std::string(maker)] = static_cast<std::int64_t>(at_ms);
        return {};
    };
    NM_TRY(each_position(core, given_up_key_of(""), nullptr, take));
    return out;
}

Result<CopyReception> parse(std::string_view bytes) {
    if (bytes.size() != kNumbers * sizeof(std::uint64_t))
        return Error{Code::corruption, "cannot read the store: a value is not of a full copy that comes"};
    const auto number = [&](std::size_t i) {
        return bytes::read_little<std::uint64_t>(bytes.substr(i * sizeof(std::uint64_t)));
    };
    return CopyReception{number(0),
                         number(1),
                         number(2),
                         number(3),
                         number(4) != 0,
                         number(5),
                         static_cast<std::int64_t>(number(6))};
}

bool is_moving(const Core& core, const CopyReception& reception) {
    const std::int64_t still_ms = core.clock.now_ms() - reception.moved_ms;
    return still_ms >= 0 && still_ms < kStillMs;
}

Error is_being_written(std::string_view maker) {
    return {Code::busy, "a full copy of the hub " + std::string(maker) + " is being written here"};
}

// What is to be done about a copy that has not come to its end, and may never.
Result<std::string> half_of_another(const Core& core, std::string_view maker) {
    NM_ASSIGN(const CopyReceptions receptions, read_receptions(core));
    for (const auto& [other, reception] : receptions) {
        if (other == maker || reception.stamp == 0 || reception.ended) continue;
        return "; half a copy of the hub " + other +
               " is at the target: if the rest is not to come, say there: nm-tool replication forget " +
               other;
    }
    return std::string();
}

}  // namespace

void put_reception(kv::Batch& batch, std::string_view maker, const CopyReception& reception) {
    std::string value;
    for (const std::uint64_t number : {reception.stamp, reception.pin, reception.since, reception.retold,
                                       static_cast<std::uint64_t>(reception.ended), reception.target,
                                       static_cast<std::uint64_t>(reception.moved_ms)})
        bytes::append_little(value, number);
    batch.put(kv::Space::meta, key::kPositions, key_of(maker), value);
}

Result<std::optional<CopyReception>> read_reception(const Core& core, std::string_view maker) {
    NM_ASSIGN(const auto bytes, core.database->get(kv::Space::meta, key::kPositions, key_of(maker)));
    if (!bytes) return std::optional<CopyReception>();
    NM_ASSIGN(const CopyReception reception, parse(*bytes));
    return std::optional(reception);
}

Result<CopyReceptions> read_receptions(const Core& core) {
    CopyReceptions out;
    const auto take = [&out](std::string_view maker, std::string_view value) -> Result<void> {
        NM_ASSIGN(out[std::string(maker)], parse(value));
        return {};
    };
    NM_TRY(each_position(core, key_of(""), nullptr, take));
    return out;
}

Result<std::vector<IncomingCopy>> incoming_copies(const Core& core) {
    NM_ASSIGN(const CopyReceptions receptions, read_receptions(core));
    NM_ASSIGN(auto last_ms, read_given_up(core));
    for (const auto& [maker, reception] : receptions) {
        if (reception.stamp != 0) last_ms[maker] = reception.moved_ms;
    }
    std::vector<IncomingCopy> out;
    for (const auto& [maker, at_ms] : last_ms) out.push_back({maker, at_ms});
    return out;
}

void remove_reception(kv::Batch& batch, std::string_view maker) {
    batch.remove(kv::Space::meta, key::kPositions, key_of(maker));
    batch.remove(kv::Space::meta, key::kPositions, cut_key_of(maker));
    batch.remove(kv::Space::meta, key::kPositions, places_key_of(maker));
}

void put_cut(kv::Batch& batch, std::string_view maker, std::string_view record) {
    batch.put(kv::Space::meta, key::kPositions, cut_key_of(maker), record);
}

bool CopyCut::take_place(const JournalStep& step) {
    using Kind = JournalStep::Kind;
    if (step.kind != Kind::cut && step.kind != Kind::cut_filtered) return false;
    (step.kind == Kind::cut ? reached : reached_filtered)[std::string(step.value)] = step.sequence;
    return true;
}

Result<CopyCut> read_cut(const Core& core, std::string_view maker) {
    CopyCut out;
    NM_ASSIGN(const auto bytes, core.database->get(kv::Space::meta, key::kPositions, cut_key_of(maker)));
    if (!bytes)
        return Error{Code::corruption,
                     "cannot read the store: a full copy has come, and its cut is not there"};
    NM_ASSIGN(JournalReader reader, JournalReader::open(*bytes));
    JournalStep step;
    for (;;) {
        NM_ASSIGN(const bool more, reader.next(step));
        if (!more) return out;
        out.take_place(step);
        if (step.kind == JournalStep::Kind::sources) {
            NM_ASSIGN(out.sources[std::string(step.value)], SourceMarks::parse(step.fields));
        }
    }
}

void put_places_before(kv::Batch& batch, std::string_view maker, const PlacesBefore& places) {
    std::string value;
    for (const auto& [hub, place] : places) {
        value += hub;
        for (const std::uint64_t number : {place.known.number, place.known.stamp, place.brought})
            bytes::append_little(value, number);
    }
    batch.put(kv::Space::meta, key::kPositions, places_key_of(maker), value);
}

Result<std::optional<PlacesBefore>> read_places_before(const Core& core, std::string_view maker) {
    constexpr std::size_t kId = 2 * kHubIdBytes;
    constexpr std::size_t kPlace = kId + 3 * sizeof(std::uint64_t);
    PlacesBefore out;
    NM_ASSIGN(const auto bytes, core.database->get(kv::Space::meta, key::kPositions, places_key_of(maker)));
    if (!bytes) return std::optional<PlacesBefore>();
    if (bytes->size() % kPlace != 0)
        return Error{Code::corruption, "cannot read the store: a value is not of places before a copy"};
    for (std::string_view left = *bytes; !left.empty(); left.remove_prefix(kPlace)) {
        const auto number = [&](std::size_t i) {
            return bytes::read_little<std::uint64_t>(left.substr(kId + i * sizeof(std::uint64_t)));
        };
        out[std::string(left.substr(0, kId))] = {{number(0), number(1)}, number(2)};
    }
    return std::optional(std::move(out));
}

Result<void> give_up(const Core& core, kv::Batch& batch, std::string_view maker, const PlacesBefore& places) {
    if (places.empty()) return {};
    for (const auto& [hub, before] : places) {
        put_origin_position(batch, hub, before.known);
        put_brought_position(batch, hub, before.brought);
    }
    NM_ASSIGN(const auto links, read_links(core, nullptr));
    for (const auto& [link, position] : links) {
        if (!link.stream.starts_with(kCopyStream)) remove_position(batch, link);
    }
    batch.put(kv::Space::meta, key::kPositions, given_up_key_of(maker),
              record::number(static_cast<std::uint64_t>(core.clock.now_ms())));
    return {};
}

void remove_given_up(kv::Batch& batch, std::string_view maker) {
    batch.remove(kv::Space::meta, key::kPositions, given_up_key_of(maker));
}

Result<void> note_whole(const Core& core, kv::Batch& batch, std::string_view maker) {
    NM_ASSIGN(const auto places, read_places_before(core, maker));
    if (!places) return {};
    NM_ASSIGN(const auto given_up, read_given_up(core));
    for (const auto& [other, at_ms] : given_up) remove_given_up(batch, other);
    return {};
}

void pin_journal(Core& core, const CopyReceptions& receptions) {
    ChangeNumber pin = UINT64_MAX;
    for (const auto& [maker, reception] : receptions) pin = std::min(pin, reception.pin);
    core.changes.set_journal_pin(pin);
}

Result<CopyReception> begin_reception(Core& core, kv::Batch& batch, const BegunCopy& begun,
                                      PlacesBefore& places_before) {
    CopyReception out;
    out.stamp = begun.stamp;
    out.moved_ms = core.clock.now_ms();
    out.pin = core.changes.keeps_journal() ? core.changes.pin_journal() : CopyReception::kNoJournal;
    out.since = begun.since;
    NM_ASSIGN(const auto receptions, read_receptions(core));
    for (const auto& [maker, other] : receptions) {
        const bool is_own = maker == begun.maker;
        if (is_own ? other.stamp == begun.stamp : begun.in_part) continue;
        out.pin = std::min(out.pin, other.pin);
        out.since = std::min(out.since, other.since);
        NM_ASSIGN(const auto places, read_places_before(core, maker));
        // Some rows are not to bring the rest of what was to come.
        if (places && begun.in_part) NM_TRY(give_up(core, batch, maker, *places));
        if (places && !begun.in_part) places_before.insert(places->begin(), places->end());
        remove_reception(batch, maker);
        NM_TRY(forget_copy_links(core, batch, maker));
    }
    return out;
}

Result<void> prepare_reception(Core& core, kv::Batch& batch, std::string_view maker) {
    NM_ASSIGN(auto reception, read_reception(core, maker));
    if (!reception) {
        reception.emplace();
        reception->pin = core.changes.pin_journal();
        reception->since = core.changes.journal_range().end;
    }
    reception->moved_ms = core.clock.now_ms();
    put_reception(batch, maker, *reception);
    return {};
}

Result<void> check_known_at_cut(Core& core, const ComingCopy& copy, const CopyCut& cut) {
    NM_ASSIGN(const std::string half, half_of_another(core, copy.maker));
    const auto unknown = [&half](const std::string& hub) {
        return Error{
            Code::busy,
            "the hub " + hub + " has written what is here, and what the copied hub did not know" + half};
    };
    NM_ASSIGN(const auto known_here, read_origin_positions(core, nullptr));
    for (const auto& [hub, known] : known_here) {
        if (hub == core.hub_id || hub == copy.maker || hub == copy.sender) continue;
        if (copy.sender != copy.maker) {
            NM_ASSIGN(const auto direct, read_position(core, {hub, ""}));
            if (!direct) continue;
        }
        const auto there = cut.reached.find(hub);
        // Some rows are not those of a hub of which the maker has never heard.
        if (there == cut.reached.end() && copy.in_part) continue;
        const ChangeNumber reached = there == cut.reached.end() ? 0 : there->second;
        if (known <= reached) continue;
        const auto filtered = cut.reached_filtered.find(hub);
        if (!copy.in_part && filtered != cut.reached_filtered.end() && filtered->second > reached)
            return unknown(hub);
        NM_ASSIGN(const ChangeNumber brought, read_brought_position(core, hub));
        if (brought > reached) return unknown(hub);
        if (!core.changes.keeps_journal()) return unknown(hub);
        // From the first record of a hub on the journal has all of them that have come.
        if (core.changes.journal_range().first == 0) continue;
        NM_ASSIGN(const auto first, core.first_records.of(core.changes, hub));
        if (!first || *first > reached) return unknown(hub);
    }
    return {};
}

Result<void> check_no_copy(const Core& core, std::string_view maker) {
    NM_ASSIGN(const auto reception, read_reception(core, maker));
    if (reception && is_moving(core, *reception)) return is_being_written(maker);
    return {};
}

Result<void> check_no_other_copy(const Core& core, std::string_view maker) {
    NM_ASSIGN(const auto receptions, read_receptions(core));
    const std::uint64_t number = write_stamps::hub_number(maker);
    for (const auto& [other, reception] : receptions) {
        // What the maker itself passes on it has, and does not send while it copies.
        const bool is_passed_on = reception.stamp != 0 && reception.target == number;
        if (other != maker && !is_passed_on && is_moving(core, reception)) return is_being_written(other);
    }
    return {};
}

}  // namespace nmstore
