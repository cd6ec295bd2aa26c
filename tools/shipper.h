// Follows logs and ships their lines, exactly once. The loop of nm-tool ship, apart from its command line.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tools/log_directory.h"
#include "tools/log_follower.h"
#include "tools/ship_batch.h"
#include "tools/ship_delivery.h"
#include "tools/ship_state.h"

namespace nmstore::tools {

struct ShipperOptions {
    std::vector<std::string> files;
    DirectoryOptions directory;  // used if its `directory` is not empty
    std::string client;
    std::string log;  // "": each file's absolute path
    bool once = false;
    bool parse_times = true;
    BatchLimits batch;
    std::int64_t batch_delay_ms = 1000;  // a batch that is not full waits so long for more lines
    std::int64_t poll_ms = 250;
    Packing packing = Packing::zstd;
};

struct ShipCounts {
    std::uint64_t lines = 0;  // accepted by the server
    std::uint64_t rejected = 0;
    std::uint64_t bytes = 0;  // of the lines that were read
    std::uint64_t batches = 0;
    std::uint64_t bytes_ahead = 0;  // what was there to read at the start, about
};

class Shipper {
  public:
    // `state` must be open and outlive the shipper. `told` is called after each batch.
    Shipper(ShipperOptions options, StateFile& state, ShipDelivery delivery, Remark remark,
            std::function<void(const ShipCounts&)> told);

    // Until interrupted(), or with `once` until everything that is there has been sent. After an interruption
    // what has been read is sent, if the server takes it at once, and the state is saved.
    Result<void> run();
    const ShipCounts& counts() const { return counts_; }

  private:
    Result<void> begin();
    void scan();
    void add_follower(const std::string& path, std::vector<FilePlace> known);
    struct Round {
        bool any = false;   // something was read
        bool full = false;  // the batch took no more
    };
    Round read_all();
    bool take(const ReadLine& line);
    void wait() const;
    Result<void> send_batch();
    Result<void> deliver(const InFlight& in_flight, bool may_have_been_sent);
    std::vector<FilePlace> places() const;
    void drop_gone();
    Result<void> keep_opened();

    ShipperOptions options_;
    StateFile& file_;
    ShipDelivery delivery_;
    Remark remark_;
    std::function<void(const ShipCounts&)> told_;
    ShipState state_;
    FileOwners owners_;
    std::map<std::string, std::unique_ptr<LogFollower>> followers_;  // by path
    std::string next_path_;  // where the next round of reading begins, so that no log waits behind a busy one
    std::set<std::string> finished_;     // with `once`: read to their ends
    std::set<std::string> told_unread_;  // a remark has been made that they cannot be read
    std::vector<FilePlace>
        others_;  // of logs that this run does not follow, but another with the same state may
    ShipBatch batch_;
    std::int64_t batch_since_ms_ = -1;
    std::int64_t next_scan_ms_ = 0;
    ShipCounts counts_;
};

}  // namespace nmstore::tools
