// Accounts are kept as scrypt hashes. A library of its own (nm_credential_hash), because `nm-tool credential`
// makes what nm-stored reads, and neither should hold the other.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "nmstore/result.h"

namespace nmstore::server {

inline constexpr std::size_t kMaxAccountBytes = 1024;

// Neither empty nor too long, and without control bytes: to scrypt an account and the same with NUL bytes
// behind it are one and the same password.
bool is_account(std::string_view account);

// "scrypt$N$r$p$salt$hash" of an account id, with a fresh salt; salt and hash are hexadecimal. About 50 ms
// and 16 MiB.
Result<std::string> hash_account(std::string_view account);

// invalid_argument: not a hash of that form, or one that would take more memory than kMaxHashMemory.
Result<void> check_hash_form(std::string_view hash);
inline constexpr std::size_t kMaxHashMemory = std::size_t{64} << 20;

// Whether `account` is what `hash` was made of, compared in constant time. false for a hash of a wrong form.
bool verify_account(std::string_view account, std::string_view hash);

}  // namespace nmstore::server
