// What old agents write to their hub's raw port: //START//{json}//END//, one behind the other, cut anywhere.
#pragma once

#include <cstdint>
#include <optional>
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
    // is no message, or over max_message bytes, is counted and passed over up to its //END//. A mark in a
    // string of the JSON is a part of that string. Where a message broke off, and another begins before its
    // end, the other one is read.
    void feed(std::string_view bytes, std::vector<AgentMessage>& out);

    std::uint64_t malformed() const { return malformed_; }
    std::uint64_t too_large() const { return too_large_; }
    const std::string& last_fault() const { return last_fault_; }  // why one was passed over; "": none

  private:
    enum class Place : std::uint8_t { between, inside, passing };

    // A text that may be a message: behind //START//, or behind one that stands in it.
    struct Candidate {
        std::size_t begin = 0;  // in the body, as far as it has come
        bool possible = true;   // it may still become one
        bool begun = false;     // its first brace has come
        bool in_string = false, escaped = false;
        void look(char c, std::size_t at);  // at each of the body's bytes
    };

    bool pass_over();
    bool read_inside(std::vector<AgentMessage>& out);
    bool ends_at(std::size_t at, std::vector<AgentMessage>& out);

    const std::size_t max_message_;
    Place place_ = Place::between;
    std::string held_;                 // not yet used
    std::size_t used_ = 0;             // of it
    std::size_t seen_ = 0;             // of it, in which no mark begins that is not known
    Candidate whole_;                  // what is inside; used_ is where it begins
    std::optional<Candidate> latest_;  // behind the last //START// in it
    std::uint64_t malformed_ = 0;
    std::uint64_t too_large_ = 0;
    std::string last_fault_;
};

}  // namespace nmstore::ingest
