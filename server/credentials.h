// Who may do what: credentials are pairs (token, account) with roles; checked in constant time, kept hashed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nmstore/result.h"

namespace nmstore::server {

enum Role : std::uint8_t { role_none = 0, role_ingest = 1, role_read = 2, role_admin = 4, role_all = 7 };

struct Principal {
    std::string token;  // "" when the server runs without credentials
    std::uint8_t roles = role_none;
    bool may(Role role) const { return (roles & (role | role_admin)) != 0; }
};

class Credentials {
  public:
    virtual ~Credentials() = default;
    virtual bool empty() const = 0;  // none configured: everybody on loopback may do everything
    // From an Authorization header: "Basic base64(token:account)", "Bearer token:account" or "Bearer
    // base64(token:account)". A Principal without roles if it does not match.
    virtual Principal check(std::string_view authorization) const = 0;
};

// `tokens`: "TOKEN:ACCOUNT" as given to --token, all roles. `auth_file`: "" or a file of lines
// "token:roles:hash" (roles: comma-separated ingest, read, admin; hash as hash_account() makes it; '#'
// comments). invalid_argument names file and line. Refuses a file that others may write.
Result<std::unique_ptr<Credentials>> load_credentials(const std::vector<std::string>& tokens,
                                                      const std::string& auth_file);

// "scrypt$N$r$p$salt$hash" of an account id, with a fresh salt.
Result<std::string> hash_account(std::string_view account);

}  // namespace nmstore::server
