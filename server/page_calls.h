// The calls of the old page's socket, by the file that has them; page_request.cpp is their table. Each gives
// the JSON text that stands as "data" in the answer.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "server/page_request.h"

namespace nmstore::server::page {

using Json = nlohmann::json;

struct Ask {
    Context& context;
    const Principal& asker;
    const std::function<bool()>& gone;
    const Json& message;
    std::size_t limit;   // of cells
    bool limited;        // by the asker
    std::string next{};  // if set by the call: JSON text, the subRequest that goes on behind this answer

    const Json& member(const char* name) const;  // null where it is not there
    // A text or a whole number that is not empty; invalid_argument says what was `expected`.
    Result<std::string> text(const char* name, std::string_view expected) const;
    std::optional<std::string> text_or_none(const char* name) const;
};

using Call = Result<std::string> (*)(Ask& ask);

// page_rows.cpp: index rows
Result<std::string> servers(Ask& ask);
Result<std::string> users(Ask& ask);
Result<std::string> clients(Ask& ask);
Result<std::string> instances(Ask& ask);
Result<std::string> logs(Ask& ask);
Result<std::string> plugins(Ask& ask);
Result<std::string> tags(Ask& ask);
Result<std::string> external(Ask& ask);
Result<std::string> config(Ask& ask);
Result<std::string> remove_client(Ask& ask);
Result<std::string> remove_log(Ask& ask);
Result<std::string> remove_plugin(Ask& ask);
Result<std::string> set_tag(Ask& ask);
Result<std::string> remove_tag(Ask& ask);
Result<std::string> set_instance(Ask& ask);
Result<std::string> remove_instance(Ask& ask);
Result<std::string> set_config(Ask& ask);
Result<std::string> remove_config(Ask& ask);

// page_days.cpp: day rows and tables
Result<std::string> log_live(Ask& ask);
Result<std::string> log_history(Ask& ask);
Result<std::string> plugin_live(Ask& ask);
Result<std::string> plugin_history(Ask& ask);
Result<std::string> alerts_live(Ask& ask);
Result<std::string> alerts_history(Ask& ask);
Result<std::string> tables(Ask& ask);
Result<std::string> declare_table(Ask& ask);
Result<std::string> run_job(Ask& ask);

// A row as {"column":"value",…} from the subRequest on, which is a column then.
Result<std::string> row_text(const Ask& ask, std::string_view family, std::string_view row);

}  // namespace nmstore::server::page
