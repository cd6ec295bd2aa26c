#include "engine/journal_positions.h"

#include "engine/bytes.h"
#include "engine/journal_record.h"
#include "engine/key.h"
#include "engine/record.h"

namespace nmstore {
namespace {

constexpr std::size_t kMaxStreamBytes = 200;

std::string key_of(const JournalLink& link) {
    return "l" + link.hub + link.stream;
}
std::string key_of(std::string_view hub) {
    return "o" + std::string(hub);
}
std::string copy_key_of(std::string_view hub) {
    return "c" + std::string(hub);
}

}  // namespace

Result<void> check_link(const JournalLink& link) {
    if (link.hub.size() != 2 * kHubIdBytes ||
        link.hub.find_first_not_of("0123456789abcdef") != std::string::npos)
        return Error{Code::invalid_argument, "a hub's id has 32 hexadecimal digits"};
    if (link.stream.size() > kMaxStreamBytes)
        return Error{Code::invalid_argument, "the name of a stream has at most 200 bytes"};
    return {};
}

void put_position(kv::Batch& batch, const JournalLink& link, ChangeNumber position) {
    batch.put(kv::Space::meta, key::kPositions, key_of(link), record::number(position));
}

void put_origin_position(kv::Batch& batch, std::string_view hub, ChangeNumber position) {
    batch.put(kv::Space::meta, key::kPositions, key_of(hub), record::number(position));
}

Result<std::optional<ChangeNumber>> read_position(const Core& core, const JournalLink& link) {
    NM_TRY(check_link(link));
    NM_ASSIGN(const auto bytes, core.database->get(kv::Space::meta, key::kPositions, key_of(link)));
    if (!bytes) return std::optional<ChangeNumber>();
    NM_ASSIGN(const std::uint64_t position, record::parse_number(*bytes));
    return std::optional<ChangeNumber>(position);
}

Result<ChangeNumber> read_origin_position(const Core& core, std::string_view hub) {
    NM_ASSIGN(const auto bytes, core.database->get(kv::Space::meta, key::kPositions, key_of(hub)));
    if (!bytes) return ChangeNumber{0};
    return record::parse_number(*bytes);
}

void put_copy_position(kv::Batch& batch, std::string_view hub, const CopyPosition& position) {
    std::string value;
    bytes::append_little(value, position.stamp);
    bytes::append_little(value, position.number);
    batch.put(kv::Space::meta, key::kPositions, copy_key_of(hub), value);
}

Result<CopyPosition> read_copy_position(const Core& core, std::string_view hub) {
    NM_ASSIGN(const auto value, core.database->get(kv::Space::meta, key::kPositions, copy_key_of(hub)));
    if (!value) return CopyPosition{};
    if (value->size() != 2 * sizeof(std::uint64_t))
        return Error{Code::corruption, "the position of a copy cannot be read"};
    const std::string_view view = *value;
    return CopyPosition{bytes::read_little<std::uint64_t>(view),
                        bytes::read_little<std::uint64_t>(view.substr(sizeof(std::uint64_t)))};
}

Result<std::map<std::string, ChangeNumber>> read_origin_positions(const Core& core,
                                                                  const SnapshotPtr& snapshot) {
    std::map<std::string, ChangeNumber> out;
    const auto cursor = core.database->cursor(kv::Space::meta, key::kPositions, snapshot);
    const std::string begin = key_of(std::string_view());
    for (cursor->seek(begin); cursor->valid() && cursor->key().starts_with(begin); cursor->next()) {
        NM_ASSIGN(out[std::string(cursor->key().substr(begin.size()))],
                  record::parse_number(cursor->value()));
    }
    NM_TRY(cursor->status());
    return out;
}

Result<void> set_position(Core& core, const JournalLink& link, std::optional<ChangeNumber> position) {
    NM_TRY(check_link(link));
    const std::lock_guard turn(core.foreign_turn);
    const auto batch = core.database->new_batch();
    if (position) {
        put_position(*batch, link, *position);
        if (link.stream.empty()) put_origin_position(*batch, link.hub, *position);
    } else {
        batch->remove(kv::Space::meta, key::kPositions, key_of(link));
    }
    NM_ASSIGN(const std::uint64_t ticket, core.apply(*batch));
    return core.wait(ticket);
}

}  // namespace nmstore
