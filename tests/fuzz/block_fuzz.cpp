// Lines of any bytes come back from a block as they went in, with every word in its filter; and no bytes that
// only look like a block do harm.
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "engine/block/block.h"
#include "engine/block/section.h"
#include "nmstore/words.h"

using namespace nmstore;
using namespace nmstore::block;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

void read_whatever_it_is(std::string_view bytes) {
    auto opened = open_block(bytes);
    if (!opened.ok()) return;
    (void)(*opened)->extras();
    (void)(*opened)->may_have(1);
    for (std::size_t i = 0; i < (*opened)->lines(); ++i) {
        if (!(*opened)->line(i).ok()) return;
    }
}

// One line for each '\n'; what stands behind a tab are its fields; each line's length moves the time on.
std::vector<BlockLine> lines_of(std::string_view text) {
    std::vector<BlockLine> lines;
    std::int64_t time = 0;
    while (!text.empty() && lines.size() < 2000) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view whole = text.substr(0, end);
        const std::size_t tab = std::min(whole.find('\t'), whole.size());
        time += static_cast<std::int64_t>(whole.size() * whole.size());
        lines.push_back({time, lines.size(), static_cast<std::uint32_t>(end % 3), whole.substr(0, tab),
                         whole.substr(std::min(tab + 1, whole.size()))});
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

bool may_have(BlockReader& reader, std::string_view word) {
    bool found = reader.may_have(word_key(word, kDirectoryWords)).value();
    for (std::size_t group = 0; group < reader.groups() && !found; ++group) {
        found = reader.may_have(word_key(word, group_words(group))).value();
    }
    return found;
}

void write_and_read(std::string_view text) {
    const auto lines = lines_of(text);
    if (lines.empty()) return;
    BlockWriter writer;
    for (const auto& line : lines) writer.add(line);
    const auto block = writer.finish(text, kFastLevel);
    require(block.ok());
    auto opened = open_block(*block);
    require(opened.ok());
    BlockReader& reader = **opened;
    require(reader.may_have(0).ok() && reader.lines() == lines.size() && reader.extras().value() == text);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto line = reader.line(i);
        require(line.ok() && line->text == lines[i].text && line->fields == lines[i].fields);
        require(line->time_ms == lines[i].time_ms && line->sequence == lines[i].sequence &&
                line->line == lines[i].line);
        WordScanner words(lines[i].text);
        for (WordAt word; words.next(word);) {
            require(may_have(reader, lines[i].text.substr(word.begin, word.end - word.begin)));
        }
    }
}

// A real block with bytes changed before they are compressed: the checksums are right, what they cover is
// not.
void damage_sections(const std::uint8_t* where, std::string_view text) {
    BlockWriter writer;
    for (const auto& line : lines_of(text)) writer.add(line);
    if (writer.lines() == 0) return;
    const std::string block = writer.finish({}, kFastLevel).value();
    SectionReader reader = SectionReader::open(block).value();
    std::vector<std::string> sections;
    for (std::size_t i = 0; i < reader.size(); ++i) sections.push_back(reader.read(i).value());
    for (std::size_t i = 0; i < 4; ++i) {
        std::string& section = sections[where[i] % sections.size()];
        if (!section.empty())
            section[(where[i] * 257U + i) % section.size()] ^= static_cast<char>(where[i + 4]);
    }
    read_whatever_it_is(write_sections(sections, kFastLevel).value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    read_whatever_it_is(bytes);
    write_and_read(bytes);
    if (size > 8) damage_sections(data, bytes.substr(8));
    return 0;
}
