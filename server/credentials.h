// Who may do what: credentials are pairs (token, account) with roles; checked in constant time, kept hashed.
#pragma once

#include <atomic>
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
    std::vector<std::string> grants = {};  // what the roles come from; for Credentials::still_grants()
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
    // Whether all roles of somebody whom these or earlier credentials let in come from what is there
    // unchanged. Takes microseconds.
    virtual bool still_grants(const Principal& principal) const = 0;
    // Whether there are any with this token.
    virtual bool has_token(std::string_view token) const = 0;
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
        ++replaced_;
    }
    std::uint64_t replaced() const { return replaced_; }  // how often

  private:
    mutable std::mutex mutex_;
    std::atomic<std::uint64_t> replaced_{0};
    std::shared_ptr<const Credentials> current_;
};

// For an answer that stays open longer than credentials may: whether whoever asked may still have it. One
// thread.
class Access {
  public:
    // `source` must outlive it.
    Access(const CredentialSource& source, Principal principal)
        : source_(source), principal_(std::move(principal)), seen_(source.replaced()) {
        holds_ = source.get()->empty() || source.get()->still_grants(principal_);
    }
    // Costs next to nothing while no credentials were read again.
    bool holds() {
        const std::uint64_t replaced = source_.replaced();
        if (replaced == seen_) return holds_;
        seen_ = replaced;
        const auto credentials = source_.get();
        holds_ = holds_ && (credentials->empty() || credentials->still_grants(principal_));
        return holds_;
    }

  private:
    const CredentialSource& source_;
    const Principal principal_;
    std::uint64_t seen_;
    bool holds_ = true;
};

}  // namespace nmstore::server
