// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

namespace kiln::test {

/// Durations of one thing, measured in repetitions that take turns with those of another. Microseconds.
///
/// Its figures are the medians of the repetitions' figures, and a ratio that of the repetitions' ratios: neither one
/// disturbed repetition nor a machine that is busier for a while decides.
class Series
{
public:
    using Micros = std::chrono::duration<double, std::micro>;

    explicit Series(std::string name)
        : m_name(std::move(name))
    {}

    void begin() { m_repetitions.emplace_back(); }
    void forget() { m_repetitions.clear(); } ///< All so far: it was the warming up.
    void add(std::chrono::nanoseconds duration) { m_repetitions.back().push_back(Micros(duration).count()); }

    [[nodiscard]] double median() const { return middle(0.5); }
    /// Of all together when a repetition has too few for one of its own.
    [[nodiscard]] double p99() const
    {
        constexpr std::size_t enough = 100;
        std::vector<double> all;
        for (const std::vector<double> &repetition : m_repetitions) {
            if (repetition.size() >= enough)
                return middle(0.99);
            all.insert(all.end(), repetition.begin(), repetition.end());
        }
        return percentile(std::move(all), 0.99);
    }
    /// To another of as many repetitions.
    [[nodiscard]] double ratio(const Series &other) const
    {
        std::vector<double> each;
        for (std::size_t i = 0; i < std::min(m_repetitions.size(), other.m_repetitions.size()); ++i)
            each.push_back(percentile(m_repetitions[i], 0.5) / percentile(other.m_repetitions[i], 0.5));
        return percentile(std::move(each), 0.5);
    }
    [[nodiscard]] const std::string &name() const { return m_name; }

    /// One row; `floor`, when given, is what it is compared with, and `goal` the ratio wanted.
    void print(const Series *floor = nullptr, double goal = 0) const
    {
        std::printf("  %-52s p50 %9.1f us   p99 %9.1f us", m_name.c_str(), median(), p99());
        if (floor)
            std::printf("   ratio %5.2f (goal %.2f)", ratio(*floor), goal);
        std::putchar('\n');
    }

    [[nodiscard]] static double percentile(std::vector<double> values, double part)
    {
        std::sort(values.begin(), values.end());
        return values.empty() ? 0 : values[std::min(values.size() - 1, std::size_t(double(values.size()) * part))];
    }

private:
    [[nodiscard]] double middle(double part) const
    {
        std::vector<double> each;
        for (const std::vector<double> &repetition : m_repetitions)
            each.push_back(percentile(repetition, part));
        return percentile(std::move(each), 0.5);
    }

    std::string m_name;
    std::vector<std::vector<double>> m_repetitions;
};

/// Times one call.
template<typename Action> [[nodiscard]] std::chrono::nanoseconds timed(Action action)
{
    const auto begin = std::chrono::steady_clock::now();
    action();
    return std::chrono::steady_clock::now() - begin;
}

} // namespace kiln::test
