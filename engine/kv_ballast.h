// A file of nothing in the data directory. When the disk is full it is given up, so that what makes room can
// be written down and carried out: old rows are dropped, and files compacted. Room that is merely left free
// would be taken by whoever else writes to the disk.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "nmstore/result.h"

namespace nmstore::kv {

inline constexpr std::string_view kBallastName = "ballast";  // in the data directory

// Any thread.
class Ballast {
  public:
    // `bytes`: how large it is to be; 0: there is to be none; nullopt: one that is there may be given up, and
    // none is made. An empty path is no ballast. Touches nothing before make().
    Ballast(std::string path, std::optional<std::uint64_t> bytes);

    // Of a small disk it takes less: one part in kDiskShare. While more than so many times its size is free,
    // it need not be there.
    static constexpr std::uint64_t kDiskShare = 20;
    void fit_to(std::uint64_t disk_bytes);

    // Makes it as large as it is to be, or takes it away if there is to be none. What was begun and failed is
    // undone.
    Result<void> make();
    // Whether there was one.
    bool give_up();

    std::uint64_t bytes() const;    // that it has now
    std::uint64_t missing() const;  // that make() would take
    std::uint64_t times_given_up() const;

  private:
    std::uint64_t size() const;

    const std::string path_;
    const bool made_here_;
    mutable std::mutex mutex_;
    std::uint64_t wanted_ = 0;
    std::uint64_t given_up_ = 0;
};

}  // namespace nmstore::kv
