// Calls to one target of replication: HTTP over one connection that is kept open.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nmstore/result.h"
#include "server/replication_options.h"

namespace nmstore::server {

struct ReplicationRequest {
    std::string method;        // "GET"
    std::string path;          // "/api/v1/replication/hello?hub=…", encoded
    std::string content_type;  // "": there is no body
    std::string_view body{};   // must outlive the call
};
struct ReplicationAnswer {
    int status = 0;
    std::string body;  // at most 16 MiB
    std::optional<std::chrono::milliseconds> retry_after{};
};

// An answer of whatever status; unavailable: there was none, or not all of it. One thread.
using ReplicationCall = std::function<Result<ReplicationAnswer>(const ReplicationRequest&)>;

// invalid_argument: there are no certificates in the file. Fine where there is to be no file.
Result<void> check_replication_ca(const std::string& file);

// Whether calls can be made to it: not with a port beyond 65535, or a broken address.
bool is_replication_url(const std::string& url);

// Ends soon once `stopping`, which must outlive it, is true. Neither URL nor credential are in errors.
ReplicationCall replication_call(const ReplicationTargetOptions& target, const std::atomic<bool>& stopping);

// %XX for everything but letters, digits and "-._~".
std::string percent_encoded(std::string_view text);
// The same for one segment of a path: one of nothing but dots would name another place.
std::string path_segment(std::string_view text);

// Judges answers: what an Error's code tells the sender to do.
//   unavailable  try again soon              busy         after the time that the target asked for
//   unsupported  try again slowly: it refuses for a reason that a person must see to
//   too_large    in smaller pieces
Error replication_fault(const ReplicationAnswer& answer);
// Whether a plain server's answer to a single write says that it will never take it. It may still come from
// something between once: such a write is tried kRefusalsNeeded times.
bool replication_refuses(int status);
inline constexpr int kRefusalsNeeded = 3;

}  // namespace nmstore::server
