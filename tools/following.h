// Reads a stream of events of nm-stored (GET /api/v1/tail, /channel, /messages) for as long as it is wanted:
// goes on behind the last event after every cut and restart of the server, and says on stderr what a person
// should know of it. What would be the same at the next try (credentials, a certificate, an address that is
// none of nm-stored) ends it.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "tools/http_client.h"
#include "tools/session.h"

namespace nmstore::tools {

class Following {
  public:
    // What follows is `path` with these parameters (since and transport are added). All must outlive it.
    Following(Session& session, HttpClient& client, std::string path, Parameters parameters);

    // The place from which on everything is new: a `since`. unsupported: a server that is too old.
    Result<std::string> now();

    // `text` is the event as it came. false: stop.
    using EachEvent = std::function<bool(std::string_view text, const nlohmann::json& event)>;
    // Hands over each event behind `since` until the reader of the output has gone, an interruption comes, or
    // the server refuses; its result is the exit code. Remarks of the server are told on stderr, not handed
    // over.
    int run(std::string since, const EachEvent& each);

  private:
    Result<void> read(const EachEvent& each);
    bool take(std::string_view line, const EachEvent& each);
    void tell(const nlohmann::json& remark);
    void remark(const std::string& message);
    void wait();
    bool is_over() const;

    Session& session_;
    HttpClient& client_;
    const std::string path_;
    const Parameters parameters_;
    std::string since_;
    bool begun_ = false;  // something of this answer was read
    bool cut_told_ = false;
    bool stopped_ = false;  // by `each`, or nobody reads the output
    Result<void> fault_;    // of what the server sent
    std::chrono::milliseconds pause_{0};
};

}  // namespace nmstore::tools
