#include "server/exchange.h"

namespace nmstore::server {

Exchange::Exchange(std::size_t max_buffer, std::shared_ptr<std::atomic<bool>> gone,
                   std::function<void()> wake)
    : max_buffer_(max_buffer), gone_(std::move(gone)), wake_(std::move(wake)) {}

void Exchange::answer(Response response) {
    {
        const std::lock_guard lock(mutex_);
        response_ = std::move(response);
        state_ = State::answered;
    }
    wake_();
}

void Exchange::begin_stream(Response head) {
    {
        const std::lock_guard lock(mutex_);
        response_ = std::move(head);
        state_ = State::streaming;
    }
    wake_();
}

bool Exchange::write(std::string_view piece) {
    std::unique_lock lock(mutex_);
    while (!piece.empty()) {
        room_.wait(lock, [this] { return reader_gone_ || buffer_.size() < max_buffer_; });
        if (reader_gone_ || gone_->load(std::memory_order_relaxed)) return false;
        const std::string_view part = piece.substr(0, max_buffer_ - buffer_.size());
        const bool was_empty = buffer_.empty();
        buffer_.append(part);
        piece.remove_prefix(part.size());
        // One wake-up for as many pieces as fit until the other side looks.
        if (was_empty) wake_();
    }
    return !reader_gone_;
}

void Exchange::end_stream(bool complete) {
    {
        const std::lock_guard lock(mutex_);
        ended_ = true;
        complete_ = complete;
    }
    wake_();
}

Exchange::State Exchange::state() const {
    const std::lock_guard lock(mutex_);
    return state_;
}

Response Exchange::take_response() {
    const std::lock_guard lock(mutex_);
    return std::move(response_);
}

Exchange::Piece Exchange::take_piece() {
    Piece piece;
    {
        const std::lock_guard lock(mutex_);
        piece.bytes.swap(buffer_);
        piece.ended = ended_;
        piece.complete = complete_;
    }
    room_.notify_all();
    return piece;
}

void Exchange::reader_is_gone() {
    gone_->store(true);
    {
        const std::lock_guard lock(mutex_);
        reader_gone_ = true;
    }
    room_.notify_all();
}

}  // namespace nmstore::server
