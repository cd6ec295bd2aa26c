// The certificate and key with which TLS is spoken, as OpenSSL keeps them, and how they are read from files.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "nmstore/result.h"

struct ssl_ctx_st;  // OpenSSL's SSL_CTX

namespace nmstore::server {

using TlsContext = std::shared_ptr<ssl_ctx_st>;

struct TlsLoaded {
    TlsContext context;
    std::vector<std::string> warnings;  // it works, but not for long, or not as safely as it could
};

// Reads a chain of certificates, the server's own first, and its key, both PEM. TLS 1.2 and later, ALPN
// http/1.1. invalid_argument names the file and what is wrong with it.
Result<TlsLoaded> load_tls(const std::string& certificate_file, const std::string& key_file);

// What new connections use, replaced as a whole when the files are read again; those that are open keep what
// they have. Any thread.
class TlsSource {
  public:
    explicit TlsSource(TlsContext context) : current_(std::move(context)) {}
    TlsContext get() const {
        const std::lock_guard lock(mutex_);
        return current_;
    }
    void replace(TlsContext context) {
        const std::lock_guard lock(mutex_);
        current_ = std::move(context);
    }

  private:
    mutable std::mutex mutex_;
    TlsContext current_;
};

}  // namespace nmstore::server
