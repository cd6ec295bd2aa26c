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
    (void)(*opened)->may_have_word("1");
    (void)rebuild_filter(**opened, kFastLevel);
    for (std::size_t i = 0; i < (*opened)->columns(); ++i) {
        if ((*opened)->summary(i).number) (void)(*opened)->column_numbers(i);
    }
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

// Numbers are those of the texts, and every value is as the summary says.
void check_columns(BlockReader& reader) {
    for (std::size_t i = 0; i < reader.columns(); ++i) {
        const ColumnSummary& summary = reader.summary(i);
        const ColumnValues& values = *reader.column(i).value();
        const std::vector<std::uint64_t>* numbers = nullptr;
        if (summary.number) numbers = reader.column_numbers(i).value();
        for (std::size_t at = 0; at < values.size(); ++at) {
            if (numbers != nullptr) require(std::stoull(std::string(values[at])) == (*numbers)[at]);
            require(values[at].size() >= summary.shortest && values[at].size() <= summary.longest);
            WordScanner words(values[at]);
            for (WordAt word; words.next(word);)
                require(summary.may_hold(SoughtWord(values[at].substr(word.begin, word.end - word.begin))));
        }
    }
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
    require(reader.lines() == lines.size() && reader.extras().value() == text);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto line = reader.line(i);
        require(line.ok() && line->text == lines[i].text && line->fields == lines[i].fields);
        require(line->time_ms == lines[i].time_ms && line->sequence == lines[i].sequence &&
                line->line == lines[i].line);
        WordScanner words(lines[i].text);
        for (WordAt word; words.next(word);) {
            require(reader.may_have_word(lines[i].text.substr(word.begin, word.end - word.begin)).value());
        }
    }
    check_columns(reader);
    reader.let_go();
    check_columns(reader);
    const std::string filter = decompress_section(rebuild_filter(reader, kFastLevel).value()).value();
    require(filter == SectionReader::open(*block).value().read(kFilter).value());
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
