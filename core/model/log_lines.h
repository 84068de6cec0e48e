// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/log_line.h"

#include <atomic>
#include <cstddef>
#include <initializer_list>
#include <utility>
#include <vector>

namespace kiln {

struct Invocation;

/// The lines of one invocation, oldest first, as a vector that may still lack what the platform says around what was
/// printed (START, END, REPORT): that is put into words when somebody first looks, which is not the thread that has the
/// next event waiting.
///
/// Reading is safe from several threads at once; changing is its maker's, before others see it.
class LogLines
{
public:
    /// All lines, from those that were printed.
    using Finish = std::vector<LogLine> (*)(const Invocation &invocation, std::vector<LogLine> printed);

    LogLines() = default;
    LogLines(std::initializer_list<LogLine> lines)
        : m_lines(lines)
    {}
    LogLines(std::vector<LogLine> lines)
        : m_lines(std::move(lines))
    {}
    LogLines(const LogLines &other)
        : m_lines(other.all())
    {}
    LogLines(LogLines &&other) noexcept
        : m_lines(other.take())
    {}
    LogLines &operator=(const LogLines &other)
    {
        if (this != &other)
            become(other.all());
        return *this;
    }
    LogLines &operator=(LogLines &&other) noexcept
    {
        if (this != &other)
            become(other.take());
        return *this;
    }

    /// `of` holds this and stays where it is.
    void finishLater(const Invocation &of, Finish finish)
    {
        m_printedBytes = bytes();
        m_of = &of;
        m_finish = finish;
    }

    [[nodiscard]] const std::vector<LogLine> &all() const
    {
        if (m_finish && m_words.load(std::memory_order_acquire) != Words::Found)
            findWords();
        return m_lines;
    }
    /// About what the printed ones take; without putting the others into words.
    [[nodiscard]] std::size_t bytes() const
    {
        if (m_finish)
            return m_printedBytes;
        std::size_t sum = m_lines.size() * sizeof(LogLine);
        for (const LogLine &line : m_lines)
            sum += line.text.size();
        return sum;
    }

    [[nodiscard]] auto begin() const { return all().begin(); }
    [[nodiscard]] auto end() const { return all().end(); }
    [[nodiscard]] std::size_t size() const { return all().size(); }
    [[nodiscard]] bool empty() const { return all().empty(); }
    [[nodiscard]] const LogLine &operator[](std::size_t at) const { return all()[at]; }

    [[nodiscard]] LogLine &operator[](std::size_t at) { return change()[at]; }
    void push_back(LogLine line) { change().push_back(std::move(line)); }
    void clear() { become({}); }
    void assign(std::size_t count, const LogLine &line) { become(std::vector<LogLine>(count, line)); }

private:
    enum class Words { Missing, Sought, Found };

    /// std::call_once would wake whoever may wait by a system call each time, for each invocation.
    void findWords() const
    {
        Words state = Words::Missing;
        if (m_words.compare_exchange_strong(state, Words::Sought, std::memory_order_acquire)) {
            struct Tell
            {
                std::atomic<Words> &words;
                ~Tell()
                {
                    words.store(Words::Found, std::memory_order_release);
                    words.notify_all(); // no system call where nobody waits
                }
            } const tell{m_words}; // also of what was printed, when memory is short
            m_lines = m_finish(*m_of, std::move(m_lines));
            return;
        }
        for (; state != Words::Found; state = m_words.load(std::memory_order_acquire))
            m_words.wait(state, std::memory_order_acquire);
    }

    std::vector<LogLine> &change()
    {
        (void)all();
        m_finish = nullptr;
        return m_lines;
    }
    std::vector<LogLine> take() { return std::move(change()); }
    void become(std::vector<LogLine> lines)
    {
        m_finish = nullptr;
        m_lines = std::move(lines);
    }

    mutable std::vector<LogLine> m_lines;
    mutable std::atomic<Words> m_words = Words::Missing;
    Finish m_finish = nullptr; ///< Null: they are all there.
    const Invocation *m_of = nullptr;
    std::size_t m_printedBytes = 0;
};

} // namespace kiln
