// Where one may come in, and with what: addresses, credentials and certificate as the configuration has them,
// at the start and when they are read again.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "server/config.h"
#include "server/credentials.h"
#include "server/listen_address.h"
#include "server/tls_source.h"

namespace nmstore::server {

// invalid_argument: no address, or one that others reach where there are no credentials.
Result<ListenAddress> listen_address(const std::string& text, const Credentials& credentials);
// nullopt where there is to be none. invalid_argument: as above; one that others reach must be allowed.
Result<std::optional<ListenAddress>> agent_address(const Config& config);
// Null where no certificate is given. Warnings go to the log.
Result<std::shared_ptr<TlsSource>> open_tls(const Config& config);
// Whole or not at all: whoever waits for the file never reads half a number.
Result<void> write_port_file(const std::string& path, std::uint16_t port);

// If what is read again is wrong, what was there stays, and the log says why.
void reload_credentials(const Config& config, CredentialSource& source);
void reload_tls(const Config& config, TlsSource& source);

}  // namespace nmstore::server
