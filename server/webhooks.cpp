#include "server/webhooks.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "server/alert_rule.h"
#include "server/log.h"

namespace nmstore::server {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kArea = "alert webhooks";
constexpr std::chrono::milliseconds kLook{100};  // how often the clock is asked while something waits

}  // namespace

Webhooks::Webhooks(Store& store, const Clock& clock, Metrics& metrics, Post post)
    : store_(store), clock_(clock), metrics_(metrics), post_(std::move(post)) {}

Webhooks::~Webhooks() {
    stop();
}

void Webhooks::stop() {
    {
        const std::lock_guard guard(mutex_);
        stopping_ = true;
        changed_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
}

std::string Webhooks::text_of(const Waiting& waiting) {
    return Json{{"url", waiting.request.url},   {"secret", waiting.request.secret},
                {"body", waiting.request.body}, {"order", waiting.order},
                {"since", waiting.since_ms},    {"next", waiting.next_ms},
                {"tries", waiting.tries}}
        .dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Webhooks::Waiting> Webhooks::parse(const std::string& text) {
    try {
        const Json object = Json::parse(text);
        Waiting waiting;
        waiting.request.url = object.at("url").get<std::string>();
        waiting.request.secret = object.at("secret").get<std::string>();
        waiting.request.body = object.at("body").get<std::string>();
        waiting.order = object.at("order").get<std::uint64_t>();
        waiting.since_ms = object.at("since").get<std::int64_t>();
        waiting.next_ms = object.at("next").get<std::int64_t>();
        waiting.tries = object.at("tries").get<std::uint64_t>();
        return waiting;
    } catch (const Json::exception&) {
        return Error{Code::corruption, "a kept webhook request cannot be read"};
    }
}

Result<void> Webhooks::start() {
    NM_ASSIGN(const std::vector<Store::Note> notes, store_.notes(kArea));
    for (const Store::Note& note : notes) {
        auto waiting = parse(note.text.value_or(""));
        if (!waiting.ok()) {
            log_event(LogLevel::error, "webhook request dropped", {{"why", waiting.error().message}});
            ++metrics_.webhooks_dropped;
            (void)store_.put_notes(kArea, {{note.name, std::nullopt}});
            continue;
        }
        waiting->request.id = note.name;
        last_order_ = std::max(last_order_, waiting->order);
        waiting_[note.name] = std::move(*waiting);
    }
    tell_waiting();
    thread_ = std::thread([this] { run(); });
    return {};
}

Result<void> Webhooks::add(std::vector<WebhookRequest> requests) {
    if (requests.empty()) return {};
    const std::lock_guard guard(mutex_);
    const std::int64_t now_ms = clock_.now_ms();
    // When those that wait for a receiver are tried again: none of its later ones goes before them, so that
    // no `resolved` comes before its `firing`.
    std::map<std::string, std::int64_t> next_ms;
    for (const auto& [id, waiting] : waiting_) {
        std::int64_t& next = next_ms.try_emplace(waiting.request.url, now_ms).first->second;
        next = std::max(next, waiting.next_ms);
    }
    std::vector<Store::Note> notes;
    std::map<std::string, Waiting> fresh;
    for (WebhookRequest& request : requests) {
        if (waiting_.contains(request.id) || fresh.contains(request.id)) continue;
        const std::int64_t next = next_ms.try_emplace(request.url, now_ms).first->second;
        Waiting waiting{std::move(request), ++last_order_, now_ms, next, 0};
        notes.push_back({waiting.request.id, text_of(waiting)});
        fresh.emplace(waiting.request.id, std::move(waiting));
    }
    std::uint64_t dropped = 0;
    if (waiting_.size() + fresh.size() > kMaxWebhooksWaiting) {
        std::vector<const Waiting*> oldest;
        for (const auto& [id, waiting] : waiting_) oldest.push_back(&waiting);
        std::sort(oldest.begin(), oldest.end(),
                  [](const Waiting* a, const Waiting* b) { return a->order < b->order; });
        dropped = std::min(oldest.size(), waiting_.size() + fresh.size() - kMaxWebhooksWaiting);
        for (std::size_t i = 0; i < dropped; ++i) notes.push_back({oldest[i]->request.id, std::nullopt});
    }
    NM_TRY(store_.put_notes(kArea, notes));
    for (const Store::Note& note : notes) {
        if (!note.text) waiting_.erase(note.name);
    }
    metrics_.webhooks_dropped += static_cast<std::int64_t>(dropped);
    waiting_.merge(fresh);
    tell_waiting();
    changed_.notify_all();
    return {};
}

void Webhooks::tell_waiting() {
    metrics_.webhooks_waiting = static_cast<std::int64_t>(waiting_.size());
}

const Webhooks::Waiting* Webhooks::due() const {
    const std::int64_t now_ms = clock_.now_ms();
    const Waiting* first = nullptr;
    for (const auto& [id, waiting] : waiting_) {
        if (waiting.next_ms <= now_ms && (first == nullptr || waiting.order < first->order)) first = &waiting;
    }
    return first;
}

void Webhooks::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        const Waiting* next = due();
        if (next == nullptr) {
            if (waiting_.empty()) {
                changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
            } else {
                changed_.wait_for(lock, kLook);
            }
            continue;
        }
        const WebhookRequest request = next->request;
        lock.unlock();
        const Result<int> answer = post_(request, stopping_);
        lock.lock();
        if (!stopping_ || (answer.ok() && *answer / 100 == 2)) note_answer(request.id, answer);
    }
}

void Webhooks::note_answer(const std::string& id, const Result<int>& answer) {
    const auto at = waiting_.find(id);
    if (at == waiting_.end()) return;  // given up meanwhile
    Waiting& waiting = at->second;
    const std::int64_t now_ms = clock_.now_ms();
    const bool sent = answer.ok() && *answer / 100 == 2;
    if (!sent) {
        ++metrics_.webhooks_failed;
        ++waiting.tries;
    }
    const bool given_up = !sent && now_ms - waiting.since_ms >= kMaxWebhookAgeMs;
    if (!sent && (given_up || waiting.tries == 1)) {
        log_event(LogLevel::warning, given_up ? "webhook given up" : "webhook failed",
                  {{"host", std::string(origin_of_url(waiting.request.url))},
                   {"alert", id},
                   {"why", answer.ok() ? "status " + std::to_string(*answer) : answer.error().message}});
    }
    if (sent) ++metrics_.webhooks_sent;
    if (given_up) ++metrics_.webhooks_dropped;
    if (sent || given_up) {
        waiting_.erase(at);
        (void)store_.put_notes(kArea, {{id, std::nullopt}});
        tell_waiting();
        return;
    }
    const auto doublings = std::min<std::uint64_t>(waiting.tries - 1, 20);
    waiting.next_ms = now_ms + std::min(kLongestWebhookPauseMs, kFirstWebhookPauseMs << doublings);
    (void)store_.put_notes(kArea, {{id, text_of(waiting)}});
    // Who does not answer one does not answer the next: others are not to wait for that.
    for (auto& [other_id, other] : waiting_) {
        if (other.request.url == waiting.request.url)
            other.next_ms = std::max(other.next_ms, waiting.next_ms);
    }
}

}  // namespace nmstore::server
