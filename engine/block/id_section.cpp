#include "engine/block/id_section.h"

#include <algorithm>

namespace nmstore::block {
namespace {

using Numbers = std::vector<std::uint64_t>;

// All sums and differences are of unsigned numbers: they wrap, and wrap back when read.
std::int64_t difference(std::uint64_t to, std::uint64_t from) {
    return static_cast<std::int64_t>(to - from);
}

// The first number is not among the rest: its place holds what leaves the least of the others as it is.
std::string write_rest(Steps steps, std::uint64_t first, std::uint64_t grid,
                       const std::vector<std::int64_t>& rest) {
    const std::int64_t least = rest.empty() ? 0 : *std::min_element(rest.begin(), rest.end());
    Numbers above(rest.size());
    for (std::size_t i = 0; i < rest.size(); ++i)
        above[i] = static_cast<std::uint64_t>(rest[i]) - static_cast<std::uint64_t>(least);
    std::string out(1, static_cast<char>(steps));
    put_varint(out, zigzag(static_cast<std::int64_t>(first)));
    if (steps == Steps::from_grid) put_varint(out, grid);
    put_varint(out, zigzag(least));
    put_planes(out, above);
    return out;
}

std::string encode_steps(const Numbers& numbers, bool only_differences) {
    const std::size_t count = numbers.size() - 1;
    std::vector<std::int64_t> rest(count);
    for (std::size_t i = 0; i < count; ++i) rest[i] = difference(numbers[i + 1], numbers[i]);
    std::string best = write_rest(Steps::differences, numbers[0], 0, rest);
    if (only_differences || count < 2) return best;
    std::size_t cost = estimate_bytes(best);
    const auto offer = [&](std::string other) {
        const std::size_t other_cost = estimate_bytes(other);
        if (other_cost >= cost) return;
        best = std::move(other);
        cost = other_cost;
    };
    for (std::size_t i = count - 1; i > 0; --i)
        rest[i] = difference(static_cast<std::uint64_t>(rest[i]), static_cast<std::uint64_t>(rest[i - 1]));
    offer(write_rest(Steps::changes, numbers[0], 0, rest));
    const std::uint64_t grid = (numbers[count] - numbers[0]) / count;
    for (std::size_t i = 0; i < count; ++i) rest[i] = difference(numbers[i + 1], numbers[0] + (i + 1) * grid);
    offer(write_rest(Steps::from_grid, numbers[0], grid, rest));
    return best;
}

void decode_steps(Reader& reader, std::size_t count, Numbers& numbers) {
    const auto steps = static_cast<Steps>(reader.byte());
    const auto first = static_cast<std::uint64_t>(unzigzag(reader.varint()));
    const std::uint64_t grid = steps == Steps::from_grid ? reader.varint() : 0;
    const auto least = static_cast<std::uint64_t>(unzigzag(reader.varint()));
    Numbers above;
    reader.planes(count - 1, above);
    if (steps < Steps::differences || steps > Steps::from_grid) reader.fail();
    numbers.assign(count, first);
    if (reader.failed()) return;
    std::uint64_t step = 0;
    for (std::size_t i = 1; i < count; ++i) {
        const std::uint64_t rest = above[i - 1] + least;
        if (steps == Steps::from_grid) {
            numbers[i] = first + i * grid + rest;
        } else {
            step = steps == Steps::changes ? step + rest : rest;
            numbers[i] = numbers[i - 1] + step;
        }
    }
}

}  // namespace

std::string encode_ids(const std::vector<LineKey>& ids) {
    Numbers numbers(ids.size());
    const auto all = [&](auto part) {
        std::transform(ids.begin(), ids.end(), numbers.begin(),
                       [&](const LineKey& id) { return static_cast<std::uint64_t>(part(id)); });
        return numbers;
    };
    std::string out = encode_steps(all([](const LineKey& id) { return id.time_ms; }), false);
    out += encode_steps(all([](const LineKey& id) { return id.sequence; }), true);
    return out + encode_steps(all([](const LineKey& id) { return id.line; }), true);
}

void decode_times(Reader& reader, std::size_t lines, std::vector<std::int64_t>& times) {
    Numbers numbers;
    decode_steps(reader, lines, numbers);
    times.assign(numbers.begin(), numbers.end());
}

void decode_rest_of_ids(Reader& reader, const std::vector<std::int64_t>& times, std::vector<LineKey>& ids) {
    Numbers sequences;
    Numbers lines;
    decode_steps(reader, times.size(), sequences);
    decode_steps(reader, times.size(), lines);
    ids.resize(times.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (lines[i] > UINT32_MAX) reader.fail();
        ids[i] = {times[i], sequences[i], static_cast<std::uint32_t>(lines[i])};
    }
}

Result<std::string> renumber_ids(std::string_view ids, std::size_t lines, std::uint64_t first,
                                 std::vector<std::int64_t>& times) {
    const Error wrong{Code::corruption, "the ids of a block's lines are none"};
    Reader reader(ids);
    decode_times(reader, lines, times);
    if (reader.failed() || !std::is_sorted(times.begin(), times.end())) return wrong;
    std::string out(ids.substr(0, ids.size() - reader.rest().size()));
    Numbers numbers;
    decode_steps(reader, lines, numbers);
    decode_steps(reader, lines, numbers);
    if (reader.failed() || !reader.at_end() ||
        std::any_of(numbers.begin(), numbers.end(), [](std::uint64_t line) { return line != 0; }))
        return wrong;
    out += write_rest(Steps::differences, first, 0, std::vector<std::int64_t>(lines - 1, 1));
    return out + write_rest(Steps::differences, 0, 0, std::vector<std::int64_t>(lines - 1, 0));
}

}  // namespace nmstore::block
