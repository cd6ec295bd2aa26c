// What a shipper must remember so that every line reaches the store exactly once, whatever is killed when.
//
// Two files, each replaced atomically (written beside, fsync, rename, fsync of the directory):
//   STATE              what has been delivered, for each server by its URL: the shipper's id, the number of
//   the
//                      last batch, a place for each file
//   STATE.inflight-X   the next batch for one server, written before it is first sent: the state as it will
//   be
//                      once it is delivered, and the body, byte for byte
// A start that finds an in-flight batch which is the next one sends it again as it is, under the same number:
// the server takes it once. One that is not the next one has been delivered. STATE.lock is held while a
// shipper uses the state.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nmstore/result.h"
#include "tools/file_lock.h"
#include "tools/file_place.h"

namespace nmstore::tools {

struct ShipState {
    std::string source;          // NM-Source: made once, at random
    std::uint64_t sequence = 0;  // NM-Sequence of the last batch that was delivered
    std::vector<FilePlace> places;
};

// A batch as it is sent.
struct PackedBatch {
    std::uint64_t sequence = 0;
    std::string client;
    std::string encoding;  // Content-Encoding, or ""
    std::uint64_t lines = 0;
    std::string body;
};

struct InFlight {
    ShipState after;  // the state once the batch has been delivered
    PackedBatch batch;
};

using ServerStates = std::map<std::string, ShipState>;  // by the server's URL

std::string format_states(const ServerStates& states);
Result<ServerStates> parse_states(std::string_view text);  // corruption
std::string format_in_flight(const InFlight& in_flight);
Result<InFlight> parse_in_flight(std::string_view text);  // corruption

class StateFile {
  public:
    // Takes the lock; makes the directory if it is missing. busy: another shipper has it. `server`: whose
    // state load() and save() mean; those of others in the file stay as they are.
    static Result<StateFile> open(const std::string& path, const std::string& server);

    // A fresh state, saved, if there is none yet. corruption names the file and what to do.
    Result<ShipState> load();
    // The batch that is to be sent again; nullopt if there is none behind `state`. corruption: whether it had
    // been sent is not known, so its number must not be used for another one.
    Result<std::optional<InFlight>> load_in_flight(const ShipState& state) const;
    Result<void> save(const ShipState& state);
    Result<void> save_in_flight(const InFlight& in_flight) const;

    const std::string& path() const { return path_; }

  private:
    StateFile(std::string path, std::string server, FileLock lock)
        : path_(std::move(path)), server_(std::move(server)), lock_(std::move(lock)) {}
    std::string in_flight_path() const;

    std::string path_;
    std::string server_;
    ServerStates states_;
    FileLock lock_;
};

}  // namespace nmstore::tools
