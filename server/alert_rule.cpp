#include "server/alert_rule.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "query/matcher.h"
#include "query/parse.h"
#include "query/time_text.h"

namespace nmstore::server {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxNameBytes = 1024;
constexpr std::size_t kMaxDescriptionBytes = 1000;
constexpr std::string_view kNoSuchMember = "there is no such member in a rule of this kind";

Error wrong(std::string_view field, std::string_view why) {
    return {Code::invalid_argument, std::string(field) + ": " + std::string(why)};
}

// The members of a rule, taken one by one; what is left over is an error.
class Members {
  public:
    explicit Members(const Json& object, std::string prefix = "") : prefix_(std::move(prefix)) {
        for (const auto& [name, value] : object.items()) left_.emplace_back(name, &value);
    }

    const Json* take(std::string_view name) {
        const auto at =
            std::find_if(left_.begin(), left_.end(), [&](const auto& m) { return m.first == name; });
        if (at == left_.end()) return nullptr;
        const Json* value = at->second;
        left_.erase(at);
        return value;
    }
    Result<void> text(std::string_view name, std::string& out, std::size_t most) {
        const Json* value = take(name);
        if (value == nullptr) return {};
        if (!value->is_string()) return wrong(prefix_ + std::string(name), "expected a string");
        out = value->get<std::string>();
        if (out.size() > most)
            return wrong(prefix_ + std::string(name), "longer than " + std::to_string(most) + " bytes");
        return {};
    }
    Result<void> glob(std::string_view name, std::string& out) {
        NM_TRY(text(name, out, kMaxNameBytes));
        if (out.empty()) return wrong(prefix_ + std::string(name), "expected a name or a glob, got nothing");
        return {};
    }
    Result<bool> duration(std::string_view name, std::int64_t& out, bool may_be_none = false) {
        std::string text_of;
        const bool there = has(name);
        NM_TRY(text(name, text_of, kMaxNameBytes));
        if (!there) return false;
        if (may_be_none && (text_of == "0" || text_of == "0s")) {
            out = 0;
            return true;
        }
        const auto parsed = query::parse_duration_ms(text_of);
        if (!parsed.ok()) return wrong(prefix_ + std::string(name), parsed.error().message);
        if (*parsed > kMaxAlertTimeMs) return wrong(prefix_ + std::string(name), "longer than 30 days");
        out = *parsed;
        return true;
    }
    bool has(std::string_view name) const {
        return std::any_of(left_.begin(), left_.end(), [&](const auto& m) { return m.first == name; });
    }
    Result<void> end() const {
        if (left_.empty()) return {};
        return wrong(prefix_ + left_.front().first, kNoSuchMember);
    }
    // One that is left, and none of these; "": there is none.
    std::string other_than(std::initializer_list<std::string_view> names) const {
        for (const auto& [name, value] : left_) {
            if (std::find(names.begin(), names.end(), name) == names.end()) return prefix_ + name;
        }
        return "";
    }

  private:
    std::vector<std::pair<std::string, const Json*>> left_;
    const std::string prefix_;
};

// So that a misspelt member is named, rather than the one that is missing for it.
Result<void> known(const Members& members, std::initializer_list<std::string_view> names) {
    const std::string unknown = members.other_than(names);
    return unknown.empty() ? Result<void>() : wrong(unknown, kNoSuchMember);
}

Result<void> read_lines(Members& members, AlertRule& rule) {
    NM_TRY(known(members, {"query", "count", "within", "by"}));
    if (!members.has("query")) return wrong("query", "a rule for lines needs one");
    NM_TRY(members.text("query", rule.query, kMaxAlertRuleBytes));
    auto parsed = query::parse(rule.query);
    if (!parsed.ok()) return Error{Code::invalid_argument, "query: " + parsed.error().message};
    if (const auto compiled = query::compile(*parsed->filter); !compiled.ok())
        return Error{Code::invalid_argument, "query: " + compiled.error().message};
    rule.filter = std::shared_ptr<const query::Filter>(std::move(parsed->filter));
    if (const Json* count = members.take("count")) {
        if (!count->is_number_unsigned() || count->get<std::uint64_t>() == 0 ||
            count->get<std::uint64_t>() > kMaxAlertCount)
            return wrong("count", "expected a whole number from 1 to " + std::to_string(kMaxAlertCount));
        rule.count = count->get<std::uint64_t>();
    }
    NM_TRY(members.duration("within", rule.within_ms));
    std::string by;
    NM_TRY(members.text("by", by, kMaxNameBytes));
    if (by == "client") rule.by = AlertGrouping::client;
    if (by == "log") rule.by = AlertGrouping::log;
    if (!by.empty() && rule.by == AlertGrouping::none) return wrong("by", "expected \"client\" or \"log\"");
    return {};
}

Result<void> read_reading(Members& members, AlertRule& rule) {
    NM_TRY(
        known(members, {"client", "plugin", "field", "above", "below", "for", "clear_for", "stale_after"}));
    if (!members.has("plugin")) return wrong("plugin", "a rule for readings needs one");
    NM_TRY(members.glob("client", rule.client));
    NM_TRY(members.glob("plugin", rule.plugin));
    NM_TRY(members.glob("field", rule.field));
    const Json* above = members.take("above");
    const Json* below = members.take("below");
    if ((above == nullptr) == (below == nullptr)) return wrong("above", "expected either above or below");
    rule.above = above != nullptr;
    const Json& limit = rule.above ? *above : *below;
    if (!limit.is_number()) return wrong(rule.above ? "above" : "below", "expected a number");
    rule.limit = limit.get<double>();
    if (!std::isfinite(rule.limit)) return wrong(rule.above ? "above" : "below", "too great");
    NM_TRY(members.duration("for", rule.for_ms, true));
    rule.clear_ms = rule.for_ms;
    NM_TRY(members.duration("clear_for", rule.clear_ms, true));
    rule.stale_ms = std::max(rule.stale_ms, 2 * std::max(rule.for_ms, rule.clear_ms));
    NM_TRY(members.duration("stale_after", rule.stale_ms));
    return {};
}

Result<void> read_silent(Members& members, AlertRule& rule) {
    NM_TRY(known(members, {"client", "after", "overrides"}));
    NM_TRY(members.glob("client", rule.client));
    NM_TRY(members.duration("after", rule.after_ms));
    const Json* overrides = members.take("overrides");
    if (overrides == nullptr) return {};
    if (!overrides->is_array() || overrides->size() > kMaxAlertOverrides)
        return wrong("overrides", "expected at most " + std::to_string(kMaxAlertOverrides) + " objects");
    for (const Json& each : *overrides) {
        if (!each.is_object()) return wrong("overrides", "expected objects");
        Members own(each, "overrides.");
        std::pair<std::string, std::int64_t> one;
        NM_TRY(own.glob("client", one.first));
        NM_ASSIGN(const bool there, own.duration("after", one.second));
        if (!there) return wrong("overrides.after", "it is needed");
        NM_TRY(own.end());
        rule.overrides.push_back(std::move(one));
    }
    return {};
}

Result<void> read_webhook(Members& members, AlertRule& rule) {
    const Json* webhook = members.take("webhook");
    if (webhook == nullptr || webhook->is_null()) return {};
    if (!webhook->is_object()) return wrong("webhook", "expected an object");
    Members own(*webhook, "webhook.");
    NM_TRY(own.text("url", rule.url, kMaxWebhookUrlBytes));
    NM_TRY(own.text("secret", rule.secret, kMaxWebhookSecretBytes));
    NM_TRY(own.end());
    const std::string_view origin = origin_of_url(rule.url);
    if (origin.empty()) return wrong("webhook.url", "expected http://HOST or https://HOST");
    if (origin.find('@') != std::string_view::npos)
        return wrong("webhook.url", "it must not hold a user or a password");
    const auto bad = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; };
    if (std::any_of(rule.url.begin(), rule.url.end(), bad)) return wrong("webhook.url", "it has blanks");
    if (rule.secret == kHiddenSecret) return wrong("webhook.secret", "there is none yet that could be kept");
    return {};
}

Result<void> read_members(const Json& object, AlertRule& rule) {
    Members members(object);
    std::string kind = rule.id == kSevereRule ? std::string(kSevereRule) : std::string();
    NM_TRY(members.text("kind", kind, kMaxNameBytes));
    if ((kind == kSevereRule) != (rule.id == kSevereRule))
        return wrong("kind", "\"severe\" is the kind of the rule \"severe\", and of no other");
    std::string id = rule.id;
    NM_TRY(members.text("id", id, kMaxNameBytes));
    if (id != rule.id) return wrong("id", "it is not the one in the path");
    std::string description;
    NM_TRY(members.text("description", description, kMaxDescriptionBytes));
    if (const Json* enabled = members.take("enabled")) {
        if (!enabled->is_boolean()) return wrong("enabled", "expected true or false");
        rule.enabled = enabled->get<bool>();
    }
    NM_TRY(read_webhook(members, rule));
    if (kind == "lines") {
        NM_TRY(read_lines(members, rule));
    } else if (kind == "reading") {
        rule.kind = AlertKind::reading;
        NM_TRY(read_reading(members, rule));
    } else if (kind == "silent") {
        rule.kind = AlertKind::silent;
        NM_TRY(read_silent(members, rule));
    } else if (kind == kSevereRule) {
        rule.kind = AlertKind::severe;
    } else {
        return wrong("kind", "expected \"lines\", \"reading\" or \"silent\"");
    }
    return members.end();
}

// Characters up to a byte, from 1.
std::size_t column_of(std::string_view text, std::size_t byte) {
    const std::string_view before = text.substr(0, std::min(byte, text.size()));
    return 1 + static_cast<std::size_t>(std::count_if(before.begin(), before.end(), [](char c) {
               return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
           }));
}

// Where the member stands that an error names first.
std::optional<std::size_t> column_of_member(std::string_view text, std::string_view message) {
    std::string_view name = message.substr(0, message.find(':'));
    if (const std::size_t dot = name.rfind('.'); dot != std::string_view::npos) name.remove_prefix(dot + 1);
    const std::size_t at = text.find('"' + std::string(name) + '"');
    if (at == std::string_view::npos) return std::nullopt;
    return column_of(text, at);
}

Result<Json> read_object(std::string_view text, std::optional<std::size_t>* column) {
    if (text.size() > kMaxAlertRuleBytes) {
        return Error{Code::too_large,
                     "a rule has at most " + std::to_string(kMaxAlertRuleBytes) + " bytes of JSON"};
    }
    std::vector<std::set<std::string>> names;  // of the objects that are open
    std::string twice;
    const auto look = [&](int, Json::parse_event_t event, const Json& name) {
        if (event == Json::parse_event_t::object_start) names.emplace_back();
        if (event == Json::parse_event_t::object_end) names.pop_back();
        if (event == Json::parse_event_t::key && !names.back().insert(name.get<std::string>()).second)
            twice = name.get<std::string>();
        return true;
    };
    try {
        Json object = Json::parse(text, look);
        if (!twice.empty()) {
            const std::size_t at = text.rfind(Json(twice).dump());
            if (column != nullptr && at != std::string_view::npos) *column = column_of(text, at);
            return wrong(twice, "it is there twice");
        }
        if (object.is_object()) return object;
    } catch (const Json::parse_error& error) {
        const std::size_t byte = error.byte == 0 ? 0 : error.byte - 1;
        if (column != nullptr) *column = column_of(text, byte);
        return Error{Code::invalid_argument,
                     "the rule is not JSON: something is wrong at byte " + std::to_string(byte + 1)};
    } catch (const Json::exception&) {  // a number that is too great
    }
    return Error{Code::invalid_argument, "a rule is a JSON object"};
}

}  // namespace

std::string_view alert_kind_name(AlertKind kind) {
    switch (kind) {
        case AlertKind::lines:
            return "lines";
        case AlertKind::reading:
            return "reading";
        case AlertKind::silent:
            return "silent";
        case AlertKind::severe:
            break;
    }
    return kSevereRule;
}

std::shared_ptr<const query::Filter> severe_filter() {
    auto logs = std::make_unique<query::Filter>();
    logs->kind = query::FilterKind::source;
    logs->source = query::Source::kind;
    logs->text = row_kind_name(RowKind::logs);
    auto word = std::make_unique<query::Filter>();
    word->kind = query::FilterKind::word;
    word->text = "severe";
    auto both = std::make_shared<query::Filter>();
    both->kind = query::FilterKind::both;
    both->children.push_back(std::move(logs));
    both->children.push_back(std::move(word));
    return both;
}

std::string_view origin_of_url(std::string_view url) {
    const std::size_t host = url.starts_with("http://") ? 7 : url.starts_with("https://") ? 8 : 0;
    if (host == 0) return {};
    const std::size_t end = std::min(url.find_first_of("/?#\\", host), url.size());
    return end == host ? std::string_view() : url.substr(0, end);
}

Result<void> check_alert_rule_id(std::string_view id) {
    const bool good =
        !id.empty() && id.size() <= kMaxAlertRuleIdBytes && std::all_of(id.begin(), id.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                   c == '-' || c == '.';
        });
    if (good) return {};
    return wrong("id", "expected 1 to 64 letters, digits, '_', '-' or '.'");
}

Result<AlertRule> parse_alert_rule(std::string_view id, std::string_view text,
                                   std::optional<std::size_t>* column) {
    NM_TRY(check_alert_rule_id(id));
    NM_ASSIGN(const Json object, read_object(text, column));
    AlertRule rule;
    rule.id = id;
    rule.text = text;
    const Result<void> read = read_members(object, rule);
    if (!read.ok() && column != nullptr) *column = column_of_member(text, read.error().message);
    NM_TRY(read);
    return rule;
}

Result<std::string> with_old_secret(std::string_view text, const AlertRule* old) {
    NM_ASSIGN(Json object, read_object(text, nullptr));
    if (old == nullptr || !object.contains("webhook") || !object["webhook"].is_object())
        return std::string(text);
    Json& webhook = object["webhook"];
    if (!webhook.contains("secret") || webhook["secret"] != kHiddenSecret) return std::string(text);
    if (!webhook.contains("url") || !webhook["url"].is_string() ||
        origin_of_url(webhook["url"].get<std::string>()) != origin_of_url(old->url) || old->secret.empty())
        return wrong("webhook.secret",
                     "give it anew: the one that is kept is for another URL, or there is none");
    webhook["secret"] = old->secret;
    return object.dump();
}

std::string shown_alert_rule(const AlertRule& rule, bool whole_url) {
    Json object = Json::object();
    object["id"] = rule.id;
    object["kind"] = alert_kind_name(rule.kind);
    object["enabled"] = rule.enabled;
    if (!rule.text.empty()) object.update(Json::parse(rule.text, nullptr, false));
    if (!rule.url.empty()) {
        Json& webhook = object["webhook"];
        if (!whole_url)
            webhook["url"] = std::string(origin_of_url(rule.url)) + "/" + std::string(kHiddenSecret);
        if (!rule.secret.empty()) webhook["secret"] = kHiddenSecret;
    }
    return object.dump();
}

}  // namespace nmstore::server
