// Messages of agents: however their bytes are cut, the same messages come out.
#include "ingest/agent_messages.h"

#include <cstdint>

#include "nmstore/result.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace nmstore::ingest;
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    AgentMessageReader whole(256);
    std::vector<AgentMessage> expected;
    whole.feed(bytes, expected);
    AgentMessageReader cut(256);
    std::vector<AgentMessage> messages;
    const std::size_t step = data[0] % 16U + 1;
    for (std::size_t at = 0; at < bytes.size(); at += step) cut.feed(bytes.substr(at, step), messages);
    NM_CHECK(messages == expected);
    NM_CHECK(cut.malformed() == whole.malformed() && cut.too_large() == whole.too_large());
    return 0;
}
