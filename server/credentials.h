// Who may do what: credentials are pairs (token, account) with roles; checked in constant time, kept hashed.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nmstore/result.h"

namespace nmstore::server {

enum Role : std::uint8_t { role_none = 0, role_ingest = 1, role_read = 2, role_admin = 4, role_all = 7 };

std::string_view role_name(Role role);  // of one of them: "ingest", "read", "admin"

struct Principal {
    std::string token;  // "" when the server runs without credentials
    std::uint8_t roles = role_none;
    bool may(Role role) const { return (roles & (role | role_admin)) != 0; }
};

// Never changes once loaded; all calls from any thread.
class Credentials {
  public:
    virtual ~Credentials() = default;
    virtual bool empty() const = 0;  // none configured: everybody on loopback may do everything
    // From an Authorization header: "Basic base64(token:account)", "Bearer token:account" or "Bearer
    // base64(token:account)". A Principal without roles if it does not match. Takes some 50 ms the first time
    // (that is what makes a stolen file useless), so not for an I/O thread.
    virtual Principal check(std::string_view authorization) const = 0;
    // The answer of check() if it is known without that work: a header verified before, or one that cannot
    // match because it is missing or has no known form. Takes microseconds.
    virtual std::optional<Principal> recall(std::string_view authorization) const = 0;
};

// `tokens`: "TOKEN:ACCOUNT" as given to --token, all roles. `auth_file`: "" or a file of lines
// "token:roles:hash" (roles: comma-separated ingest, read, admin; hash as hash_account() makes it; '#'
// comments). invalid_argument names file and line. Refuses a file that others may write.
Result<std::unique_ptr<Credentials>> load_credentials(const std::vector<std::string>& tokens,
                                                      const std::string& auth_file);

// The credentials in force, replaced as a whole when the file is read again. Any thread.
class CredentialSource {
  public:
    explicit CredentialSource(std::shared_ptr<const Credentials> credentials)
        : current_(std::move(credentials)) {}
    std::shared_ptr<const Credentials> get() const {
        const std::lock_guard lock(mutex_);
        return current_;
    }
    void replace(std::shared_ptr<const Credentials> credentials) {
        const std::lock_guard lock(mutex_);
        current_ = std::move(credentials);
    }

  private:
    mutable std::mutex mutex_;
    std::shared_ptr<const Credentials> current_;
};

}  // namespace nmstore::server
