// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace kiln::test {

/// Ends the process when a promise is broken; the fuzzer, or the replay, tells by which input.
inline void promise(bool kept, const char *what)
{
    if (kept)
        return;
    std::fprintf(stderr, "broken promise: %s\n", what);
    std::abort();
}

/// A fuzzer's bytes, taken apart from the front: choices first, the foreign text last. Past the end all is 0.
class Input
{
public:
    Input(const std::uint8_t *data, std::size_t size)
        : m_rest(reinterpret_cast<const char *>(data), size)
    {}

    [[nodiscard]] std::uint8_t byte()
    {
        if (m_rest.empty())
            return 0;
        const auto value = std::uint8_t(m_rest.front());
        m_rest.remove_prefix(1);
        return value;
    }
    /// 0 to `last`, of two bytes.
    [[nodiscard]] std::size_t number(std::size_t last)
    {
        const std::size_t low = byte();
        return (low | std::size_t(byte()) << 8) % (last + 1);
    }
    /// Up to the next line break, which is dropped.
    [[nodiscard]] std::string_view line()
    {
        const std::size_t end = m_rest.find('\n');
        const std::string_view text = m_rest.substr(0, end);
        m_rest.remove_prefix(end == std::string_view::npos ? m_rest.size() : end + 1);
        return text;
    }
    [[nodiscard]] std::string_view text(std::size_t size)
    {
        const std::string_view taken = m_rest.substr(0, size);
        m_rest.remove_prefix(taken.size());
        return taken;
    }
    [[nodiscard]] std::string_view rest() const { return m_rest; }
    [[nodiscard]] bool empty() const { return m_rest.empty(); }

private:
    std::string_view m_rest;
};

} // namespace kiln::test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size);
