#include "tools/progress_line.h"

#include "tests/catch.h"
#include "tools/interruption.h"

namespace nmstore::tools {

TEST_CASE("a bar where the end is known, a count where it is not") {
    CHECK(progress_text({"compacting", 12, 24, "blocks"}, 80) ==
          "[===============               ]  50% compacting 12 of 24 blocks");
    CHECK(progress_text({"reading", 30, 20, "rows"}, 80) ==
          "[==============================] 100% reading 30 of 20 rows");
    CHECK(progress_text({"reading", 7, 0, "rows"}, 80) == "reading 7 rows");
    CHECK(progress_text({"copying", 20 << 20, 40 << 20, "bytes"}, 80).ends_with("20 Mi of 40 Mi bytes"));
    CHECK(progress_text({"compacting", 12, 24, "blocks"}, 10).size() == 10);
}

TEST_CASE("an interruption stops the work, quiet or not") {
    std::FILE* sink = std::tmpfile();
    ProgressLine progress(sink, true);
    CHECK(progress.report({"x", 1, 2, "y"}));
    set_interrupted(true);
    CHECK_FALSE(progress.report({"x", 1, 2, "y"}));
    set_interrupted(false);
    CHECK(std::ftell(sink) == 0);
    std::fclose(sink);
}

}  // namespace nmstore::tools
