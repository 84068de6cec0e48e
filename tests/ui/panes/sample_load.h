// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/load_report.h"

#include <cmath>

namespace kiln::test {

/// A report as ten seconds at 200 events a second might give it: a stall from the fourth to the sixth second, some
/// errors. `state` says how far it is: half of it while it sends.
[[nodiscard]] inline std::shared_ptr<LoadReport> sampleLoad(LoadReport::State state = LoadReport::State::Ended)
{
    using namespace std::chrono_literals;
    auto report = std::make_shared<LoadReport>();
    const bool sending = state == LoadReport::State::Sending;
    report->run = 3;
    report->plan.shape = load::Constant{200};
    report->plan.events = {{.function = "checkout", .name = "two-mugs.json"}};
    report->state = state;
    report->began = WallTime(std::chrono::sys_days(std::chrono::year(2026) / 3 / 1));
    report->planned = 10s;
    report->elapsed = sending ? 5s : 10s;
    report->interval = 100ms;
    for (int i = 0; i < (sending ? 51 : 100); ++i) {
        const bool stalled = i >= 40 && i < 60;
        const auto wait = stalled ? std::chrono::nanoseconds(60 - i) * 100'000'000 : 0ns;
        const auto usual = std::chrono::microseconds(1'800 + int(400 * std::sin(i / 5.0)));
        report->timeline.push_back({.due = 20,
                                    .sent = stalled             ? 2U
                                            : i < 66 && i >= 60 ? 80U
                                                                : 20U,
                                    .answered = stalled ? 0U : 20U,
                                    .failed = i % 17 == 3 ? 4U : 0U,
                                    .p50 = usual + wait,
                                    .p95 = usual * 2 + wait,
                                    .p99 = usual * 3 + wait,
                                    .max = usual * 6 + wait});
    }
    report->due = sending ? 1'000 : 2'000;
    report->sent = report->due;
    report->late = 386;
    report->lastSent = report->elapsed - 5ms;
    report->answered = sending ? 800 : 2'000;
    report->lastAnswer = sending ? 4'990ms : 11s;
    report->inFlight = report->sent - report->answered;
    report->outcomes[std::size_t(Outcome::Ok)] = report->answered - 24;
    report->outcomes[std::size_t(Outcome::HandlerError)] = 20;
    report->outcomes[std::size_t(Outcome::Throttled)] = 4;
    report->starts = {2, 1, 0, report->answered - 7};
    report->corrected = {report->answered, 220ms, 1'900us, 420ms, 900ms, 1'850ms, 1'990ms, 2'010ms};
    report->service = {report->answered, 4ms, 1'800us, 2'900us, 3'600us, 6ms, 1'990ms, 2'001ms};
    for (std::size_t i = 0; i < report->phases.size(); ++i)
        report->phases[i] = {i == 4 || i == 0 || i == 5 ? 2'000U : 3U, 1ms, 900us, 2ms, 3ms, 5ms, 6ms, 7ms};
    report->errors = {{"HandlerError", "KeyError", "'sku' is in no item of the order that was read from the body", 20},
                      {"Throttled", "", "", 4}};
    for (int octave = 20; octave < 31; ++octave) {
        for (int part = 0; part < 4; ++part) {
            const std::int64_t base = std::int64_t(1) << octave;
            const std::int64_t from = base + part * base / 4;
            const bool fast = octave < 23;
            report->histogram.push_back({LoadReport::Span(from), LoadReport::Span(from + base / 4),
                                         std::uint64_t(fast          ? 120 + 40 * part
                                                       : octave > 25 ? 12 + octave
                                                                     : 0),
                                         std::uint64_t(fast                        ? 150 + 20 * part
                                                       : octave == 30 && part == 3 ? 1
                                                                                   : 0)});
        }
    }
    std::erase_if(report->histogram, [](const LoadReport::Bin &bin) { return bin.corrected + bin.service == 0; });
    return report;
}

} // namespace kiln::test
