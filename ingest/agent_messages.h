// What old agents write to their hub's raw port: //START//{json}//END//, one behind the other, cut anywhere.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nmstore::ingest {

struct AgentMessage {
    std::string name;    // of the log or plugin: "/var/log/syslog", "df"
    std::string key;     // of its day row
    std::string data;    // the cell's value
    std::string origin;  // the agent's address; may be ""
    std::int64_t date_ms = 0;
    bool operator==(const AgentMessage&) const = default;
};

// One connection's bytes into messages. Holds at most about max_message bytes beside what it is fed. One
// thread.
class AgentMessageReader {
  public:
    explicit AgentMessageReader(std::size_t max_message) : max_message_(max_message) {}

    // Appends the messages that are whole with these bytes. What stands between messages is passed over; what
    // is no message, or over max_message bytes, is counted and passed over up to its //END//. Where a message
    // broke off, and another begins before an //END//, the other one is read.
    void feed(std::string_view bytes, std::vector<AgentMessage>& out);

    std::uint64_t malformed() const { return malformed_; }
    std::uint64_t too_large() const { return too_large_; }
    const std::string& last_fault() const { return last_fault_; }  // why one was passed over; "": none

  private:
    enum class Place : std::uint8_t { between, inside, passing };

    bool step(std::vector<AgentMessage>& out);
    void take(std::string_view body, std::vector<AgentMessage>& out);

    const std::size_t max_message_;
    Place place_ = Place::between;
    std::string held_;      // not yet used
    std::size_t used_ = 0;  // of it
    std::size_t seen_ = 0;  // of it, where no mark begins
    std::uint64_t malformed_ = 0;
    std::uint64_t too_large_ = 0;
    std::string last_fault_;
};

}  // namespace nmstore::ingest
