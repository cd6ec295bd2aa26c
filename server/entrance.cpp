#include "server/entrance.h"

#include <cstdio>
#include <fstream>

#include "server/log.h"

namespace nmstore::server {

Result<ListenAddress> listen_address(const std::string& text, const Credentials& credentials) {
    NM_ASSIGN(ListenAddress address, parse_listen_address(text));
    if (credentials.empty() && !address.loopback) {
        return Error{
            Code::invalid_argument,
            "refuses to listen on " + address.text() +
                " without credentials: give --auth FILE or --token TOKEN:ACCOUNT, or a loopback address"};
    }
    return address;
}

Result<std::optional<ListenAddress>> agent_address(const Config& config) {
    if (config.agent_listen.empty()) return std::optional<ListenAddress>();
    NM_ASSIGN(ListenAddress address, parse_listen_address(config.agent_listen));
    if (!address.loopback && !config.agent_listen_open) {
        return Error{Code::invalid_argument,
                     "refuses to take agents' messages on " + address.text() +
                         ": they carry no credentials, so whoever reaches it can write; --agent-listen-open "
                         "allows it"};
    }
    return std::optional(address);
}

Result<std::shared_ptr<TlsSource>> open_tls(const Config& config) {
    if (config.tls_cert.empty() != config.tls_key.empty()) {
        return Error{Code::invalid_argument, "tls-cert and tls-key: one needs the other"};
    }
    if (!config.tls_listen.empty() && config.tls_cert.empty()) {
        return Error{Code::invalid_argument, "tls-listen needs tls-cert and tls-key"};
    }
    if (config.tls_cert.empty()) return std::shared_ptr<TlsSource>();
    NM_ASSIGN(TlsLoaded loaded, load_tls(config.tls_cert, config.tls_key));
    for (const std::string& warning : loaded.warnings)
        log_event(LogLevel::warning, "certificate", {{"why", warning}});
    return std::make_shared<TlsSource>(std::move(loaded.context));
}

Result<void> write_port_file(const std::string& path, std::uint16_t port) {
    const std::string temporary = path + ".new";
    std::ofstream file(temporary, std::ios::trunc);
    file << port << '\n';
    file.close();
    if (!file || rename(temporary.c_str(), path.c_str()) != 0) {
        return Error{Code::io, "cannot write the port file " + path};
    }
    return {};
}

void reload_credentials(const Config& config, CredentialSource& source) {
    auto loaded = load_credentials(config.tokens, config.auth);
    if (!loaded.ok()) {
        log_event(LogLevel::error, "credentials not reloaded", {{"why", loaded.error().message}});
    } else if ((*loaded)->empty() != source.get()->empty()) {
        log_event(LogLevel::error, "credentials not reloaded",
                  {{"why", "this would open or close the server to all"}});
    } else {
        source.replace(std::move(*loaded));
        log_event(LogLevel::info, "credentials reloaded", {{"auth", config.auth}});
    }
}

void reload_tls(const Config& config, TlsSource& source) {
    auto loaded = load_tls(config.tls_cert, config.tls_key);
    if (!loaded.ok()) {
        log_event(LogLevel::error, "certificate not reloaded", {{"why", loaded.error().message}});
        return;
    }
    for (const std::string& warning : loaded->warnings)
        log_event(LogLevel::warning, "certificate", {{"why", warning}});
    source.replace(std::move(loaded->context));
    log_event(LogLevel::info, "certificate reloaded", {{"tls-cert", config.tls_cert}});
}

}  // namespace nmstore::server
