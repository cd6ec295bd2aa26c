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
constexpr std::int64_t kTellAgainMs = std::int64_t{3600} * 1000;  // that a receiver still fails

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
    for (std::thread& sender : senders_) sender.join();
    senders_.clear();
}

std::string Webhooks::text_of(const Waiting& waiting) {
    return Json{{"url", waiting.request.url},   {"secret", waiting.request.secret},
                {"body", waiting.request.body}, {"order", waiting.order},
                {"since", waiting.since_ms},    {"next", waiting.next_ms},
                {"tries", waiting.tries},       {"rule", waiting.request.rule}}
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
        waiting.request.rule = object.value("rule", "");  // older ones have none
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
    for (std::size_t i = 0; i < kWebhookSenders; ++i) senders_.emplace_back([this] { run(); });
    return {};
}

const std::string& Webhooks::url_of(const WebhookRequest& request) const {
    const auto at = receivers_.find(request.rule);
    return at == receivers_.end() ? request.url : at->second.url;
}

void Webhooks::set_receiver(const std::string& rule, std::string url, std::string secret) {
    const std::lock_guard guard(mutex_);
    std::map<std::string, std::string> before;  // URLs by id
    for (const auto& [id, waiting] : waiting_)
        if (waiting.request.rule == rule) before[id] = url_of(waiting.request);
    if (url.empty()) {
        receivers_.erase(rule);
    } else {
        receivers_[rule] = {std::move(url), std::move(secret)};
    }
    for (const auto& [id, old_url] : before) {
        Waiting& waiting = waiting_.at(id);
        if (url_of(waiting.request) != old_url) waiting.next_ms = clock_.now_ms();
    }
    changed_.notify_all();
}

Result<void> Webhooks::add(std::vector<WebhookRequest> requests) {
    if (requests.empty()) return {};
    const std::lock_guard guard(mutex_);
    const std::int64_t now_ms = clock_.now_ms();
    // When those that wait for a receiver are tried again: none of its later ones goes before them, so that
    // no `resolved` comes before its `firing`.
    std::map<std::string, std::int64_t> next_ms;
    for (const auto& [id, waiting] : waiting_) {
        std::int64_t& next = next_ms.try_emplace(url_of(waiting.request), now_ms).first->second;
        next = std::max(next, waiting.next_ms);
    }
    std::vector<Store::Note> notes;
    std::map<std::string, Waiting> fresh;
    for (WebhookRequest& request : requests) {
        if (waiting_.contains(request.id) || fresh.contains(request.id)) continue;
        const std::int64_t next = next_ms.try_emplace(url_of(request), now_ms).first->second;
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

// The receivers have turns; the oldest of each.
const Webhooks::Waiting* Webhooks::due() const {
    const std::int64_t now_ms = clock_.now_ms();
    const auto in_trouble = std::count_if(on_their_way_.begin(), on_their_way_.end(),
                                          [this](const std::string& url) { return troubles_.contains(url); });
    const bool last_sender = static_cast<std::size_t>(in_trouble) + 1 >= kWebhookSenders;
    const Waiting* first = nullptr;
    std::pair<std::uint64_t, std::uint64_t> first_turn;
    for (const auto& [id, waiting] : waiting_) {
        if (waiting.next_ms > now_ms) continue;
        const std::string& url = url_of(waiting.request);
        if (on_their_way_.contains(url) || (last_sender && troubles_.contains(url))) continue;
        const auto tried = tried_.find(url);
        const std::pair turn{tried == tried_.end() ? 0 : tried->second, waiting.order};
        if (first != nullptr && turn > first_turn) continue;
        first = &waiting;
        first_turn = turn;
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
        WebhookRequest request = next->request;
        if (const auto at = receivers_.find(request.rule); at != receivers_.end()) {
            request.url = at->second.url;
            request.secret = at->second.secret;
        }
        if (tried_.size() > kMaxAlertRules) tried_.clear();
        tried_[request.url] = ++tries_;
        on_their_way_.insert(request.url);
        lock.unlock();
        const Result<int> answer = post_(request, stopping_);
        lock.lock();
        on_their_way_.erase(request.url);
        if (!stopping_ || (answer.ok() && *answer / 100 == 2)) note_answer(request, answer);
        changed_.notify_all();
    }
}

// Said when it begins, when another reason is given, and now and then while it lasts.
void Webhooks::tell_trouble(const std::string& url, const std::string& id, const std::string& why) {
    const std::int64_t now_ms = clock_.now_ms();
    if (troubles_.size() >= kMaxAlertRules && !troubles_.contains(url)) troubles_.clear();
    Trouble& trouble = troubles_[url];
    if (trouble.why == why && now_ms < trouble.told_ms + kTellAgainMs) return;
    trouble = {why, now_ms};
    const auto same = [&](const auto& each) { return url_of(each.second.request) == url; };
    log_event(LogLevel::warning, "webhook failed",
              {{"host", std::string(origin_of_url(url))},
               {"alert", id},
               {"why", why},
               {"waiting", std::to_string(std::count_if(waiting_.begin(), waiting_.end(), same))}});
}

void Webhooks::note_answer(const WebhookRequest& request, const Result<int>& answer) {
    const std::string& id = request.id;
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
    const std::string why =
        answer.ok() ? "status " + std::to_string(*answer) : std::string(answer.error().message);
    const std::string host(origin_of_url(request.url));
    if (given_up) {
        log_event(LogLevel::warning, "webhook given up", {{"host", host}, {"alert", id}, {"why", why}});
    } else if (!sent) {
        tell_trouble(request.url, id, why);
    } else if (troubles_.erase(request.url) != 0) {
        log_event(LogLevel::info, "webhook answers again", {{"host", host}});
    }
    if (sent) ++metrics_.webhooks_sent;
    if (given_up) ++metrics_.webhooks_dropped;
    if (sent || given_up) {
        waiting_.erase(at);
        (void)store_.put_notes(kArea, {{id, std::nullopt}});
        tell_waiting();
        return;
    }
    // The rule was changed meanwhile, and it is to go elsewhere: at once.
    const bool moved = url_of(waiting.request) != request.url;
    const auto doublings = std::min<std::uint64_t>(waiting.tries - 1, 20);
    const std::int64_t next_ms = now_ms + std::min(kLongestWebhookPauseMs, kFirstWebhookPauseMs << doublings);
    waiting.next_ms = moved ? now_ms : next_ms;
    (void)store_.put_notes(kArea, {{id, text_of(waiting)}});
    // Who does not answer one does not answer the next: others are not to wait for that.
    for (auto& [other_id, other] : waiting_) {
        if (url_of(other.request) == request.url) other.next_ms = std::max(other.next_ms, next_ms);
    }
}

}  // namespace nmstore::server
