// Evaluates alert rules as the store is written: on what each change brought, and on the time that passes. It
// reads the store where a change points to, and never asks it a query.
//
// The time is that of the commits; where nothing comes it is moved on by advance(), and only set_back() moves
// it back. The same changes and the same moments lead to the same alerts.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "nmstore/store.h"
#include "query/inventory.h"
#include "query/reading_fields.h"
#include "query/search.h"
#include "query/standing.h"
#include "server/alert.h"
#include "server/alert_state.h"
#include "server/told_lines.h"

namespace nmstore::server {

// Used by one thread at a time.
class AlertEvaluation {
  public:
    using Emit = std::function<void(Alert)>;

    // start_ms: when the server started; nobody is silent before it has been up long enough.
    AlertEvaluation(const Store& store, std::int64_t start_ms, Emit emit);

    // In place of the rule of that id, whose state is forgotten. invalid_argument: as StandingQueries::add().
    Result<void> set(AlertRulePtr rule, AlertState state);
    // What fires of it is resolved first, for the reason given, at time_ms.
    void remove(const std::string& id, std::string_view reason, std::int64_t time_ms);

    // What fires by a state that is nobody's any more is resolved: of a rule that was changed or removed. The
    // rule is the one to be named.
    void resolve(const AlertRulePtr& rule, const AlertState& state, std::string_view reason,
                 std::int64_t time_ms);

    // time_ms: of the change, as far as its time can be believed.
    void on_row(const Change& change, const ChangedRow& changed, const LogRow& row, std::int64_t time_ms);
    // Of changes before this one no lines and readings are asked about any more, and only clients are seen.
    void skip_to(ChangeNumber end) { skip_to_ = end; }
    // A line that is read from the store once more, as if it had been committed at its own time. It matches
    // the queries of all rules for lines that there are; each is asked whether it is a reading, or SEVERE.
    void on_stored(const query::Entry& entry);
    // Clients that are known have been seen so late, though no change told of it.
    void on_seen(const std::vector<query::ClientInfo>& clients);
    // What is due up to this moment happens, in its order, but no more than `most` of it. Whether that is
    // all.
    bool advance(std::int64_t to_ms, std::size_t most = SIZE_MAX);
    // Reads the tags of clients, and which are listed. Those taken off the list are forgotten. For now and
    // then.
    void look_at_clients(std::int64_t now_ms);
    bool watches_silence() const { return !silents_.empty(); }

    std::int64_t time_ms() const { return time_ms_; }
    void start_at(std::int64_t time_ms) { time_ms_ = time_ms; }
    // Nobody could be heard of before: who is silent is silent since then, or later, and so are readings.
    void listen_from(std::int64_t now_ms) { start_ms_ = std::max(start_ms_, now_ms); }
    // It is earlier than all that was evaluated says.
    void set_back(std::int64_t now_ms);

    // alert_state_notes(); if there is no such rule, that they go.
    std::vector<Store::Note> state_notes(const std::string& id, const AlertStateParts& parts) const;
    AlertState state(const std::string& id) const;  // empty if there is no such rule
    // By rule: the parts of its state that have changed since they were asked for last.
    std::map<std::string, AlertStateParts> take_changed();
    void each_firing(const std::function<void(const AlertRule&, const AlertGroup&)>& each) const;
    std::size_t firing() const { return firing_; }
    std::uint64_t groups_left_out() const { return groups_left_out_; }
    std::uint64_t failures() const { return failures_; }  // rows of changes that could not be read

  private:
    struct Ruled {
        AlertRulePtr rule;
        AlertState state;
        std::uint64_t serial = 0;
        bool changed = false;  // the head at least
        AlertStateParts changed_parts;
    };
    struct Seen {
        std::int64_t last_ms = 0;
        bool listed = false;
        std::uint64_t look = 0;    // the last that found it on the list
        std::int64_t told_ms = 0;  // what it said there; 0: not known
    };
    struct Matched {
        std::uint64_t lines = 0;
        LineId id;  // of the sample, the first of them
        std::string sample;
    };
    // SEVERE lines of a row's change: each text with its number, as far as they are remembered, and the
    // others.
    struct Severe {
        struct Text {
            LineId first;
            std::string text;
            std::uint64_t lines = 0;
        };
        void add(const LineId& id, std::string_view line);
        std::unordered_map<std::string, Text> texts;
        Text others;  // the text of the first of them
    };
    // Of whom a group is.
    struct Source {
        explicit Source(const LogRow& row)
            : client(valid_text(row.client, SIZE_MAX)), log(valid_text(row.log, SIZE_MAX)) {}
        explicit Source(const AlertGroup& group) : client(group.client), log(group.log) {}
        std::string client, log;
    };
    using Due = std::tuple<std::int64_t, std::uint64_t, Ruled*, AlertGroup*>;

    bool fits_client(const std::string& glob, const std::string& client) const;
    AlertGroup* group_of(Ruled& ruled, const std::string& key, std::size_t most);
    void forget(Ruled& ruled, AlertGroup& group);
    static void note_change(Ruled& ruled, const AlertGroup& group);
    // Whether the line has counted already, when there was only a half of it. Remembers what may go on.
    bool has_counted(Ruled& ruled, const Line& line);
    void schedule(Ruled& ruled, AlertGroup& group, std::int64_t due_ms);
    void set_firing(AlertGroup& group, bool firing);
    void tell(Ruled& ruled, const AlertGroup& group, bool firing, std::string text);
    bool too_early(const Ruled& ruled) const { return change_ < ruled.state.from; }

    void match_lines(const Change& change, const ChangedRow& changed, const LogRow& row);
    void lines_came(Ruled& ruled, const Matched& matched, const LogRow& row);
    void severe_line(Ruled& ruled, const Line& line, Severe& severe, std::optional<Severe::Text>& half);
    void severe_half_ended(Ruled& ruled, const Line& line);
    void severe_half_came(Ruled& ruled, const Severe::Text& half, const LogRow& row);
    void severe_half_due(Ruled& ruled, AlertGroup& group);
    void severe_came(Ruled& ruled, const Severe& severe, const Source& source);
    void severe_text_came(Ruled& ruled, const std::string& key, const Severe::Text& text,
                          const Source& source);
    bool reads(const AlertRule& rule, const LogRow& row) const;
    void stored_readings(Ruled& ruled, const Line& line);
    void read_readings(const Change& change, const ChangedRow& changed, const LogRow& row);
    void reading_came(Ruled& ruled, const LogRow& row, const std::string& field, double value);
    void client_seen(const std::string& client, std::int64_t time_ms);
    bool is_listed(const std::string& client, bool otherwise) const;
    void note_listed(const std::string& client, Seen& seen);
    void add_client(const std::string& client, std::int64_t last_ms, bool listed);
    void watch(Ruled& ruled, const std::string& client, std::int64_t last_ms);
    void tags_changed();
    std::int64_t silent_after_ms(const AlertRule& rule, const std::string& client) const;
    void client_removed(const std::string& client);

    void lines_due(Ruled& ruled, AlertGroup& group);
    void reading_due(Ruled& ruled, AlertGroup& group);
    void silent_due(Ruled& ruled, AlertGroup& group);
    void severe_due(Ruled& ruled, AlertGroup& group);
    std::int64_t latest_due_ms(const Ruled& ruled, const AlertGroup& group) const;
    static std::int64_t severe_pause_ms(const AlertGroup& group);

    const Store& store_;
    std::int64_t start_ms_;
    const Emit emit_;
    std::map<std::string, std::unique_ptr<Ruled>, std::less<>> rules_;
    std::unordered_map<std::uint64_t, Ruled*> by_serial_;
    std::vector<Ruled*> readings_, silents_;
    query::StandingQueries standing_;
    std::unordered_map<RowId, std::vector<Ruled*>> readings_of_row_;
    std::unordered_map<std::string, Seen> clients_;
    std::unordered_map<std::string, std::string> tags_;
    std::set<Due> dues_;
    std::uint64_t looks_ = 0;
    std::uint64_t last_serial_ = 0;
    std::int64_t time_ms_ = 0;
    ChangeNumber change_ = 0;  // that is being told; 0: none
    ChangeNumber skip_to_ = 0;
    std::size_t firing_ = 0;
    std::uint64_t groups_left_out_ = 0;
    std::uint64_t failures_ = 0;
    query::ReadingFields fields_;
    TellLinesOnce told_lines_;
};

}  // namespace nmstore::server
