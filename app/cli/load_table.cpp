// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/load_table.h"

#include "core/model/phases.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace kiln {

namespace json = boost::json;

namespace {

constexpr int widestBar = 40;

double number(const json::object &object, std::string_view key) { return object.at(key).to_number<double>(); }
std::uint64_t count(const json::object &object, std::string_view key)
{
    return object.at(key).to_number<std::uint64_t>();
}
std::string word(const json::object &object, std::string_view key)
{
    const json::value *value = object.if_contains(key);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

/// "1,234,567"
std::string grouped(std::uint64_t value)
{
    std::string text = std::to_string(value);
    for (auto at = std::ptrdiff_t(text.size()) - 3; at > 0; at -= 3)
        text.insert(std::size_t(at), ",");
    return text;
}

std::string secondsText(double seconds) { return fmt::format("{:.{}f} s", seconds, seconds < 10 ? 1 : 0); }

/// A duration with three digits, so that a column of them can be compared.
std::string milliseconds(double value)
{
    return fmt::format("{:.{}f}", value, value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3);
}

std::string shapeText(const json::object &plan)
{
    const std::string pattern = word(plan, "pattern");
    const auto rate = [&](std::string_view key) { return fmt::format("{:g}/s", number(plan, key)); };
    if (pattern == "ramp")
        return "ramp from " + rate("rate") + " to " + rate("to");
    if (pattern == "spike")
        return fmt::format("spike of {} over {}, {} wide", rate("peak"), rate("rate"),
                           secondsText(number(plan, "width_ms") / 1000));
    if (pattern == "replay")
        return fmt::format("replay at {:g} times its speed", number(plan, "speed"));
    if (pattern == "closed")
        return fmt::format("{} callers in a closed loop, thinking {:g} ms", count(plan, "callers"),
                           number(plan, "think_ms"));
    return pattern + " " + rate("rate");
}

std::string endText(const json::object &report)
{
    const std::string end = word(report, "end");
    if (end == "stopped")
        return ", stopped";
    if (end == "abandoned")
        return ", given up by whoever began it";
    return end == "engine" ? ", ended with the engine" : "";
}

std::string functionsText(const json::object &plan)
{
    std::vector<std::string> names;
    for (const json::value &event : plan.at("events").as_array()) {
        const std::string name = word(event.as_object(), "function");
        if (std::find(names.begin(), names.end(), name) == names.end())
            names.push_back(name);
    }
    if (names.empty())
        names.push_back(word(plan, "function").empty() ? "all functions" : word(plan, "function"));
    return fmt::format("{}", fmt::join(names, ", "));
}

std::string countsText(const json::object &counts, bool zeros)
{
    std::string text;
    for (const auto &[name, value] : counts) {
        const auto many = value.to_number<std::uint64_t>();
        if (many > 0 || zeros)
            text += fmt::format("{}{} {}", text.empty() ? "" : "  ", std::string_view(name), grouped(many));
    }
    return text;
}

/// Why what was due was not sent at its time.
std::string lateText(const json::object &report)
{
    std::string text;
    if (const auto late = count(report, "late"); late > 0)
        text += fmt::format("          {} late, since at most {} may wait for an answer at once\n", grouped(late),
                            grouped(count(report.at("plan").as_object(), "max_in_flight")));
    if (const auto behind = count(report, "behind"); behind > 0)
        text += fmt::format("          {} late, since this machine was too busy to send them\n", grouped(behind));
    if (const auto unsent = count(report, "unsent"); unsent > 0)
        text += fmt::format("          {} never, since the run was over before\n", grouped(unsent));
    return text;
}

std::string latencyRow(std::string_view name, const json::object &figures)
{
    std::string row = fmt::format("  {:<10}{:>10}", name, grouped(count(figures, "count")));
    for (const char *key : {"mean", "p50", "p90", "p95", "p99", "p99_9", "max"})
        row += fmt::format("{:>10}", milliseconds(number(figures, key)));
    return row + "\n";
}

std::string latencyTable(const json::object &report)
{
    std::string table = fmt::format("\n{:<12}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}\n", "Latency, ms",
                                    "count", "mean", "p50", "p90", "p95", "p99", "p99.9", "max");
    const json::object &latency = report.at("latency_ms").as_object();
    for (const char *name : {"corrected", "service"})
        table += latencyRow(name, latency.at(name).as_object());
    for (const std::string_view name : Phases::names)
        table += latencyRow(name, report.at("phases_ms").as_object().at(name).as_object());
    return table;
}

std::string errorsTable(const json::object &report)
{
    std::string table;
    for (const json::value &each : report.at("errors").as_array()) {
        const json::object &error = each.as_object();
        const std::string type = word(error, "type");
        table += fmt::format("  {:>8}  {:<12}  {}{}{}\n", grouped(count(error, "count")), word(error, "outcome"), type,
                             type.empty() ? "" : ": ", word(error, "message"));
    }
    if (const auto others = count(report, "other_errors"); others > 0)
        table += fmt::format("  {:>8}  of other kinds\n", grouped(others));
    return table.empty() ? table : "\nErrors\n" + table;
}

/// By powers of two: enough to see where the answers lie.
std::string histogramTable(const json::object &report)
{
    std::map<int, std::uint64_t> octaves;
    for (const json::value &each : report.at("histogram").as_array()) {
        const json::object &bin = each.as_object();
        if (const std::uint64_t many = count(bin, "corrected"); many > 0)
            octaves[int(std::floor(std::log2(std::max(number(bin, "from_ms"), 1e-6))))] += many;
    }
    std::uint64_t most = 1;
    for (const auto &[octave, many] : octaves)
        most = std::max(most, many);
    std::string table;
    for (const auto &[octave, many] : octaves) {
        const int length = std::max(1, int(std::lround(double(many) / double(most) * widestBar)));
        table += fmt::format("  {:>8} - {:<8} {:<{}}  {}\n", milliseconds(std::exp2(octave)),
                             milliseconds(std::exp2(octave + 1)), std::string(std::size_t(length), '#'), widestBar,
                             grouped(many));
    }
    return table.empty() ? table : "\nCorrected latency, ms\n" + table;
}

std::string explanation(const json::object &report)
{
    std::string text;
    if (word(report.at("plan").as_object(), "pattern") != "closed")
        text += "\nCorrected latency counts from when an event was due, service from when it was sent.\n";
    const auto served = count(report.at("latency_ms").at("corrected").as_object(), "count");
    if (served < count(report, "answered"))
        text += text.empty() ? "\n" : "";
    if (served < count(report, "answered"))
        text += "Latency is that of what reached a worker; what was turned away has none.\n";
    return text;
}

} // namespace

std::string loadTable(const json::object &report)
{
    const json::object &plan = report.at("plan").as_object(), &rate = report.at("rate").as_object();
    std::string table = fmt::format("{}: {}, {} of {}{}\n", functionsText(plan), shapeText(plan),
                                    secondsText(number(report, "elapsed_s")), secondsText(number(report, "planned_s")),
                                    endText(report));
    table += fmt::format("Sent      {} of {} due, {:.1f}/s of {:.1f}/s\n", grouped(count(report, "sent")),
                         grouped(count(report, "due")), number(rate, "sent"), number(rate, "asked"));
    table += lateText(report);
    table += fmt::format("Answered  {}, {:.1f}/s, {} failed ({:.2f} %)\n", grouped(count(report, "answered")),
                         number(rate, "answered"), grouped(count(report, "failed")), number(report, "failed_percent"));
    if (const auto lost = count(report, "in_flight"); lost > 0)
        table += fmt::format("          {} not answered\n", grouped(lost));
    json::object outcomes = report.at("outcomes").as_object();
    outcomes["Refused"] = count(report, "refused");
    table += fmt::format("Outcomes  {}\n", countsText(outcomes, false));
    table += fmt::format("Starts    {}\n", countsText(report.at("starts").as_object(), true));
    return table + latencyTable(report) + errorsTable(report) + histogramTable(report) + explanation(report);
}

std::string loadProgress(const json::object &report)
{
    const json::object &corrected = report.at("latency_ms").as_object().at("corrected").as_object();
    const bool draining = word(report, "state") == "draining";
    return fmt::format("{} of {}{}   sent {} ({:.0f}/s)   answered {}   failed {}   p99 {} ms",
                       secondsText(number(report, "elapsed_s")), secondsText(number(report, "planned_s")),
                       draining ? ", waiting for answers" : "", grouped(count(report, "sent")),
                       number(report.at("rate").as_object(), "sent"), grouped(count(report, "answered")),
                       grouped(count(report, "failed")), milliseconds(number(corrected, "p99")));
}

} // namespace kiln
