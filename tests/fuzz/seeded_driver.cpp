// Runs a fuzz target where there is no libFuzzer: over its seeds, then over mutations of these that are the
// same in every run. The input that ends the process is left in a file.
//
//   name_fuzz CORPUS_DIRECTORY MUTATIONS
//   name_fuzz FILE            (one input: to look into a failure)
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr std::size_t kMaxInputBytes = 4096;
constexpr const char* kFailureFile = "fuzz-failure.input";

const std::string* running = nullptr;

void keep_input(int signal_number) {
    const int file = open(kFailureFile, O_CREAT | O_TRUNC | O_WRONLY, 0644);
    if (file >= 0 && running != nullptr) {
        const auto written = write(file, running->data(), running->size());
        static_cast<void>(written);
        close(file);
    }
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

void run(const std::string& input) {
    // A block of exactly this size, so that a sanitizer sees a read behind it.
    const std::vector<std::uint8_t> bytes(input.begin(), input.end());
    running = &input;
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    running = nullptr;
}

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// What tends to matter to parsers of text.
const std::vector<std::string> kPieces = {
    "%",
    "%u",
    "%25",
    "%22",
    "%0A",
    "%uD83D",
    "%uDE00",
    "\\",
    "\\u",
    "\\ud83d",
    "\\udc80",
    "\\\"",
    "\"",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\n",
    "\r\n",
    " ",
    "0",
    "-1",
    "1e9",
    "null",
    "true",
    "\xff",
    "\xc3",
    "\xe2\x82\xac",
    "\xed\xa0\x80",
    std::string(1, '\0'),
    "9223372036854775807",
    "(",
    ")",
    "*",
    "/",
};

class Mutator {
  public:
    explicit Mutator(const std::vector<std::string>& seeds) : seeds_(seeds) {}

    std::string next() {
        std::string input = seeds_[below(seeds_.size())];
        for (std::size_t steps = 1 + below(8); steps > 0; --steps) mutate(input);
        input.resize(std::min(input.size(), kMaxInputBytes));
        return input;
    }

  private:
    // A distribution of the standard library differs between its makers; this does not.
    std::size_t below(std::size_t bound) {
        return bound == 0 ? 0 : static_cast<std::size_t>(random_() % bound);
    }

    void mutate(std::string& input) {
        const std::size_t at = below(input.size() + 1);
        const std::size_t length = std::min(below(below(4) == 0 ? 64 : 8), input.size() - at);
        switch (below(7)) {
            case 0:
                input.insert(at, 1, static_cast<char>(below(256)));
                break;
            case 1:
                input.insert(at, kPieces[below(kPieces.size())]);
                break;
            case 2:
                input.erase(at, length);
                break;
            case 3:
                input.insert(below(input.size() + 1), input.substr(at, length));
                break;
            case 4:
                if (at < input.size()) input[at] = static_cast<char>(input[at] ^ 1 << below(8));
                break;
            case 5: {
                const std::string& other = seeds_[below(seeds_.size())];
                input = input.substr(0, at) + other.substr(below(other.size() + 1));
                break;
            }
            default:
                if (at < input.size()) input.replace(at, length, kPieces[below(kPieces.size())]);
                break;
        }
    }

    const std::vector<std::string>& seeds_;
    std::mt19937_64 random_{1};
};

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: %s CORPUS_DIRECTORY MUTATIONS | FILE\n", argv[0]);
        return 2;
    }
    for (const int number : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE}) signal(number, keep_input);
    if (!std::filesystem::is_directory(argv[1])) {
        run(read_file(argv[1]));
        return 0;
    }
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(argv[1])) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    std::vector<std::string> seeds{""};
    for (const auto& file : files) seeds.push_back(read_file(file));
    for (const auto& seed : seeds) run(seed);
    Mutator mutator(seeds);
    const long mutations = argc > 2 ? std::atol(argv[2]) : 0;
    for (long i = 0; i < mutations; ++i) run(mutator.next());
    return 0;
}
