#include "tools/ship_batch.h"

#include "ingest/body.h"
#include "tests/catch.h"

namespace nmstore::tools {

TEST_CASE("a batch holds JSON lines, and is full at its limits") {
    ShipBatch batch({3, 100});
    CHECK(batch.empty());
    CHECK(batch.add("/l", "one", 1322029110000));
    CHECK(batch.add("/l", "", std::nullopt));
    CHECK(batch.body() ==
          "{\"_time\":\"2011-11-23T06:18:30.000Z\",\"log\":\"/l\",\"_msg\":\"one\"}\n"
          "{\"log\":\"/l\",\"_msg\":\"\"}\n");
    CHECK(batch.add("/l", std::string("\xff\n\0", 3), std::nullopt));
    CHECK(batch.body().find("\"\\udcff\\n\\u0000\"") != std::string::npos);
    CHECK_FALSE(batch.add("/l", "four", std::nullopt));
    CHECK(batch.lines() == 3);
    batch.clear();
    CHECK(batch.empty());
    CHECK(batch.add("/l", std::string(500, 'x'), std::nullopt));  // longer than a batch: by itself
    CHECK_FALSE(batch.add("/l", "y", std::nullopt));
}

TEST_CASE("what is packed is unpacked by the server's decoder") {
    std::string body;
    for (int i = 0; i < 20000; ++i) body += "line " + std::to_string(i * 7919) + "\n";
    for (const Packing packing : {Packing::none, Packing::gzip, Packing::zstd}) {
        const auto packed = pack(body, packing);
        REQUIRE(packed.ok());
        const auto encoding = ingest::parse_content_encoding(packing_name(packing));
        REQUIRE(encoding.ok());
        const auto unpacked = ingest::decode_body(packed.value(), encoding.value(), body.size());
        REQUIRE(unpacked.ok());
        CHECK(unpacked.value() == body);
        if (packing != Packing::none) CHECK(packed.value().size() < body.size() / 2);
    }
    CHECK(parse_packing("zstd") == Packing::zstd);
    CHECK_FALSE(parse_packing("lz4"));
}

}  // namespace nmstore::tools
