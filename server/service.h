// What happens to a request between its last header and its answer, without a socket: find the route, ask who
// it is, run the handler.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "server/credentials.h"
#include "server/exchange.h"
#include "server/http.h"
#include "server/metrics.h"
#include "server/router.h"

namespace nmstore::server {

// Guessing costs an attacker an answer 429 instead of 50 ms of ours: failures a peer may have before it must
// wait.
inline constexpr int kMaxAuthFailures = 20;
inline constexpr std::chrono::seconds kAuthFailureWindow{60};
inline constexpr std::size_t kMaxWatchedPeers = 10000;

class Service {
  public:
    // All must outlive the service. Threads: every call from any.
    Service(const Router& router, const CredentialSource& credentials, Metrics& metrics);

    struct Admission {
        const Route* route = nullptr;     // set if the request may go on
        std::optional<Response> refusal;  // 401, 403, 404, 405, 429; or the answer to OPTIONS
        bool must_verify = false;         // who it is takes work: call verify() on a worker, with this route
    };
    // Needs method, target, path, headers and peer, and sets the principal. Takes microseconds.
    Admission admit(Request& request) const;
    // The rest of an admission that must_verify. A refusal, or nullopt. May take long.
    std::optional<Response> verify(const Route& route, Request& request) const;

    // Of a request that was admitted.
    Access access_of(const Request& request) const { return {credentials_, request.principal}; }

    // Runs the handler for exchange.request and hands its answer over, streamed answers to their end. What
    // the handler throws becomes 500 with the request's id, and an event in the log. On a worker.
    void serve(const Route& route, Exchange& exchange, const std::string& request_id) const;

  private:
    Response run(const Route& route, Request& request, const std::string& request_id) const;
    bool run_stream(const Route& route, Exchange& exchange, const std::function<void(BodyWriter&)>& stream,
                    const std::string& request_id) const;
    void tell_failure(const Route& route, const Request& request, const std::string& request_id,
                      const std::string& why) const;
    std::optional<Response> judge(const Route& route, Request& request, Principal principal) const;
    bool is_guessing(const std::string& peer) const;
    void note_failure(const std::string& peer) const;

    struct Failures {
        int count = 0;
        std::chrono::steady_clock::time_point since;
    };
    const Router& router_;
    const CredentialSource& credentials_;
    Metrics& metrics_;
    mutable std::mutex mutex_;
    mutable std::map<std::string, Failures> failures_;  // by address without port
};

}  // namespace nmstore::server
