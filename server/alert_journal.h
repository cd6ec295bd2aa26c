// Alerts on their way: kept in the notes together with the state of the rules that led to them, then written
// to the rows `alerts:{Y}:{M}:{D}` and handed to webhooks, then taken from the notes. So after a crash at any
// moment an alert is written once, or what led to it is evaluated again. What cannot be written, because the
// store is read-only, waits.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "nmstore/store.h"
#include "server/alert.h"
#include "server/metrics.h"
#include "server/webhooks.h"

namespace nmstore::server {

// For the store: while so many wait, no time passes for rules. A commit that was there before leads to
// further ones all the same, until there are so many that they are lost.
inline constexpr std::size_t kMaxAlertsWaiting = 10'000;
inline constexpr std::size_t kMaxAlertsHeld = 100'000;

// Used by one thread at a time.
class AlertJournal {
  public:
    // `area`: of the notes that notes() is for.
    AlertJournal(Store& store, std::string_view area, Webhooks& webhooks, Metrics& metrics)
        : store_(store), area_(area), webhooks_(webhooks), metrics_(metrics) {}

    void add(const Alert& alert);
    std::size_t size() const { return waiting_.size(); }
    bool full() const { return waiting_.size() >= kMaxAlertsWaiting; }
    // Whether there are alerts that are in no note yet.
    bool has_new() const { return kept_ < waiting_.size(); }

    // To be put into the area together with the state of the rules; then kept() is to be called. Only then
    // write() writes them.
    std::vector<Store::Note> notes() const;
    void kept();
    // A note of the area that may be one of these, left by who was here before. false: it is none.
    // corruption: it is one, and cannot be read.
    Result<bool> take_up(const Store::Note& note);

    // Writes what is kept in notes, each where nothing stands: what agents post there meanwhile stays. An
    // alert that is there already, by its id, is not written again. Fails as the store does; what has not
    // been written goes on waiting.
    Result<void> write();

  private:
    struct Waiting {
        std::string note;  // its name
        std::string id, rule, value, url, secret;
        std::int64_t time_ms = 0;
    };
    struct Placed {
        const Waiting* alert = nullptr;
        std::int64_t time_ms = 0;  // of its cell
    };
    static std::string text_of(const Waiting& waiting);
    Result<std::vector<Placed>> find_places(std::size_t size) const;
    static std::vector<WebhookRequest> requests_of(const std::vector<Placed>& placed);
    Result<void> put(const std::vector<Placed>& placed);
    Result<void> write_some();

    Store& store_;
    const std::string area_;
    Webhooks& webhooks_;
    Metrics& metrics_;
    std::deque<Waiting> waiting_;
    std::size_t kept_ = 0;           // so many of the first of them are in notes
    std::vector<std::string> done_;  // notes of what has been written
    std::uint64_t last_number_ = 0;
};

}  // namespace nmstore::server
