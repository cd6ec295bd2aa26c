// One request of a webhook, over libcurl.
#pragma once

#include <atomic>
#include <chrono>
#include <string>

#include "nmstore/result.h"

namespace nmstore::server {

struct WebhookRequest {
    std::string url;
    std::string secret;  // "": not signed
    std::string body;    // JSON
    std::string id;
    std::string rule;  // of which it is
};

struct WebhookOptions {
    std::string ca_file;  // PEM: who may have signed a server's certificate; "": as the system says
    std::chrono::milliseconds timeout{10'000};
};

// invalid_argument: there are no certificates in the file. Fine where there is to be no file.
Result<void> check_webhook_options(const WebhookOptions& options);

// POSTs the body, with the headers NM-Alert-Id and, if there is a secret, NM-Signature: sha256= and the
// hexadecimal HMAC over the body. Takes at most `timeout`; ends soon once `stopping` is true. A name that is
// being looked up prolongs neither, but with a libcurl older than 7.87. Follows no redirect, and reads no
// more than 64 KiB of the answer. Its status; unavailable: there was no answer, or a certificate that is not
// trusted. Neither URL nor secret are in the error. Any thread.
Result<int> post_webhook(const WebhookRequest& request, const WebhookOptions& options,
                         const std::atomic<bool>& stopping);

// "sha256=…"
std::string webhook_signature(const std::string& secret, const std::string& body);

}  // namespace nmstore::server
