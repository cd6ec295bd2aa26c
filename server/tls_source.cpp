#include "server/tls_source.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/stat.h>

namespace nmstore::server {

namespace {

// The first of OpenSSL's reasons is the cause; the others tell what it led to.
std::string openssl_reason() {
    const unsigned long code = ERR_get_error();
    ERR_clear_error();
    if (code == 0) return "no reason given";
    const char* reason = ERR_reason_error_string(code);
    if (reason != nullptr) return reason;
    char text[256] = "";
    ERR_error_string_n(code, text, sizeof text);
    return text;
}

Error wrong(const std::string& what, const std::string& file) {
    return Error{Code::invalid_argument, what + " " + file + ": " + openssl_reason()};
}

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned int offered_size, void*) {
    static constexpr unsigned char kKnown[] = "\x08http/1.1";
    unsigned char* found = nullptr;
    if (SSL_select_next_proto(&found, chosen_size, kKnown, sizeof kKnown - 1, offered, offered_size) !=
        OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    }
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}

// A key with a password would make OpenSSL ask on the terminal.
int no_password(char*, int, int, void*) {
    return -1;
}

}  // namespace

Result<TlsLoaded> load_tls(const std::string& certificate_file, const std::string& key_file) {
    ERR_clear_error();
    TlsLoaded loaded;
    loaded.context = TlsContext(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    SSL_CTX* const context = loaded.context.get();
    if (context == nullptr) return Error{Code::io, "cannot set up TLS: " + openssl_reason()};
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    // Buffers of connections that wait for a request are given back.
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    // Clients keep their sessions, as tickets: nothing is kept here for them.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
    SSL_CTX_set_default_passwd_cb(context, no_password);
    if (SSL_CTX_use_certificate_chain_file(context, certificate_file.c_str()) != 1) {
        return wrong("cannot use the certificate", certificate_file);
    }
    if (SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
        return wrong("cannot use the key", key_file);
    }
    if (SSL_CTX_check_private_key(context) != 1) {
        return wrong("the certificate " + certificate_file + " does not go with the key", key_file);
    }
    const X509* const certificate = SSL_CTX_get0_certificate(context);
    if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0) {
        loaded.warnings.push_back("the certificate " + certificate_file + " has expired");
    }
    if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0) {
        loaded.warnings.push_back("the certificate " + certificate_file + " is not valid yet");
    }
    struct stat about {};
    if (stat(key_file.c_str(), &about) == 0 && (about.st_mode & S_IROTH) != 0) {
        loaded.warnings.push_back("the key " + key_file + " can be read by everybody on this machine");
    }
    return loaded;
}

}  // namespace nmstore::server
