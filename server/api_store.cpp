// GET /families and /stats: what the store holds, in short.
#include "server/api_calls.h"
#include "server/parameters.h"

namespace nmstore::server::api {
namespace {

void write_family(JsonWriter& json, const FamilyInfo& family) {
    json.begin_object().member("name", family.name);
    json.member("comparator", value_type_name(family.comparator));
    json.key("time_family").boolean(family.is_time_family()).key("columns").begin_array();
    for (const ColumnInfo& column : family.columns) {
        json.begin_object().member("name", column.name).member("type", value_type_name(column.type));
        json.key("indexed").boolean(column.indexed).end_object();
    }
    json.end_array().end_object();
}

}  // namespace

Result<Response> families(Context& context, Request& request) {
    NM_TRY(Parameters::read(request, {}));
    Response response;
    JsonWriter json(response.body);
    json.begin_object().key("families").begin_array();
    for (const FamilyInfo& family : context.store.families()) write_family(json, family);
    json.end_array().end_object();
    return response;
}

Result<Response> stats(Context& context, Request& request) {
    NM_TRY(Parameters::read(request, {}));
    const StoreStats stats = context.store.stats();
    Response response;
    JsonWriter json(response.body);
    json.begin_object().member("version", NM_VERSION).key("time").integer(context.clock.now_ms());
    const std::pair<std::string_view, std::uint64_t> numbers[] = {
        {"disk_bytes", stats.disk_bytes},
        {"log_bytes", stats.log_bytes},
        {"memory_bytes", stats.memory_bytes},
        {"rows", stats.rows},
        {"cells_written", stats.cells_written},
        {"lines_written", stats.lines_written},
        {"lines_cut", stats.lines_cut},
        {"counter_steps", stats.counter_steps},
        {"commits", stats.commits},
        {"syncs", stats.syncs},
        {"commits_repeated", stats.commits_repeated},
        {"expired_dropped", stats.expired_dropped},
        {"blocks", stats.blocks},
        {"block_lines", stats.block_lines},
        {"block_text_bytes", stats.block_text_bytes},
        {"block_bytes", stats.block_stored_bytes},
        {"block_cache_bytes", stats.block_cache_bytes},
        {"block_cache_limit", stats.block_cache_limit},
        {"block_cache_filters", stats.block_cache_filters},
        {"block_cache_directories", stats.block_cache_directories},
        {"block_cache_sections", stats.block_cache_sections},
        {"block_cache_hits", stats.block_cache_hits},
        {"block_cache_misses", stats.block_cache_misses},
        {"block_cache_section_hits", stats.block_cache_section_hits},
        {"block_cache_section_misses", stats.block_cache_section_misses},
        {"block_cache_evictions", stats.block_cache_evictions},
        {"index_segments", stats.index_segments},
        {"index_blocks", stats.index_blocks},
        {"index_postings", stats.index_postings},
        {"index_bytes", stats.index_bytes},
        {"index_lookups", stats.index_lookups},
        {"index_failures", stats.index_failures},
        {"fresh_rows", stats.fresh_rows},
        {"fresh_lines", stats.fresh_lines},
        {"fresh_bytes", stats.fresh_bytes},
        {"blocks_sealed", stats.blocks_sealed},
        {"blocks_merged", stats.blocks_merged},
        {"sealing_failures", stats.sealing_failures},
        {"damaged_filters", stats.damaged_filters},
        {"damage_seen", stats.damage_seen},
        {"rows_dropped_by_age", stats.rows_dropped_by_age},
        {"rows_dropped_by_bytes", stats.rows_dropped_by_bytes},
        {"bytes_dropped", stats.bytes_dropped},
        {"files_dropped", stats.files_dropped},
        {"expired_blocks_dropped", stats.expired_blocks_dropped},
        {"expired_blocks_rewritten", stats.expired_blocks_rewritten},
        {"rows_compacted", stats.rows_compacted},
        {"blocks_compacted", stats.blocks_compacted},
        {"upkeep_failures", stats.upkeep_failures},
        {"disk_free_bytes", stats.disk_free_bytes},
        {"ballast_bytes", stats.ballast_bytes},
        {"ballast_given_up", stats.ballast_given_up},
    };
    for (const auto& [name, number] : numbers) json.key(name).natural(number);
    json.key("writable").boolean(stats.writable).member_or_null("why_not_writable", stats.why_not_writable);
    json.member_or_null("last_sealing_error", stats.last_sealing_error);
    json.end_object();
    return response;
}

}  // namespace nmstore::server::api
