// What long work has met of damage, and gone on behind.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "nmstore/result.h"

namespace nmstore {

// Belongs to one thread.
class DamageMet {
  public:
    static constexpr std::size_t kMaxNamed = 20;  // more are counted, but not named

    // What did not end well because of damage did end: it is noted. Other errors stay errors.
    Result<void> pass(const Result<void>& done) {
        if (done.ok() || done.error().code != Code::corruption) return done;
        ++times_;
        if (named_.size() < kMaxNamed) named_.push_back(done.error().message);
        return {};
    }
    std::size_t times() const { return times_; }
    const std::vector<std::string>& named() const { return named_; }

  private:
    std::size_t times_ = 0;
    std::vector<std::string> named_;
};

}  // namespace nmstore
