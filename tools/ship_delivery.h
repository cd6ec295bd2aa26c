// Brings a batch to the server: tries for ever where trying again can help, and says why where it cannot.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <random>
#include <string>

#include "tools/http_client.h"
#include "tools/remark.h"
#include "tools/ship_state.h"

namespace nmstore::tools {

struct Delivered {
    std::uint64_t accepted = 0;
    std::uint64_t rejected = 0;
    bool repeated = false;     // the server had it already
    std::string first_reason;  // of a rejected line
};

// What an answer to a batch means.
enum class Verdict { delivered, retry, refused };
Verdict judge(const HttpAnswer& answer);

// How long to wait before the next try: doubles up to kLongestPause, spread at random so that shippers do not
// come all at once; at least what the server asks for in Retry-After.
class BackOff {
  public:
    explicit BackOff(std::uint64_t seed) : random_(seed) {}
    std::chrono::milliseconds next(const std::string& retry_after);
    void reset() { tries_ = 0; }

  private:
    std::mt19937_64 random_;
    unsigned tries_ = 0;
};
inline constexpr std::chrono::milliseconds kFirstPause{200};
inline constexpr std::chrono::milliseconds kLongestPause{30'000};

class ShipDelivery {
  public:
    ShipDelivery(HttpClient client, Remark remark);

    // `may_have_been_sent`: by an earlier run; else an answer that says "repeated" to the first try means
    // that the state file is older than what the server knows, and is an Error (conflict). cancelled:
    // interrupted between two tries. Other errors: the server refuses it for good.
    Result<Delivered> deliver(const std::string& source, const PackedBatch& batch, bool may_have_been_sent);

  private:
    HttpRequest request_for(const std::string& source, const PackedBatch& batch) const;
    HttpClient client_;
    Remark remark_;
    BackOff back_off_;
};

}  // namespace nmstore::tools
