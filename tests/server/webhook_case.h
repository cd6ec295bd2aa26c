// Receivers of webhooks, as tests need them.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "server/webhooks.h"

namespace nmstore::testing {

// A receiver that answers as it is told, and keeps what it was asked.
class Receiver {
  public:
    server::Webhooks::Post post() {
        return
            [this](const server::WebhookRequest& request, const std::atomic<bool>& stopping) -> Result<int> {
                std::unique_lock lock(mutex_);
                asked_.push_back(request.id);
                last_ = request;
                changed_.notify_all();
                const std::size_t turn = asked_.size();
                while (turn > answered_ && !stopping) changed_.wait_for(lock, std::chrono::milliseconds(5));
                if (status_ == 0) return Error{Code::unavailable, "nobody is there"};
                return status_;
            };
    }
    void answer(int status) {
        const std::lock_guard guard(mutex_);
        status_ = status;
    }
    // Answers none from now on but whom it lets go: the first that asked of those that wait.
    void hold() {
        const std::lock_guard guard(mutex_);
        answered_ = asked_.size();
    }
    void let_one_go() {
        const std::lock_guard guard(mutex_);
        ++answered_;
        changed_.notify_all();
    }
    void let_all_go() {
        const std::lock_guard guard(mutex_);
        answered_ = SIZE_MAX;
        changed_.notify_all();
    }
    // All ids so far, once there are so many.
    std::vector<std::string> wait(std::size_t size) {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, std::chrono::seconds(60), [&] { return asked_.size() >= size; });
        return asked_;
    }

    server::WebhookRequest last() {
        const std::lock_guard guard(mutex_);
        return last_;
    }

  private:
    std::mutex mutex_;
    server::WebhookRequest last_;
    std::condition_variable changed_;
    std::vector<std::string> asked_;
    std::size_t answered_ = SIZE_MAX;  // of those that asked
    int status_ = 204;
};

using Ids = std::vector<std::string>;

inline server::WebhookRequest request(const std::string& id, const std::string& host) {
    return {"http://" + host + "/", "", "{}", id, "rule of " + host};
}

}  // namespace nmstore::testing
