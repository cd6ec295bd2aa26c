// Who is connected: the row `users`, a column for each page's connection with the time of its beginning.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "nmstore/clock.h"
#include "nmstore/store.h"

namespace nmstore::server {

// Any thread; opened() and closed() never wait for the disk: a thread of its own writes what has come
// together. What cannot be written is in the log once, and tried again.
class PageUsers {
  public:
    // Ids of ours begin so; other columns of the row are other servers', and are left alone.
    static constexpr std::string_view kPrefix = "page-";

    PageUsers(Store& store, const Clock& clock);  // which must outlive it
    ~PageUsers();                                 // once more tries to write what is not written

    // Before the first connection: removes the ids that a run which was killed has left.
    void reset_at_start();
    // A new id; `written` is called once, on the thread of this, when it stands in the row or could not be
    // written at first. Not after closed() of this id, unless it is just running.
    std::string opened(std::function<void()> written);
    void closed(const std::string& id);

  private:
    struct Step {
        std::int64_t time_ms = 0;  // 0: it is to be removed
        std::function<void()> written;
    };
    using Steps = std::map<std::string, Step>;
    void run();
    bool write(const Steps& steps);

    Store& store_;
    const Clock& clock_;
    std::string run_id_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::uint64_t last_ = 0;
    Steps steps_;
    bool stopping_ = false;
    bool told_ = false;  // of a failure; of the thread
    std::thread thread_;
};

}  // namespace nmstore::server
