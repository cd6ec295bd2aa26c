// One request and its answer between the socket's thread and the worker that runs the handler. A streamed
// answer passes through it piece by piece, bounded, so that a slow reader slows its handler down and nothing
// else.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "server/http.h"

namespace nmstore::server {

// Shared by the two sides; the last one to let go destroys it.
class Exchange : public BodyWriter {
  public:
    // `wake` is called, from any thread, whenever the socket's side should look again. `gone` is the
    // connection's.
    Exchange(std::size_t max_buffer, std::shared_ptr<std::atomic<bool>> gone, std::function<void()> wake);

    Request request;

    // ---- The worker's side ----
    void answer(Response response);    // the whole answer
    void begin_stream(Response head);  // then write() …, then end_stream()
    bool write(std::string_view piece) override;
    void end_stream(bool complete);

    // ---- The socket's side ----
    enum class State : std::uint8_t { waiting, answered, streaming };
    State state() const;
    Response take_response();  // once not waiting
    struct Piece {
        std::string bytes;
        bool ended = false;     // no more will come
        bool complete = false;  // with ended: all of it was written
    };
    // What has been written since. Empty and not ended: nothing yet.
    Piece take_piece();
    void reader_is_gone();  // wakes a blocked write(), which is false from then on

  private:
    const std::size_t max_buffer_;
    const std::shared_ptr<std::atomic<bool>> gone_;
    const std::function<void()> wake_;
    mutable std::mutex mutex_;
    std::condition_variable room_;
    State state_ = State::waiting;
    Response response_;
    std::string buffer_;
    bool ended_ = false;
    bool complete_ = false;
    bool reader_gone_ = false;
};

}  // namespace nmstore::server
