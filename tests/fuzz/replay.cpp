// SPDX-License-Identifier: GPL-3.0-or-later
// Stands in for libFuzzer in the ordinary tests: runs a harness on each file of its corpus, and then on a fixed number
// of mutations of them, the same ones each time. Usage: fuzz_NAME CORPUS_FOLDER MUTATIONS, or fuzz_NAME FILE …
#include "tests/fuzz/promise.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <unistd.h>
#include <vector>

namespace fs = std::filesystem;

namespace {

constexpr std::size_t largest = 16 * 1024;

std::string current; ///< For the handler of a crash.
const char *program = "fuzz";

/// Keeps the input that a crash came of; calls only what a signal handler may.
extern "C" void keepInput(int number)
{
    char name[512] = {};
    std::strncpy(name, program, sizeof name - 16);
    std::strcat(name, "-crash.bin");
    const int fd = ::open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd >= 0 && ::write(fd, current.data(), current.size()) >= 0 && ::write(2, "input kept in ", 14) > 0 &&
        ::write(2, name, std::strlen(name)) > 0)
        static_cast<void>(::write(2, "\n", 1) > 0);
    std::signal(number, SIG_DFL);
    std::raise(number);
}

void run(std::string input)
{
    current = std::move(input);
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t *>(current.data()), current.size());
}

std::string contentOf(const fs::path &file)
{
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

/// Small changes of one seed, with pieces of the others.
class Mutator
{
public:
    explicit Mutator(const std::vector<std::string> &seeds)
        : m_seeds(seeds)
    {}

    std::string next()
    {
        std::string text = m_seeds[below(m_seeds.size())];
        for (std::size_t changes = 1 + below(5); changes > 0; --changes)
            change(text);
        text.resize(std::min(text.size(), largest));
        return text;
    }

private:
    std::size_t below(std::size_t bound) { return std::size_t(m_random() % bound); }

    std::string pieceOf(const std::string &text) { return text.substr(below(text.size() + 1), below(40)); }

    void change(std::string &text)
    {
        static constexpr std::array<unsigned char, 16> odd{0,   1,   9,   '\n', '\r', ' ',  '"',  '%',
                                                           '/', ':', '{', 0x7f, 0x80, 0xc3, 0xed, 0xff};
        const std::size_t at = below(text.size() + 1);
        switch (below(8)) {
        case 0: text.insert(at, 1, char(m_random())); break;
        case 1: text.insert(at, 1, char(odd[below(odd.size())])); break;
        case 2: text.erase(at, 1 + below(12)); break;
        case 3: text.insert(at, pieceOf(text)); break;
        case 4: text.insert(at, pieceOf(m_seeds[below(m_seeds.size())])); break;
        case 5: text.resize(at); break;
        case 6:
            if (at < text.size())
                text[at] = char(text[at] ^ char(1U << below(8)));
            break;
        default:
            if (at < text.size())
                text[at] = char(odd[below(odd.size())]);
            break;
        }
    }

    const std::vector<std::string> &m_seeds;
    std::mt19937 m_random{20260301}; // a failure can be run again
};

} // namespace

int main(int count, char **arguments)
{
    program = arguments[0];
    std::signal(SIGABRT, keepInput);
    std::signal(SIGSEGV, keepInput);
    std::signal(SIGFPE, keepInput);
    if (count < 2)
        return 2;
    if (!fs::is_directory(arguments[1])) {
        for (int i = 1; i < count; ++i)
            run(contentOf(arguments[i]));
        return 0;
    }
    std::vector<fs::path> files;
    for (const fs::directory_entry &entry : fs::directory_iterator(arguments[1]))
        files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    std::vector<std::string> seeds;
    for (const fs::path &file : files)
        seeds.push_back(contentOf(file));
    if (seeds.empty()) {
        std::fprintf(stderr, "%s holds no seeds\n", arguments[1]);
        return 2;
    }
    run({});
    for (const std::string &seed : seeds)
        run(seed);
    const int mutations = count > 2 ? std::atoi(arguments[2]) : 1000;
    Mutator mutator(seeds);
    for (int i = 0; i < mutations; ++i)
        run(mutator.next());
    std::printf("%zu seeds and %d mutations\n", seeds.size(), mutations);
    return 0;
}
