// Requests of a pull: tried again with growing pauses where that can help, and answered with an Error that a
// person can act upon where it cannot.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "tools/http_client.h"
#include "tools/remark.h"
#include "tools/ship_delivery.h"

namespace nmstore::tools {

// One server, one thread. Connection errors, 408, 425, 429 and 5xx are tried again, for ever once the server
// has answered anything at all; before that a connection error ends it at once, since the address is more
// likely wrong than the server away. Retry-After is honoured.
class PatientClient {
  public:
    // As HttpClient::make().
    static Result<PatientClient> make(const ServerAddress& address, Remark remark);

    // Any answer that is not to be tried again, whatever its status: 2xx or 4xx. too_large: an answer of more
    // than max_bytes. cancelled: interrupted.
    Result<HttpAnswer> perform(const HttpRequest& request, std::size_t max_bytes);
    // As perform(), but of a failure that may pass it only waits: nullopt then, and whether the request has
    // been done is not known. For requests that must not be repeated as they are.
    Result<std::optional<HttpAnswer>> try_once(const HttpRequest& request, std::size_t max_bytes);
    // What an answer other than 2xx means.
    Error explain(const HttpAnswer& answer) const;
    const std::string& url() const { return client_.url(); }

  private:
    PatientClient(HttpClient client, ServerAddress address, Remark remark);
    Result<HttpAnswer> once(const HttpRequest& request, std::size_t max_bytes);
    Result<void> pause(const std::string& why, const std::string& retry_after);

    HttpClient client_;
    ServerAddress address_;
    Remark remark_;
    BackOff back_off_;
    bool answered_ = false;
    bool told_ = false;
};

}  // namespace nmstore::tools
