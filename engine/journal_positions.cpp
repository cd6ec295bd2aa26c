#include "engine/journal_positions.h"

#include <algorithm>

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
std::string passed_key_of(const JournalOrigin& origin, const JournalLink& link) {
    return "p" + origin.hub + (origin.is_filtered() ? link.hub + link.stream : link.stream);
}

// Without a stamp in stores of an earlier version.
Result<OriginPosition> parse_origin(std::string_view bytes) {
    const std::size_t number_bytes = std::min(bytes.size(), sizeof(std::uint64_t));
    NM_ASSIGN(const std::uint64_t number, record::parse_number(bytes.substr(0, number_bytes)));
    bytes.remove_prefix(number_bytes);
    if (bytes.empty()) return OriginPosition{number, 0};
    if (bytes.size() != sizeof(std::uint64_t))
        return Error{Code::corruption, "the position of a hub cannot be read"};
    return OriginPosition{number, bytes::read_little<std::uint64_t>(bytes)};
}

std::string copy_key_of(std::string_view hub) {
    return "c" + std::string(hub);
}

std::string brought_key_of(std::string_view hub) {
    return "b" + std::string(hub);
}

Result<ChangeNumber> read_number(const Core& core, const std::string& key) {
    NM_ASSIGN(const auto bytes, core.database->get(kv::Space::meta, key::kPositions, key));
    if (!bytes) return ChangeNumber{0};
    return record::parse_number(*bytes);
}

}  // namespace

Result<void> each_position(const Core& core, std::string_view begin, const SnapshotPtr& snapshot,
                           const EachPosition& each) {
    const auto cursor = core.database->cursor(kv::Space::meta, key::kPositions, snapshot);
    for (cursor->seek(begin); cursor->valid() && cursor->key().starts_with(begin); cursor->next())
        NM_TRY(each(cursor->key().substr(begin.size()), cursor->value()));
    return cursor->status();
}

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

void remove_position(kv::Batch& batch, const JournalLink& link) {
    batch.remove(kv::Space::meta, key::kPositions, key_of(link));
}

void put_origin_position(kv::Batch& batch, std::string_view hub, const OriginPosition& position) {
    if (position.number == 0 && position.stamp == 0)
        return batch.remove(kv::Space::meta, key::kPositions, key_of(hub));
    std::string value = record::number(position.number);
    bytes::append_little(value, position.stamp);
    batch.put(kv::Space::meta, key::kPositions, key_of(hub), value);
}

void put_passed_position(kv::Batch& batch, const JournalOrigin& origin, const JournalLink& link,
                         ChangeNumber position) {
    batch.put(kv::Space::meta, key::kPositions, passed_key_of(origin, link), record::number(position));
}

Result<ChangeNumber> read_passed_position(const Core& core, const JournalOrigin& origin,
                                          const JournalLink& link) {
    return read_number(core, passed_key_of(origin, link));
}

Result<std::map<std::string, ChangeNumber>> read_passed_positions(const Core& core,
                                                                  const SnapshotPtr& snapshot) {
    std::map<std::string, ChangeNumber> out;
    const auto take = [&out](std::string_view rest, std::string_view value) -> Result<void> {
        NM_ASSIGN(const std::uint64_t position, record::parse_number(value));
        ChangeNumber& place = out[std::string(rest.substr(0, 2 * kHubIdBytes))];
        place = std::max(place, position);
        return {};
    };
    NM_TRY(each_position(core, "p", snapshot, take));
    return out;
}

void put_brought_position(kv::Batch& batch, std::string_view hub, ChangeNumber position) {
    if (position == 0) return batch.remove(kv::Space::meta, key::kPositions, brought_key_of(hub));
    batch.put(kv::Space::meta, key::kPositions, brought_key_of(hub), record::number(position));
}

Result<ChangeNumber> read_brought_position(const Core& core, std::string_view hub) {
    return read_number(core, brought_key_of(hub));
}

Result<std::optional<ChangeNumber>> read_position(const Core& core, const JournalLink& link) {
    NM_TRY(check_link(link));
    NM_ASSIGN(const auto bytes, core.database->get(kv::Space::meta, key::kPositions, key_of(link)));
    if (!bytes) return std::optional<ChangeNumber>();
    NM_ASSIGN(const std::uint64_t position, record::parse_number(*bytes));
    return std::optional<ChangeNumber>(position);
}

Result<OriginPosition> read_origin(const Core& core, std::string_view hub) {
    NM_ASSIGN(const auto bytes, core.database->get(kv::Space::meta, key::kPositions, key_of(hub)));
    if (!bytes) return OriginPosition{};
    return parse_origin(*bytes);
}

Result<ChangeNumber> read_origin_position(const Core& core, std::string_view hub) {
    NM_ASSIGN(const OriginPosition position, read_origin(core, hub));
    return position.number;
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
    const auto take = [&out](std::string_view hub, std::string_view value) -> Result<void> {
        NM_ASSIGN(const OriginPosition position, parse_origin(value));
        out[std::string(hub)] = position.number;
        return {};
    };
    NM_TRY(each_position(core, key_of(std::string_view()), snapshot, take));
    return out;
}

Result<bool> has_copy_link(const Core& core, const std::string& hub) {
    const auto cursor = core.database->cursor(kv::Space::meta, key::kPositions);
    const std::string begin = key_of({hub, std::string(kCopyStream)});
    cursor->seek(begin);
    NM_TRY(cursor->status());
    return cursor->valid() && cursor->key().starts_with(begin);
}

Result<void> forget_copy_links(const Core& core, kv::Batch& batch, const std::string& hub) {
    const std::string begin = key_of({hub, std::string(kCopyStream)});
    return each_position(core, begin, nullptr, [&](std::string_view rest, std::string_view) -> Result<void> {
        batch.remove(kv::Space::meta, key::kPositions, begin + std::string(rest));
        return {};
    });
}

Result<std::vector<LinkPosition>> read_links(const Core& core, const SnapshotPtr& snapshot) {
    std::vector<LinkPosition> out;
    const auto take = [&out](std::string_view link, std::string_view value) -> Result<void> {
        if (link.size() < 2 * kHubIdBytes)
            return Error{Code::corruption, "the name of a link cannot be read"};
        NM_ASSIGN(const ChangeNumber position, record::parse_number(value));
        out.push_back(
            {{std::string(link.substr(0, 2 * kHubIdBytes)), std::string(link.substr(2 * kHubIdBytes))},
             position});
        return {};
    };
    NM_TRY(each_position(core, key_of(JournalLink{}), snapshot, take));
    return out;
}

Result<void> set_position(Core& core, const JournalLink& link, std::optional<ChangeNumber> position) {
    NM_TRY(check_link(link));
    const auto batch = core.database->new_batch();
    if (position) {
        put_position(*batch, link, *position);
        if (link.stream.empty()) {
            // What has come on another way since the copy was cut is not to come again.
            NM_ASSIGN(const OriginPosition known, read_origin(core, link.hub));
            NM_ASSIGN(const CopyPosition copied, read_copy_position(core, link.hub));
            const bool goes_on = known.number > *position && known.stamp > copied.stamp && copied.stamp != 0;
            if (!goes_on) put_origin_position(*batch, link.hub, {*position, copied.stamp});
        }
    } else {
        remove_position(*batch, link);
        if (!link.stream.starts_with(kCopyStream)) NM_TRY(forget_copy_links(core, *batch, link.hub));
    }
    NM_ASSIGN(const std::uint64_t ticket, core.apply(*batch));
    return core.wait(ticket);
}

}  // namespace nmstore
