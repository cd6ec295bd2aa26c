#include "engine/copy_reception.h"

#include <algorithm>

#include "engine/bytes.h"
#include "engine/journal_positions.h"
#include "engine/key.h"

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
    const auto cursor = core.database->cursor(kv::Space::meta, key::kPositions);
    const std::string begin = key_of("");
    for (cursor->seek(begin); cursor->valid() && cursor->key().starts_with(begin); cursor->next()) {
        NM_ASSIGN(out[std::string(cursor->key().substr(begin.size()))], parse(cursor->value()));
    }
    NM_TRY(cursor->status());
    return out;
}

void remove_reception(kv::Batch& batch, std::string_view maker) {
    batch.remove(kv::Space::meta, key::kPositions, key_of(maker));
    batch.remove(kv::Space::meta, key::kPositions, cut_key_of(maker));
}

void put_cut(kv::Batch& batch, std::string_view maker, std::string_view record) {
    batch.put(kv::Space::meta, key::kPositions, cut_key_of(maker), record);
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
        if (step.kind == JournalStep::Kind::cut) out.reached[std::string(step.value)] = step.sequence;
        if (step.kind == JournalStep::Kind::sources) {
            NM_ASSIGN(out.sources[std::string(step.value)], SourceMarks::parse(step.fields));
        }
    }
}

void pin_journal(Core& core, const CopyReceptions& receptions) {
    ChangeNumber pin = UINT64_MAX;
    for (const auto& [maker, reception] : receptions) pin = std::min(pin, reception.pin);
    core.changes.set_journal_pin(pin);
}

Result<CopyReception> begin_reception(Core& core, kv::Batch& batch, std::uint64_t stamp, ChangeNumber since) {
    CopyReception out;
    out.stamp = stamp;
    out.moved_ms = core.clock.now_ms();
    out.pin = core.changes.pin_journal();
    out.since = since;
    NM_ASSIGN(const auto receptions, read_receptions(core));
    for (const auto& [maker, other] : receptions) {
        if (other.stamp == stamp) continue;
        out.pin = std::min(out.pin, other.pin);
        out.since = std::min(out.since, other.since);
        remove_reception(batch, maker);
        NM_TRY(forget_copy_links(core, batch, maker));
    }
    return out;
}

Result<void> prepare_reception(Core& core, kv::Batch& batch, std::string_view maker) {
    NM_ASSIGN(const CopyReception reception,
              begin_reception(core, batch, 0, core.changes.journal_range().end));
    put_reception(batch, maker, reception);
    return {};
}

Result<void> check_no_copy(const Core& core, std::string_view maker) {
    NM_ASSIGN(const auto reception, read_reception(core, maker));
    if (reception && is_moving(core, *reception)) return is_being_written(maker);
    return {};
}

Result<void> check_no_other_copy(const Core& core, std::string_view maker) {
    NM_ASSIGN(const auto receptions, read_receptions(core));
    for (const auto& [other, reception] : receptions) {
        if (other != maker && is_moving(core, reception)) return is_being_written(other);
    }
    return {};
}

}  // namespace nmstore
