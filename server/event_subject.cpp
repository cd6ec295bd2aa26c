#include "server/event_subject.h"

#include <algorithm>

#include "nmstore/posted_form.h"
#include "query/entry.h"
#include "query/matcher.h"
#include "server/api_answer.h"
#include "server/json_writer.h"

namespace nmstore::server {
namespace {

EventId id_of_line(const Change& change, std::size_t part, const LineId& line) {
    return {change.number, static_cast<std::uint32_t>(part), line.time_ms, line.sequence, line.line};
}
EventId id_of_value(const Change& change, std::size_t at) {
    return {change.number, static_cast<std::uint32_t>(EventId::kValues + at)};
}

// {"event":"…" and what `more` adds.
template <class More>
EventPtr make_event(const EventId& id, const More& more) {
    auto event = std::make_shared<Event>();
    event->id = id;
    event->id_text = format_event_id(id);
    JsonWriter json(event->json);
    json.begin_object().member("event", event->id_text);
    more(json);
    json.end_object();
    return event;
}

std::string as_posted(const Line& line) {
    return posted_form(line.id.time_ms, std::string(line.text) + '\n');
}

// Calls each(line) for the appended lines of a change's row; those of posted cells are told by their values.
Result<void> each_appended(const Store& store, const Change& change, std::size_t part, const LogRow& row,
                           const query::LineWindow& window, const std::function<void(const Line&)>& each) {
    ChangedRow appended = change.rows[part];
    appended.cells_ms.clear();
    return query::each_changed_line(store, change, appended, row, window, each);
}

// As channels name rows.
std::string channel_key(std::string_view row) {
    std::string out(row);
    std::replace(out.begin(), out.end(), '/', '_');
    return out;
}

class Tail final : public EventSubject {
  public:
    explicit Tail(query::Query query)
        : query_(std::move(query)), key_("tail " + query::to_text(*query_.filter)) {}

    const std::string& key() const override { return key_; }
    const query::Filter* filter() const override { return query_.filter.get(); }
    EventPtr of_line(const Change& change, std::size_t part, const Line& line) const override {
        return make_event(id_of_line(change, part, line.id), [&](JsonWriter& json) {
            write_entry_members(json, query::make_entry(line));
            if (line.half) json.key("partial").boolean(true);
        });
    }

  private:
    const query::Query query_;
    const std::string key_;
};

class Channel final : public EventSubject {
  public:
    Channel(std::string_view token, std::string_view family, std::string_view row)
        : family_(family),
          row_(channel_key(row)),
          is_glob_(row_.find_first_of("*?") != std::string::npos),
          key_("channel " + std::string(token) + "/" + family_ + "/" + row_),
          rows_(rows_of(family_, row_)) {}

    const std::string& key() const override { return key_; }
    const std::string* rows() const override { return rows_.empty() ? nullptr : &rows_; }

    Result<void> of_row(const Store& store, const Change& change, std::size_t part, const LogRow& row,
                        const query::LineWindow& window, const EachEvent& each) const override {
        if (!is_of(row.family, row.key)) return {};
        return each_appended(store, change, part, row, window, [&](const Line& line) {
            each(make_event(id_of_line(change, part, line.id), [&](JsonWriter& json) {
                json.member("rowkey", row.key).member("columnname", std::to_string(line.id.time_ms));
                json.member("columnvalue", as_posted(line)).member("line", line.text);
                if (!line.fields.empty()) json.key("fields").json(line.fields);
            }));
        });
    }

    void of_value(const Change& change, std::size_t at, const EachEvent& each) const override {
        const ToldValue& value = change.values[at];
        if (!is_of(value.family, value.row)) return;
        each(make_event(id_of_value(change, at), [&](JsonWriter& json) {
            json.member("rowkey", value.row).member("columnname", value.column);
            json.member("columnvalue", value.value);
        }));
    }

  private:
    static std::string rows_of(std::string_view family, std::string_view row) {
        const std::size_t glob = row.find_first_of("*?");
        if (glob == std::string_view::npos) return channel_row(family, row);
        return row.find(':') < glob ? channel_client(family, row) : std::string();
    }
    bool is_of(std::string_view family, std::string_view row) const {
        if (family != family_) return false;
        const std::string key = channel_key(row);
        return is_glob_ ? query::glob_matches(row_, key) : key == row_;
    }

    const std::string family_, row_;
    const bool is_glob_;
    const std::string key_;
    const std::string rows_;
};

class Messages final : public EventSubject {
  public:
    const std::string& key() const override { return key_; }

    Result<void> of_row(const Store& store, const Change& change, std::size_t part, const LogRow& row,
                        const query::LineWindow& window, const EachEvent& each) const override {
        if (row.kind == RowKind::other) return {};
        for (const std::int64_t time_ms : change.rows[part].cells_ms) {
            const LineId id{time_ms, row.id, 0, 0};
            if (!window.has(id)) continue;
            NM_ASSIGN(const auto cell, store.get(row.family, row.key, std::to_string(time_ms)));
            if (!cell) continue;
            each(message(id_of_line(change, part, id), row, time_ms, cell->value));
        }
        return each_appended(store, change, part, row, window, [&](const Line& line) {
            each(message(id_of_line(change, part, line.id), row, line.id.time_ms, as_posted(line)));
        });
    }

  private:
    static EventPtr message(const EventId& id, const LogRow& row, std::int64_t time_ms,
                            std::string_view data) {
        return make_event(id, [&](JsonWriter& json) {
            json.member("name", row.kind == RowKind::alerts ? "alerts" : row.log).member("key", row.key);
            json.key("date").integer(time_ms).member("data", data).member("origin", row.client);
        });
    }

    const std::string key_ = "messages";
};

}  // namespace

EventSubjectPtr new_tail(query::Query query) {
    return std::make_shared<Tail>(std::move(query));
}
EventSubjectPtr new_channel(std::string_view token, std::string_view family, std::string_view row) {
    return std::make_shared<Channel>(token, family, row);
}
std::string channel_row(std::string_view family, std::string_view row) {
    return std::string(family) + '\0' + channel_key(row);
}
std::string channel_client(std::string_view family, std::string_view row) {
    const std::size_t end = row.find(':');
    if (end == std::string_view::npos) return "";
    return std::string(family) + '\1' + channel_key(row.substr(0, end));
}
EventSubjectPtr new_messages() {
    return std::make_shared<Messages>();
}

Result<void> EventMaker::open() {
    if (subject_->filter() == nullptr) return {};
    return standing_.add(1, *subject_->filter(), tags_.names());
}

namespace {

// The first events behind a place, whatever order they come in.
class FirstEvents {
  public:
    FirstEvents(const EventId& after, std::size_t most_bytes) : after_(after), most_bytes_(most_bytes) {}

    // Whether an event of this id is among them, as far as is known; false: neither is any behind it.
    bool wants(const EventId& id) {
        if (cut_) return id < last_;
        if (bytes_ < most_bytes_ || id < last_) return true;
        cut_ = true;
        return false;
    }
    void add(EventPtr event) {
        if (event->id <= after_ || !wants(event->id)) return;
        bytes_ += bytes_of(*event);
        last_ = std::max(last_, event->id);
        events_.push_back(std::move(event));
        if (bytes_ > 2 * most_bytes_ && events_.size() > 1) cut();
    }
    // In order; false: others may come behind them.
    bool take(std::vector<EventPtr>& out) {
        sort();
        if (bytes_ > most_bytes_) cut();
        std::move(events_.begin(), events_.end(), std::back_inserter(out));
        return !cut_;
    }

  private:
    void sort() {
        std::sort(events_.begin(), events_.end(),
                  [](const EventPtr& a, const EventPtr& b) { return a->id < b->id; });
    }
    void cut() {
        sort();
        std::size_t kept = 0;
        for (bytes_ = 0; kept < events_.size() && bytes_ < most_bytes_; ++kept)
            bytes_ += bytes_of(*events_[kept]);
        if (kept == events_.size()) return;
        cut_ = true;
        events_.resize(kept);
        last_ = events_.back()->id;
    }

    const EventId after_;
    const std::size_t most_bytes_;
    std::vector<EventPtr> events_;
    std::size_t bytes_ = 0;
    bool cut_ = false;
    EventId last_;  // of those that are kept
};

}  // namespace

std::size_t bytes_of(const Event& event) {
    constexpr std::size_t kBesidesTexts = 200;
    return event.json.size() + event.id_text.size() + kBesidesTexts;
}

Result<bool> EventMaker::events(const Change& change, const EventId& after, std::size_t most_bytes,
                                std::vector<EventPtr>& out) {
    FirstEvents first(after, most_bytes);
    const EachEvent add = [&](EventPtr event) { first.add(std::move(event)); };
    const bool begun = after.change == change.number;
    for (std::size_t part = begun ? after.part : 0; part < change.rows.size(); ++part) {
        if (!first.wants({change.number, static_cast<std::uint32_t>(part)})) return first.take(out);
        NM_ASSIGN(const std::optional<LogRow> row, store_.log_row(change.rows[part].row));
        if (!row) continue;
        query::LineWindow window;
        if (begun && part == after.part) window.after = {after.time_ms, row->id, after.sequence, after.line};
        window.wants = [&](const LineId& line) { return first.wants(id_of_line(change, part, line)); };
        if (subject_->filter() == nullptr) {
            NM_TRY(subject_->of_row(store_, change, part, *row, window, add));
            continue;
        }
        if (tags_.have_changed(row->client)) standing_.forget_rows();
        const auto match = [&](auto, const Line& line) { add(subject_->of_line(change, part, line)); };
        NM_TRY(standing_.match_changed(store_, change, change.rows[part], *row, match, window));
    }
    const bool in_values = begun && after.part >= EventId::kValues;
    for (std::size_t at = in_values ? after.part - EventId::kValues : 0; at < change.values.size(); ++at) {
        if (!first.wants(id_of_value(change, at))) break;
        subject_->of_value(change, at, add);
    }
    return first.take(out);
}

}  // namespace nmstore::server
