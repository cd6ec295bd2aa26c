#include "server/credentials.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>

#include "server/credential_hash.h"

namespace nmstore::server {

namespace {

constexpr std::size_t kMaxAuthorizationBytes = 4096;
constexpr std::size_t kMaxRemembered = 4096;  // verified headers; forgotten all at once when there are more
constexpr std::size_t kMaxFileBytes = std::size_t{16} << 20;

using Key = std::array<unsigned char, 32>;

struct Entry {
    std::string token;
    std::uint8_t roles = role_none;
    std::string hash;
    bool of_option = false;  // given to --token: hashed anew each time, and there as long as the process
    std::string grant() const { return of_option ? "option" : hash; }
};

struct Pair {
    std::string token, account;
};

std::optional<std::string> decode_base64(std::string_view text) {
    if (text.empty() || text.size() % 4 != 0) return std::nullopt;
    std::string decoded(text.size() / 4 * 3, '\0');
    const int size =
        EVP_DecodeBlock(reinterpret_cast<unsigned char*>(decoded.data()),
                        reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    if (size < 0) return std::nullopt;
    const auto padding = static_cast<std::size_t>(std::count(text.end() - 2, text.end(), '='));
    decoded.resize(static_cast<std::size_t>(size) - padding);
    return decoded;
}

std::optional<Pair> split_pair(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) return std::nullopt;
    Pair pair{std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
    if (!is_account(pair.account)) return std::nullopt;
    return pair;
}

bool same_word(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
        return lower(x) == lower(y);
    });
}

std::optional<Pair> parse_authorization(std::string_view header) {
    if (header.size() > kMaxAuthorizationBytes) return std::nullopt;
    const std::size_t blank = header.find(' ');
    if (blank == std::string_view::npos) return std::nullopt;
    const std::string_view scheme = header.substr(0, blank);
    const std::size_t begin = header.find_first_not_of(' ', blank);
    const std::string_view value = begin == std::string_view::npos ? "" : header.substr(begin);
    const bool bearer = same_word(scheme, "bearer");
    if (!bearer && !same_word(scheme, "basic")) return std::nullopt;
    if (bearer && value.find(':') != std::string_view::npos) return split_pair(value);
    const auto decoded = decode_base64(value);
    return decoded ? split_pair(*decoded) : std::nullopt;
}

class HashedCredentials : public Credentials {
  public:
    // `decoy`: a hash of nothing known, worked on for unknown tokens, so that they take as long as known
    // ones.
    HashedCredentials(std::vector<Entry> entries, std::string decoy, Key key)
        : entries_(std::move(entries)), decoy_(std::move(decoy)), key_(key) {}

    bool empty() const override { return entries_.empty(); }

    std::optional<Principal> recall(std::string_view authorization) const override {
        if (!parse_authorization(authorization)) return Principal{};
        const Key sum = digest(authorization);
        const std::lock_guard lock(mutex_);
        const auto found = remembered_.find(sum);
        if (found == remembered_.end()) return std::nullopt;
        return found->second;
    }

    Principal check(std::string_view authorization) const override {
        const auto pair = parse_authorization(authorization);
        if (!pair) return {};
        // Several accounts may have one token; all are looked at, whichever fits.
        Principal principal;
        bool worked = false;
        for (const Entry& entry : entries_) {
            const bool same_token =
                entry.token.size() == pair->token.size() &&
                CRYPTO_memcmp(entry.token.data(), pair->token.data(), pair->token.size()) == 0;
            if (!same_token) continue;
            worked = true;
            if (!verify_account(pair->account, entry.hash)) continue;
            principal.token = entry.token;
            principal.roles = static_cast<std::uint8_t>(principal.roles | entry.roles);
            principal.grants.push_back(entry.grant());
        }
        if (!worked) static_cast<void>(verify_account(pair->account, decoy_));
        if (principal.roles != role_none) remember(digest(authorization), principal);
        return principal;
    }

    bool still_grants(const Principal& principal) const override {
        std::uint8_t roles = role_none;
        for (const Entry& entry : entries_) {
            const bool same = entry.token == principal.token &&
                              std::find(principal.grants.begin(), principal.grants.end(), entry.grant()) !=
                                  principal.grants.end();
            if (same) roles = static_cast<std::uint8_t>(roles | entry.roles);
        }
        return (principal.roles & ~roles) == 0;
    }

    bool has_token(std::string_view token) const override {
        return std::any_of(entries_.begin(), entries_.end(),
                           [&](const Entry& entry) { return entry.token == token; });
    }

  private:
    // The key is of this process and its file alone, so that neither headers nor their plain hashes lie in
    // memory.
    Key digest(std::string_view authorization) const {
        Key sum{};
        unsigned int size = 0;
        HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
             reinterpret_cast<const unsigned char*>(authorization.data()), authorization.size(), sum.data(),
             &size);
        return sum;
    }

    void remember(const Key& sum, const Principal& principal) const {
        const std::lock_guard lock(mutex_);
        if (remembered_.size() >= kMaxRemembered) remembered_.clear();
        remembered_[sum] = principal;
    }

    const std::vector<Entry> entries_;
    const std::string decoy_;
    const Key key_;
    mutable std::mutex mutex_;
    mutable std::map<Key, Principal> remembered_;
};

Result<std::uint8_t> parse_roles(std::string_view text) {
    std::uint8_t roles = role_none;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        const std::string_view name = text.substr(0, comma);
        if (name == "ingest") {
            roles |= role_ingest;
        } else if (name == "read") {
            roles |= role_read;
        } else if (name == "admin") {
            roles |= role_admin;
        } else {
            return Error{Code::invalid_argument,
                         "'" + std::string(name) + "' is no role (ingest, read, admin are)"};
        }
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    if (roles == role_none) return Error{Code::invalid_argument, "no role is given (ingest, read, admin)"};
    return roles;
}

Result<Entry> parse_line(std::string_view line) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
    if (second == std::string_view::npos || first == 0) {
        return Error{Code::invalid_argument, "not of the form token:roles:hash"};
    }
    Entry entry;
    entry.token = line.substr(0, first);
    NM_ASSIGN(entry.roles, parse_roles(line.substr(first + 1, second - first - 1)));
    entry.hash = line.substr(second + 1);
    NM_TRY(check_hash_form(entry.hash));
    return entry;
}

Result<void> check_file(const std::string& path) {
    struct stat status {};
    if (stat(path.c_str(), &status) != 0) {
        return Error{Code::invalid_argument,
                     "cannot read the auth file " + path + ": it is not there, or not ours to see"};
    }
    if (!S_ISREG(status.st_mode))
        return Error{Code::invalid_argument, "the auth file " + path + " is not a file"};
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        return Error{
            Code::invalid_argument,
            "the auth file " + path + " may be written by others than its owner: chmod go-w it first"};
    }
    if (static_cast<std::size_t>(status.st_size) > kMaxFileBytes) {
        return Error{Code::invalid_argument, "the auth file " + path + " is too large"};
    }
    return {};
}

Result<void> read_file(const std::string& path, std::vector<Entry>& entries) {
    NM_TRY(check_file(path));
    std::ifstream file(path);
    if (!file) return Error{Code::invalid_argument, "cannot read the auth file " + path};
    std::string line;
    for (std::size_t number = 1; std::getline(file, line); ++number) {
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
        if (line.empty() || line.front() == '#') continue;
        auto entry = parse_line(line);
        if (!entry.ok()) {
            return Error{Code::invalid_argument,
                         path + ":" + std::to_string(number) + ": " + entry.error().message};
        }
        entries.push_back(std::move(*entry));
    }
    return {};
}

}  // namespace

std::string_view role_name(Role role) {
    if (role == role_ingest) return "ingest";
    if (role == role_read) return "read";
    return "admin";
}

Result<std::unique_ptr<Credentials>> load_credentials(const std::vector<std::string>& tokens,
                                                      const std::string& auth_file) {
    std::vector<Entry> entries;
    for (const std::string& text : tokens) {
        const auto pair = split_pair(text);
        // The text is not quoted: it may be half a secret.
        if (!pair) return Error{Code::invalid_argument, "a token is not of the form TOKEN:ACCOUNT"};
        Entry entry{pair->token, role_all, "", true};
        NM_ASSIGN(entry.hash, hash_account(pair->account));
        entries.push_back(std::move(entry));
    }
    if (!auth_file.empty()) {
        NM_TRY(read_file(auth_file, entries));
        // An empty file means that nobody may come in yet, not that everybody may.
        if (entries.empty()) {
            return Error{Code::invalid_argument, "the auth file " + auth_file + " holds no credentials"};
        }
    }
    Key key{};
    if (RAND_bytes(key.data(), static_cast<int>(key.size())) != 1) {
        return Error{Code::io, "cannot make a key: the system gives no random bytes"};
    }
    std::string decoy;
    if (!entries.empty()) {
        NM_ASSIGN(decoy, hash_account("decoy"));
    }
    return std::unique_ptr<Credentials>(new HashedCredentials(std::move(entries), std::move(decoy), key));
}

}  // namespace nmstore::server
