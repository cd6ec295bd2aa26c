// Alerts on a real store, with a clock of the test's own and without a follower's thread.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "server/alerts.h"
#include "tests/server/hub.h"

namespace nmstore::testing {

class AlertCase {
  public:
    explicit AlertCase(query::Limits limits = server::Alerts::kCatchUp) : catch_up(limits) { open(); }

    void open() {
        alerts.reset();
        const auto post = [](const server::WebhookRequest&, const std::atomic<bool>&) -> Result<int> {
            return 204;
        };
        auto opened = server::Alerts::open(hub.store(), hub.clock, hub.metrics, post, catch_up);
        REQUIRE(opened.ok());
        alerts = std::move(*opened);
        hub.context.alerts = alerts.get();
        next = *alerts->wants_from();
    }
    // The changes that there are now are gone before they were told.
    void miss() {
        const ChangeNumber from = std::exchange(next, hub.store().changes().end);
        alerts->missed(from, next);
    }
    void set(const std::string& id, const std::string& rule) {
        const auto done = alerts->set_rule(id, rule);
        INFO((done.ok() ? "" : done.error().message));
        REQUIRE(done.ok());
    }
    // At the time of the clock, as agents post what they have read of a log: it may end anywhere.
    void piece(const std::string& client, const std::string& text) {
        put(RowKind::logs, client, "l",
            nlohmann::json{{"date", std::int64_t{hub.clock.now}}, {"returned", text}}.dump());
    }
    void reading(const std::string& client, const std::string& plugin, const std::string& value) {
        put(RowKind::plugins, client, plugin, value);
    }
    void put(RowKind kind, const std::string& client, const std::string& name, const std::string& value) {
        const auto batch = hub.store().begin_cells(kTimeFamily);
        REQUIRE(batch.ok());
        DayRow row;
        row.client = client;
        row.kind = kind;
        row.name = name;
        row.day = day_of(hub.clock.now);
        REQUIRE((*batch)->put(format_day_row(row), std::to_string(hub.clock.now), value).ok());
        REQUIRE((*batch)->commit().ok());
    }
    void lines(const std::string& client, const std::vector<std::string>& texts) {
        auto batch = hub.store().begin_lines();
        for (const std::string& text : texts) {
            NewLine line;
            line.client = client;
            line.log = "x";
            line.time_ms = hub.clock.now;
            line.text = text;
            REQUIRE(batch->append(line).ok());
        }
        REQUIRE(batch->commit().ok());
    }
    // All changes that there are, and then the time of the clock, as far as it is taken for settled.
    void follow() {
        const auto changes = hub.store().read_changes(next, SIZE_MAX);
        REQUIRE(changes.ok());
        for (const Change& change : *changes) {
            for (const ChangedRow& changed : change.rows) {
                const auto row = hub.store().log_row(changed.row);
                REQUIRE((row.ok() && *row));
                alerts->on_row(change, changed, **row);
            }
            alerts->on_end(change);
            next = change.number + 1;
        }
        alerts->on_rest(next);
    }
    void restart() {
        alerts->stop();
        open();
    }
    void pass(std::int64_t ms) {
        hub.clock.now += ms;
        follow();
    }
    nlohmann::json test(const std::string& id, const std::string& parameters = "") {
        const Answer answer = hub.post("/api/v1/alerts/rules/" + id + "/test" + parameters);
        INFO(answer.body);
        REQUIRE(answer.status == 200);
        return nlohmann::json::parse(answer.body);
    }
    // "rule state client count" of the cells of the day, in their order.
    std::vector<std::string> written() {
        std::vector<std::string> out;
        const auto slice = hub.store().slice(kTimeFamily, "alerts:2011:10:21", {});
        REQUIRE(slice.ok());
        for (const Cell& cell : slice->cells) {
            const auto alert = nlohmann::json::parse(cell.value);
            out.push_back(alert["rule"].get<std::string>() + " " + alert["state"].get<std::string>() + " " +
                          alert.value("client", "-") + " " + std::to_string(alert.value("count", 0)));
        }
        return out;
    }

    Hub hub;
    query::Limits catch_up = server::Alerts::kCatchUp;
    std::unique_ptr<server::Alerts> alerts;
    ChangeNumber next = 0;
};

}  // namespace nmstore::testing
