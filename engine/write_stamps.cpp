#include "engine/write_stamps.h"

#include "engine/bytes.h"
#include "engine/key.h"

namespace nmstore::write_stamps {
namespace {

constexpr char kMark = 0;  // records of changes and of the journal begin with others
constexpr std::size_t kBytes = 1 + 3 * sizeof(std::uint64_t);

// FNV-1a over 64 bits with a last mixing (that of MurmurHash3), from a start that may differ.
std::uint64_t hash(std::uint64_t start, std::string_view text) {
    std::uint64_t out = start;
    for (const char c : text) out = (out ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    out ^= out >> 33;
    out *= 0xff51afd7ed558ccd;
    out ^= out >> 33;
    out *= 0xc4ceb9fe1a85ec53;
    return out ^ (out >> 33);
}

constexpr std::uint64_t kStart = 0xcbf29ce484222325;
constexpr std::uint64_t kOtherStart = 0x84222325cbf29ce4;

Result<Stamp> parse(std::string_view value) {
    if (value.size() != kBytes || value[0] != kMark)
        return Error{Code::corruption, "cannot read the store: a value is not a write's stamp"};
    return Stamp{bytes::read_little<std::uint64_t>(value.substr(9)),
                 bytes::read_little<std::uint64_t>(value.substr(17))};
}

}  // namespace

Result<void> check(std::string_view value) {
    NM_TRY(parse(value));
    return {};
}

std::string row_key(std::string_view family, std::string_view row) {
    std::string out;
    for (const std::uint64_t start : {kStart, kOtherStart})
        bytes::append_big(out, hash(hash(start, family), row));
    return out;
}

std::string cell_key(std::string_view row_key, std::string_view sortable_column) {
    std::string out(row_key);
    bytes::append_big(out, hash(kStart, sortable_column));
    return out;
}

void put(kv::Batch& batch, std::string_view key, const Stamp& stamp, std::int64_t now_ms) {
    std::string value(1, kMark);
    bytes::append_little(value, static_cast<std::uint64_t>(now_ms + kKeepMs));
    bytes::append_little(value, stamp.stamp);
    bytes::append_little(value, stamp.hub);
    batch.put(kv::Space::changes, key::kWriteStamps, key, value);
}

void remove(kv::Batch& batch, std::string_view key) {
    batch.remove(kv::Space::changes, key::kWriteStamps, key);
}

Result<std::optional<Stamp>> get(const kv::Database& database, std::string_view key) {
    NM_ASSIGN(const auto bytes, database.get(kv::Space::changes, key::kWriteStamps, key));
    if (!bytes) return std::optional<Stamp>();
    NM_ASSIGN(const Stamp stamp, parse(*bytes));
    return std::optional(stamp);
}

Result<bool> any_greater(const kv::Database& database, std::string_view row_key, const Stamp& stamp) {
    const auto cursor = database.cursor(kv::Space::changes, key::kWriteStamps);
    for (cursor->seek(row_key); cursor->valid() && cursor->key().starts_with(row_key); cursor->next()) {
        if (cursor->key().size() == row_key.size()) continue;
        NM_ASSIGN(const Stamp there, parse(cursor->value()));
        if (there > stamp) return true;
    }
    NM_TRY(cursor->status());
    return false;
}

bool has_expired(std::string_view value, std::int64_t now_ms) {
    return value.size() == kBytes && value[0] == kMark &&
           static_cast<std::int64_t>(bytes::read_little<std::uint64_t>(value.substr(1))) <= now_ms;
}

std::uint64_t hub_number(std::string_view hub_id) {
    std::uint64_t out = 0;
    for (const char c : hub_id.substr(0, 16))
        out = (out << 4) | static_cast<std::uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
    return out;
}

}  // namespace nmstore::write_stamps
