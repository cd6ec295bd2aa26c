// Alerts: rules that are kept in the store, evaluated as it is written; see "Alerts" in docs/operations.md.
//
// What is known of rules is kept in the store's notes, with the number of the change up to which they were
// evaluated, and in one step with the alerts that this led to: after a crash, later changes are evaluated
// again, and nothing else is.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "nmstore/clock.h"
#include "nmstore/store.h"
#include "query/execution.h"
#include "server/alert_evaluation.h"
#include "server/alert_journal.h"
#include "server/alert_replay.h"
#include "server/change_follower.h"
#include "server/clock_jump.h"
#include "server/metrics.h"
#include "server/webhooks.h"

namespace nmstore::server {

class Alerts final : public ChangeListener {
  public:
    struct Firing {
        AlertRulePtr rule;
        std::string client, log, field, sample;
        std::int64_t since_ms = 0;
        std::uint64_t count = 0;
    };

    // Reads rules and what was known of them, and starts to send what waits for webhooks. A rule that cannot
    // be read is logged and stays as it is. catch_up: what a rule may read, and take, when it has missed
    // changes. All must outlive it.
    static Result<std::unique_ptr<Alerts>> open(Store& store, const Clock& clock, Metrics& metrics,
                                                Webhooks::Post post,
                                                const query::Limits& catch_up = kCatchUp);
    static constexpr query::Limits kCatchUp{std::chrono::milliseconds(2'000), 10'000'000,
                                            std::size_t{64} << 20};
    ~Alerts() override;  // as stop()
    // Behind the follower's stop(): writes what is still to be written, and ends the webhooks' thread.
    void stop();

    // ---- Any thread
    // By id. The rule `severe` is there also where it was not set.
    std::vector<AlertRulePtr> rules() const;
    AlertRulePtr rule(const std::string& id) const;  // nullptr: there is none
    // Kept in the store when this returns. A rule that is changed begins anew, with what comes from now on;
    // what fires of it is resolved. invalid_argument, too_large: parse_alert_rule(); limit_exceeded: too
    // many.
    Result<AlertRulePtr> set_rule(const std::string& id, std::string_view text,
                                  std::optional<std::size_t>* column = nullptr);
    Result<void> remove_rule(const std::string& id);  // not_found
    std::vector<Firing> firing() const;

    // ---- The follower's
    std::optional<ChangeNumber> wants_from() override { return position_; }
    void missed(ChangeNumber from, ChangeNumber first) override;
    void on_row(const Change& change, const ChangedRow& changed, const LogRow& row) override;
    void on_end(const Change& change) override;
    void on_rest(ChangeNumber end) override;

  private:
    Alerts(Store& store, const Clock& clock, Metrics& metrics, Webhooks::Post post,
           const query::Limits& catch_up);
    Result<void> load();
    Result<void> load_rules();
    Result<std::map<std::string, AlertState>> load_states();
    Result<void> load_rule(const AlertRulePtr& rule, std::map<std::string, AlertState>& states);
    void resolve_left(const std::map<std::string, AlertState>& states);
    AlertRulePtr severe_rule() const;
    void advance(std::int64_t to_ms);
    // The time of the clock. What has been evaluated is never far ahead of it: a clock that is wrong is set
    // right some time.
    std::int64_t now();
    void set_back(std::int64_t now_ms);
    // Without the lock, which they take for a moment now and then.
    void catch_up(ChangeNumber end);
    void catch_up(const AlertRulePtr& rule, ChangeNumber end, std::int64_t state_ms, std::int64_t now_ms,
                  std::chrono::milliseconds patience);
    Result<AlertReplayed> read_again(const AlertRulePtr& rule, AlertState state, std::int64_t state_ms,
                                     std::int64_t now_ms, std::chrono::milliseconds patience) const;
    // With it.
    bool is_there(const AlertRulePtr& rule) const;
    void take(const AlertRulePtr& rule, ChangeNumber end, AlertReplayed replayed);
    void begin_anew(const AlertRulePtr& rule, ChangeNumber end, std::int64_t now_ms, const std::string& why);
    void write(bool save_at_once);
    Result<void> save();
    void tell_numbers();

    Store& store_;
    const Clock& clock_;
    ClockJump jump_;
    Metrics& metrics_;
    const query::Limits catch_up_;
    mutable std::mutex mutex_;
    Webhooks webhooks_;
    AlertJournal journal_;
    AlertEvaluation evaluation_;
    std::map<std::string, AlertRulePtr> rules_;
    std::set<std::string> unread_;                    // rules of which a note is there that cannot be read
    std::map<std::string, AlertStateParts> unsaved_;  // parts of states of rules
    std::optional<ChangeNumber> position_;            // the next change to be evaluated
    ChangeNumber saved_position_ = 0;
    std::int64_t saved_ms_ = 0, looked_ms_ = 0, written_ms_ = 0, failed_ms_ = 0;
    ChangeNumber telling_ = 0;     // the change of which a row was told last
    std::int64_t telling_ms_ = 0;  // its time
    bool in_change_ = false;       // rows of it have been told, and its end has not
    bool catching_up_ = false;     // some rules have, and others have not
    bool save_is_due_ = false;     // as soon as that is told, or done
    bool stopped_ = false;
};

}  // namespace nmstore::server
