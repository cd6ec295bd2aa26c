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
constexpr std::int64_t kLeastAfterStartMs = std::int64_t{3600} * 1000;  // before a request is given up
constexpr std::int64_t kTellAgainMs = std::int64_t{3600} * 1000;        // that a receiver still fails

}  // namespace

Webhooks::Webhooks(Store& store, const Clock& clock, Metrics& metrics, Post post)
    : store_(store), clock_(clock), jump_(clock), metrics_(metrics), post_(std::move(post)) {}

Webhooks::~Webhooks() {
    stop();
}

void Webhooks::stop() {
    {
        const std::lock_guard guard(mutex_);
        stopping_ = true;
        changed_.notify_all();
        turn_.notify_all();
    }
    for (std::thread& sender : senders_) sender.join();
    senders_.clear();
}

std::string Webhooks::text_of(const Waiting& waiting, const Receiver& receiver) {
    return Json{{"url", waiting.request.url},   {"secret", waiting.request.secret},
                {"body", waiting.request.body}, {"order", waiting.order},
                {"since", waiting.since_ms},    {"next", receiver.next_ms},
                {"tries", receiver.failures},   {"rule", waiting.request.rule}}
        .dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<void> Webhooks::load(const std::string& id, const std::string& text) {
    try {
        const Json object = Json::parse(text);
        Waiting waiting;
        waiting.request.id = id;
        waiting.request.url = object.at("url").get<std::string>();
        waiting.request.secret = object.at("secret").get<std::string>();
        waiting.request.body = object.at("body").get<std::string>();
        waiting.request.rule = object.value("rule", "");  // older ones have none
        waiting.order = object.at("order").get<std::uint64_t>();
        // What the server was down for is no time in which it could have been sent.
        waiting.since_ms = std::max(object.at("since").get<std::int64_t>(),
                                    clock_.now_ms() - kMaxWebhookAgeMs + kLeastAfterStartMs);
        const auto next_ms = object.at("next").get<std::int64_t>();
        const auto failures = object.at("tries").get<std::uint64_t>();
        last_order_ = std::max(last_order_, waiting.order);
        put_in_place(waiting.request);
        Receiver& receiver = receivers_[waiting.request.url];
        receiver.next_ms = std::max(receiver.next_ms, next_ms);
        receiver.failures = std::max(receiver.failures, failures);
        Waiting& kept = waiting_[id] = std::move(waiting);
        receiver.queue[kept.order] = &kept;
        return {};
    } catch (const Json::exception&) {
        return Error{Code::corruption, "a kept webhook request cannot be read"};
    }
}

Result<void> Webhooks::start() {
    NM_ASSIGN(const std::vector<Store::Note> notes, store_.notes(kArea));
    for (const Store::Note& note : notes) {
        if (const auto loaded = load(note.name, note.text.value_or("")); !loaded.ok()) {
            log_event(LogLevel::error, "webhook request dropped", {{"why", loaded.error().message}});
            ++metrics_.webhooks_dropped;
            (void)store_.put_notes(kArea, {{note.name, std::nullopt}});
        }
    }
    tell_waiting();
    for (std::size_t i = 0; i < kWebhookSenders; ++i) senders_.emplace_back([this] { run(); });
    return {};
}

void Webhooks::put_in_place(WebhookRequest& request) const {
    const auto at = places_.find(request.rule);
    if (at == places_.end()) return;
    request.url = at->second.url;
    request.secret = at->second.secret;
}

void Webhooks::set_receiver(const std::string& rule, std::string url, std::string secret) {
    const std::lock_guard guard(mutex_);
    std::vector<Store::Note> notes;
    if (url.empty()) {
        places_.erase(rule);
        // Another rule may get the name.
        for (auto& [id, waiting] : waiting_) {
            if (waiting.request.rule != rule) continue;
            waiting.request.rule.clear();
            notes.push_back({id, text_of(waiting, receivers_[waiting.request.url])});
        }
        if (!notes.empty()) (void)store_.put_notes(kArea, notes);
        return;
    }
    places_[rule] = {std::move(url), std::move(secret)};
    for (auto& [id, waiting] : waiting_) {
        if (waiting.request.rule != rule) continue;
        const WebhookRequest before = waiting.request;
        put_in_place(waiting.request);
        Receiver& receiver = receivers_[waiting.request.url];
        if (waiting.request.url != before.url) {
            receivers_[before.url].queue.erase(waiting.order);
            receiver.queue[waiting.order] = &waiting;
            receiver.next_ms = 0;
        }
        if (waiting.request.url != before.url || waiting.request.secret != before.secret)
            notes.push_back({id, text_of(waiting, receiver)});
    }
    // The pauses of the old place are not to be taken for those of the new one after a restart. If that
    // cannot be written, they are: no more is lost than time.
    if (!notes.empty()) (void)store_.put_notes(kArea, notes);
    changed_.notify_all();
}

Result<void> Webhooks::add(std::vector<WebhookRequest> requests) {
    if (requests.empty()) return {};
    const std::lock_guard guard(mutex_);
    const std::int64_t now_ms = clock_.now_ms();
    std::vector<Store::Note> notes;
    std::map<std::string, Waiting> fresh;
    for (WebhookRequest& request : requests) {
        if (waiting_.contains(request.id) || fresh.contains(request.id)) continue;
        Waiting waiting{std::move(request), ++last_order_, now_ms};
        put_in_place(waiting.request);
        notes.push_back({waiting.request.id, text_of(waiting, receivers_[waiting.request.url])});
        fresh.emplace(waiting.request.id, std::move(waiting));
    }
    std::vector<std::map<std::string, Waiting>::iterator> dropped;
    if (waiting_.size() + fresh.size() > kMaxWebhooksWaiting) {
        for (auto at = waiting_.begin(); at != waiting_.end(); ++at) dropped.push_back(at);
        std::sort(dropped.begin(), dropped.end(),
                  [](const auto& a, const auto& b) { return a->second.order < b->second.order; });
        dropped.resize(std::min(dropped.size(), waiting_.size() + fresh.size() - kMaxWebhooksWaiting));
        for (const auto& at : dropped) notes.push_back({at->first, std::nullopt});
    }
    NM_TRY(store_.put_notes(kArea, notes));
    for (const auto& at : dropped) remove(at);
    metrics_.webhooks_dropped += static_cast<std::int64_t>(dropped.size());
    for (auto& [id, waiting] : fresh) receivers_[waiting.request.url].queue[waiting.order] = &waiting;
    waiting_.merge(fresh);  // which moves none of them
    tell_waiting();
    changed_.notify_all();
    return {};
}

void Webhooks::remove(std::map<std::string, Waiting>::iterator waiting) {
    receivers_[waiting->second.request.url].queue.erase(waiting->second.order);
    waiting_.erase(waiting);
}

void Webhooks::tell_waiting() {
    metrics_.webhooks_waiting = static_cast<std::int64_t>(waiting_.size());
}

void Webhooks::take_jump() {
    const std::int64_t jump_ms = jump_.take();
    if (jump_ms == 0 || waiting_.empty()) return;
    std::vector<Store::Note> notes;
    for (auto& [id, waiting] : waiting_) {
        waiting.since_ms += jump_ms;
        notes.push_back({id, text_of(waiting, receivers_[waiting.request.url])});
    }
    (void)store_.put_notes(kArea, notes);  // else they are older after a restart
}

// The receivers have turns.
Webhooks::Receivers::iterator Webhooks::due() {
    take_jump();
    const std::int64_t now_ms = clock_.now_ms();
    std::size_t unanswered = 0, failing = 0;
    for (const auto& [url, receiver] : receivers_) {
        if (!receiver.asked || receiver.answers) continue;
        ++unanswered;
        if (receiver.failures != 0) ++failing;
    }
    auto first = receivers_.end();
    std::pair<std::uint64_t, std::uint64_t> first_turn;
    for (auto at = receivers_.begin(); at != receivers_.end(); ++at) {
        const Receiver& receiver = at->second;
        if (receiver.asked || receiver.queue.empty()) continue;
        // A pause that is longer than any is of a clock that was ahead.
        const std::int64_t pause_ms = receiver.next_ms - now_ms;
        if (pause_ms > 0 && pause_ms <= kLongestWebhookPauseMs) continue;
        if (!receiver.answers && unanswered >= kMostUnansweredAtOnce) continue;
        if (receiver.failures != 0 && failing >= kMostFailingAtOnce) continue;
        const std::pair turn{receiver.tried, receiver.queue.begin()->first};
        if (first != receivers_.end() && turn > first_turn) continue;
        first = at;
        first_turn = turn;
    }
    return first;
}

void Webhooks::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        // One looks out for what is due, and asks the clock for that; the others sleep meanwhile.
        if (looking_) {
            turn_.wait(lock, [this] { return stopping_ || !looking_; });
            continue;
        }
        looking_ = true;
        auto next = due();
        while (!stopping_ && next == receivers_.end()) {
            if (waiting_.empty()) {
                changed_.wait(lock);
            } else {
                changed_.wait_for(lock, kLook);
            }
            next = due();
        }
        looking_ = false;
        turn_.notify_one();
        if (stopping_) return;
        Receiver& receiver = next->second;
        const WebhookRequest request = receiver.queue.begin()->second->request;
        receiver.tried = ++tries_;
        receiver.asked = true;
        lock.unlock();
        const Result<int> answer = post_(request, stopping_);
        lock.lock();
        receiver.asked = false;
        if (!stopping_ || (answer.ok() && *answer / 100 == 2)) note_answer(request, answer);
        forget_one();
        changed_.notify_all();
    }
}

// The one that was not asked for the longest time.
void Webhooks::forget_one() {
    if (receivers_.size() <= kMaxAlertRules) return;
    auto oldest = receivers_.end();
    for (auto at = receivers_.begin(); at != receivers_.end(); ++at) {
        if (at->second.asked || !at->second.queue.empty()) continue;
        if (oldest == receivers_.end() || at->second.tried < oldest->second.tried) oldest = at;
    }
    if (oldest != receivers_.end()) receivers_.erase(oldest);
}

// Said when it begins, when another reason is given, and now and then while it lasts.
void Webhooks::tell_failure(Receiver& receiver, const WebhookRequest& request, const std::string& why) {
    const std::int64_t now_ms = clock_.now_ms();
    const bool told_lately = now_ms >= receiver.told_ms && now_ms < receiver.told_ms + kTellAgainMs;
    if (receiver.why == why && told_lately) return;
    receiver.why = why;
    receiver.told_ms = now_ms;
    log_event(LogLevel::warning, "webhook failed",
              {{"host", std::string(origin_of_url(request.url))},
               {"alert", request.id},
               {"why", why},
               {"waiting", std::to_string(receiver.queue.size())}});
}

void Webhooks::note_answer(const WebhookRequest& request, const Result<int>& answer) {
    take_jump();
    Receiver& receiver = receivers_[request.url];
    const std::int64_t now_ms = clock_.now_ms();
    const std::string host(origin_of_url(request.url));
    const auto at = waiting_.find(request.id);
    const bool waits = at != waiting_.end();  // it was not dropped meanwhile
    if (answer.ok() && *answer / 100 == 2) {
        if (receiver.failures != 0) log_event(LogLevel::info, "webhook answers again", {{"host", host}});
        receiver.answers = true;
        receiver.failures = 0;
        receiver.next_ms = 0;
        receiver.why.clear();
        if (!waits) return;
        ++metrics_.webhooks_sent;
    } else {
        const std::string why =
            answer.ok() ? "status " + std::to_string(*answer) : std::string(answer.error().message);
        receiver.answers = false;
        const auto doublings = std::min<std::uint64_t>(receiver.failures++, 20);
        receiver.next_ms = now_ms + std::min(kLongestWebhookPauseMs, kFirstWebhookPauseMs << doublings);
        if (!waits) return;
        ++metrics_.webhooks_failed;
        Waiting& waiting = at->second;
        waiting.since_ms = std::min(waiting.since_ms, now_ms);  // if the clock was ahead
        if (now_ms - waiting.since_ms < kMaxWebhookAgeMs) {
            tell_failure(receiver, request, why);
            // Else the rule was changed meanwhile, and it goes elsewhere.
            if (receiver.queue.contains(waiting.order))
                (void)store_.put_notes(kArea, {{request.id, text_of(waiting, receiver)}});
            return;
        }
        log_event(LogLevel::warning, "webhook given up",
                  {{"host", host}, {"alert", request.id}, {"why", why}});
        ++metrics_.webhooks_dropped;
        receiver.next_ms = 0;  // it may be that it takes the next
    }
    remove(at);
    (void)store_.put_notes(kArea, {{request.id, std::nullopt}});
    tell_waiting();
}

}  // namespace nmstore::server
