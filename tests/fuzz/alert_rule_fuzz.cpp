// Alert rules: what is taken can be shown, never with its secret, and what is shown can be set again.
#include "server/alert_rule.h"

#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace nmstore::server;
    const std::string text(reinterpret_cast<const char*>(data), size);
    std::optional<std::size_t> column;
    const auto rule = parse_alert_rule("a", text, &column);
    if (!rule.ok()) {
        NM_CHECK(!column || (*column >= 1 && *column <= size + 1));
        return 0;
    }
    const std::string shown = shown_alert_rule(*rule, true);
    const auto again = with_old_secret(shown, &*rule);
    NM_CHECK(again.ok());
    const auto same = parse_alert_rule("a", *again);
    NM_CHECK(same.ok() && same->secret == rule->secret && same->url == rule->url && same->kind == rule->kind);
    return 0;
}
