#include "server/credential_hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <vector>

namespace nmstore::server {

namespace {

constexpr std::uint64_t kN = 16384;
constexpr std::uint64_t kR = 8;
constexpr std::uint64_t kP = 1;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;
constexpr std::string_view kScheme = "scrypt";

using Bytes = std::vector<unsigned char>;

struct Parts {
    std::uint64_t n = 0, r = 0, p = 0;
    Bytes salt, hash;
};

std::string to_hex(const unsigned char* bytes, std::size_t size) {
    constexpr char digits[] = "0123456789abcdef";
    std::string hex;
    for (std::size_t i = 0; i < size; ++i) {
        hex += digits[bytes[i] >> 4];
        hex += digits[bytes[i] & 15];
    }
    return hex;
}

std::optional<Bytes> from_hex(std::string_view hex) {
    if (hex.empty() || hex.size() % 2 != 0) return std::nullopt;
    Bytes bytes(hex.size() / 2);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const char* begin = hex.data() + 2 * i;
        const auto [end, error] = std::from_chars(begin, begin + 2, bytes[i], 16);
        if (error != std::errc{} || end != begin + 2) return std::nullopt;
    }
    return bytes;
}

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

Result<Parts> parse(std::string_view text) {
    const Error wrong{Code::invalid_argument, "the hash is not of the form scrypt$N$r$p$salt$hash"};
    std::array<std::string_view, 6> fields;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const std::size_t end = text.find('$');
        const bool last = i + 1 == fields.size();
        if ((end == std::string_view::npos) != last) return wrong;
        fields[i] = text.substr(0, end);
        text.remove_prefix(last ? text.size() : end + 1);
    }
    const auto n = number(fields[1]), r = number(fields[2]), p = number(fields[3]);
    auto salt = from_hex(fields[4]), hash = from_hex(fields[5]);
    if (fields[0] != kScheme || !n || !r || !p || !salt || !hash || hash->size() != kHashBytes) return wrong;
    const bool power_of_two = *n > 1 && (*n & (*n - 1)) == 0;
    if (!power_of_two || *r == 0 || *r > 64 || *p == 0 || *p > 16 || *n > kMaxHashMemory / 128 / *r) {
        return Error{Code::invalid_argument, "the hash's parameters N, r, p are out of range"};
    }
    return Parts{*n, *r, *p, std::move(*salt), std::move(*hash)};
}

bool derive(std::string_view account, const Parts& parts, unsigned char* out) {
    // OpenSSL counts a little more than 128·N·r; its own default limit is too near to that.
    return EVP_PBE_scrypt(account.data(), account.size(), parts.salt.data(), parts.salt.size(), parts.n,
                          parts.r, parts.p, 2 * kMaxHashMemory, out, kHashBytes) == 1;
}

}  // namespace

bool is_account(std::string_view account) {
    const auto is_control = [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; };
    return !account.empty() && account.size() <= kMaxAccountBytes &&
           std::none_of(account.begin(), account.end(), is_control);
}

Result<std::string> hash_account(std::string_view account) {
    if (!is_account(account)) {
        return Error{Code::invalid_argument, "the account is empty, longer than " +
                                                 std::to_string(kMaxAccountBytes) +
                                                 " bytes, or holds control bytes"};
    }
    Parts parts{kN, kR, kP, Bytes(kSaltBytes), Bytes(kHashBytes)};
    if (RAND_bytes(parts.salt.data(), static_cast<int>(parts.salt.size())) != 1) {
        return Error{Code::io, "cannot make a salt: the system gives no random bytes"};
    }
    if (!derive(account, parts, parts.hash.data()))
        return Error{Code::io, "cannot hash the account: scrypt failed"};
    std::string text(kScheme);
    for (const std::uint64_t value : {kN, kR, kP}) text += "$" + std::to_string(value);
    return text + "$" + to_hex(parts.salt.data(), kSaltBytes) + "$" + to_hex(parts.hash.data(), kHashBytes);
}

Result<void> check_hash_form(std::string_view hash) {
    NM_TRY(parse(hash));
    return {};
}

bool verify_account(std::string_view account, std::string_view hash) {
    const auto parts = parse(hash);
    if (!parts.ok() || !is_account(account)) return false;
    std::array<unsigned char, kHashBytes> derived{};
    if (!derive(account, *parts, derived.data())) return false;
    return CRYPTO_memcmp(derived.data(), parts->hash.data(), kHashBytes) == 0;
}

}  // namespace nmstore::server
