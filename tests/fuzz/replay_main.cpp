// Runs a fuzz target without libFuzzer: each file of the corpus folder, then seeded mutations of those files
// for some seconds. Usage: NAME_fuzz CORPUS_FOLDER [SECONDS]. The input that was running is printed when the
// program aborts.
#include "plugins/bytes/bytes.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
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

using Input = std::vector<std::uint8_t>;

constexpr double kDefaultSeconds = 2;
constexpr std::size_t kLargestInput = 1 << 16;

const Input* running = nullptr; // for the signal handler only

extern "C" void print_running_input(int signal_number) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    const auto put = [](std::string_view text) { (void)!write(STDERR_FILENO, text.data(), text.size()); };
    put("\nthe input was (hexadecimal): ");
    for (const std::uint8_t byte : running ? *running : Input()) {
        const std::array<char, 2> two{kDigits[byte >> 4], kDigits[byte & 0xF]};
        put({two.data(), two.size()});
    }
    put("\n");
    std::signal(signal_number, SIG_DFL);
    std::raise(signal_number);
}

void run(const Input& input) {
    running = &input;
    // A copy of the exact size: reading past the end is then seen by AddressSanitizer.
    const Input exact(input);
    LLVMFuzzerTestOneInput(exact.data(), exact.size());
    running = nullptr;
}

std::vector<Input> read_corpus(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.is_regular_file()) {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    std::vector<Input> inputs;
    for (const auto& file : files) {
        std::ifstream stream(file, std::ios::binary);
        inputs.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
    }
    return inputs;
}

std::size_t below(std::mt19937_64& random, std::size_t limit) {
    return random() % std::max<std::size_t>(limit, 1);
}

void mutate(Input& input, const std::vector<Input>& corpus, std::mt19937_64& random) {
    constexpr std::array<std::uint8_t, 8> kTelling{0x00, 0x01, 0x7F, 0x80, 0x81, 0x88, 0xFE, 0xFF};
    const auto at = [&] { return input.begin() + static_cast<std::ptrdiff_t>(below(random, input.size())); };
    switch (input.empty() ? 3 : below(random, 6)) {
    case 0: *at() ^= static_cast<std::uint8_t>(1U << below(random, 8)); break;
    case 1: *at() = kTelling[below(random, kTelling.size())]; break;
    case 2: input.erase(at(), input.end()); break;
    case 3: input.insert(input.end(), 1 + below(random, 8), static_cast<std::uint8_t>(random())); break;
    case 4: input.erase(at()); break;
    case 5: {
        const Input& other = corpus[below(random, corpus.size())];
        const std::size_t from = below(random, other.size());
        const std::size_t size = std::min(below(random, 64), other.size() - from);
        const auto first = other.begin() + static_cast<std::ptrdiff_t>(from);
        input.insert(at(), first, first + static_cast<std::ptrdiff_t>(size));
        break;
    }
    default: break;
    }
    input.resize(std::min(input.size(), kLargestInput));
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: %s CORPUS_FOLDER [SECONDS]\n", argv[0]);
        return 2;
    }
    const std::vector<Input> corpus = read_corpus(argv[1]);
    if (corpus.empty()) {
        std::fprintf(stderr, "%s: no files in it\n", argv[1]);
        return 1;
    }
    std::signal(SIGABRT, print_running_input);
    for (const Input& input : corpus) {
        run(input);
    }
    const std::chrono::duration<double> budget(argc > 2 ? std::atof(argv[2]) : kDefaultSeconds);
    const auto start = std::chrono::steady_clock::now();
    std::uint64_t runs = 0;
    std::mt19937_64 random(1);
    while (std::chrono::steady_clock::now() - start < budget) {
        Input input = corpus[below(random, corpus.size())];
        for (std::size_t steps = 1 + below(random, 6); steps > 0; --steps) {
            mutate(input, corpus, random);
        }
        run(input);
        ++runs;
    }
    std::printf("%zu files, %llu mutations\n", corpus.size(), static_cast<unsigned long long>(runs));
    return 0;
}
