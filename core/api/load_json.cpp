// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/load_json.h"

#include "core/api/json_text.h"
#include "core/base/base64.h"
#include "core/base/wall_time.h"

#include <boost/json.hpp>

#include <cmath>
#include <stdexcept>

namespace kiln {

namespace json = boost::json;
using std::chrono::milliseconds;

namespace {

double inMilliseconds(LatencyFigures::Span span) { return std::chrono::duration<double, std::milli>(span).count(); }
double inSeconds(LatencyFigures::Span span) { return std::chrono::duration<double>(span).count(); }

json::object figuresJson(const LatencyFigures &figures)
{
    return {{"count", figures.count},
            {"mean", inMilliseconds(figures.mean)},
            {"p50", inMilliseconds(figures.p50)},
            {"p90", inMilliseconds(figures.p90)},
            {"p95", inMilliseconds(figures.p95)},
            {"p99", inMilliseconds(figures.p99)},
            {"p99_9", inMilliseconds(figures.p999)},
            {"max", inMilliseconds(figures.max)}};
}

json::object timelineJson(const LoadReport &report)
{
    json::array rows;
    const double length = inMilliseconds(report.interval);
    for (std::size_t i = 0; i < report.timeline.size(); ++i) {
        const LoadReport::Interval &interval = report.timeline[i];
        rows.push_back({{"at_ms", length * double(i)},
                        {"due", interval.due},
                        {"sent", interval.sent},
                        {"answered", interval.answered},
                        {"failed", interval.failed},
                        {"p50_ms", inMilliseconds(interval.p50)},
                        {"p95_ms", inMilliseconds(interval.p95)},
                        {"p99_ms", inMilliseconds(interval.p99)},
                        {"max_ms", inMilliseconds(interval.max)}});
    }
    return {{"interval_ms", length}, {"rows", std::move(rows)}};
}

json::array histogramJson(const LoadReport &report)
{
    json::array bins;
    for (const LoadReport::Bin &bin : report.histogram) {
        bins.push_back({{"from_ms", inMilliseconds(bin.from)},
                        {"to_ms", inMilliseconds(bin.to)},
                        {"corrected", bin.corrected},
                        {"service", bin.service}});
    }
    return bins;
}

json::array errorsJson(const LoadReport &report)
{
    json::array errors;
    for (const LoadReport::ErrorKind &kind : report.errors) {
        errors.push_back(
            {{"outcome", kind.outcome}, {"type", kind.type}, {"message", kind.message}, {"count", kind.count}});
    }
    return errors;
}

/// Writes what is particular to a shape.
struct ShapeWriter
{
    json::object &object;

    void operator()(const load::Constant &shape) const { object["rate"] = shape.rate; }
    void operator()(const load::Poisson &shape) const { object["rate"] = shape.rate; }
    void operator()(const load::Ramp &shape) const
    {
        object["rate"] = shape.from;
        object["to"] = shape.to;
    }
    void operator()(const load::Spike &shape) const
    {
        object["rate"] = shape.base;
        object["peak"] = shape.peak;
        object["width_ms"] = shape.width.count();
    }
    void operator()(const load::Replay &shape) const
    {
        object["function"] = shape.function;
        if (shape.since)
            object["since"] = toIso8601(*shape.since);
        if (shape.until)
            object["until"] = toIso8601(*shape.until);
        object["speed"] = shape.speed;
    }
    void operator()(const load::Callers &shape) const
    {
        object["callers"] = shape.count;
        object["think_ms"] = shape.think.count();
    }
};

/// Reads members of an object; a value of another type than the one looked for throws, as Boost.JSON does.
class Reader
{
public:
    explicit Reader(const json::object &object)
        : m_object(object)
    {}

    template<typename T> T number(std::string_view key, T otherwise) const
    {
        const json::value *value = m_object.if_contains(key);
        const T number = value ? value->to_number<T>() : otherwise;
        if (!std::isfinite(double(number))) // 0e400 is read as no number
            throw std::invalid_argument(std::string(key) + " is no number");
        return number;
    }
    std::string text(std::string_view key, std::string otherwise = {}) const
    {
        const json::value *value = m_object.if_contains(key);
        return value ? std::string(value->as_string()) : std::move(otherwise);
    }
    milliseconds span(std::string_view key, milliseconds otherwise) const
    {
        return milliseconds(number<std::int64_t>(key, otherwise.count()));
    }
    std::optional<WallTime> time(std::string_view key) const { return parseIso8601(text(key)); }

private:
    const json::object &m_object;
};

load::Shape shapeOf(const Reader &read)
{
    const std::string pattern = read.text("pattern", "constant");
    const double rate = read.number<double>("rate", 0);
    if (pattern == "ramp")
        return load::Ramp{rate, read.number<double>("to", 0)};
    if (pattern == "spike")
        return load::Spike{rate, read.number<double>("peak", 0), read.span("width_ms", milliseconds(0))};
    if (pattern == "poisson")
        return load::Poisson{rate};
    if (pattern == "replay")
        return load::Replay{read.text("function"), read.time("since"), read.time("until"),
                            read.number<double>("speed", 1)};
    if (pattern == "closed")
        return load::Callers{read.number<int>("callers", 0), read.span("think_ms", milliseconds(0))};
    return load::Constant{rate};
}

LoadEvent eventOf(const json::object &object)
{
    const Reader read(object);
    LoadEvent event;
    event.function = read.text("function");
    event.name = read.text("name", event.name);
    event.weight = read.number<double>("weight", event.weight);
    event.contentType = read.text("content_type", event.contentType);
    auto bytes = fromBase64(read.text("data"));
    if (!bytes)
        throw std::invalid_argument("an event is not base 64");
    event.data = payload(std::move(*bytes));
    return event;
}

} // namespace

json::object toJson(const LoadPlan &plan, EventBytes bytes)
{
    json::object object{{"pattern", load::wordOf(plan.shape)}};
    std::visit(ShapeWriter{object}, plan.shape);
    object["duration_ms"] = plan.duration.count();
    object["seed"] = plan.seed;
    object["max_in_flight"] = plan.maxInFlight;
    object["patience_ms"] = plan.patience.count();
    json::array events;
    for (const LoadEvent &event : plan.events) {
        json::object entry{{"function", event.function}, {"name", event.name}, {"weight", event.weight}};
        if (bytes == EventBytes::With) {
            entry["content_type"] = event.contentType;
            entry["data"] = toBase64(*event.data);
        }
        events.push_back(std::move(entry));
    }
    object["events"] = std::move(events);
    if (bytes == EventBytes::With)
        object["abandoned_after_ms"] = plan.abandonedAfter.count();
    return object;
}

Result<LoadPlan> loadPlanOf(const json::object &object)
{
    try {
        const Reader read(object);
        LoadPlan plan;
        plan.shape = shapeOf(read);
        plan.duration = read.span("duration_ms", plan.duration);
        plan.seed = read.number<std::uint64_t>("seed", plan.seed);
        plan.maxInFlight = read.number<int>("max_in_flight", plan.maxInFlight);
        plan.patience = read.span("patience_ms", plan.patience);
        plan.abandonedAfter = read.span("abandoned_after_ms", plan.abandonedAfter);
        if (const json::value *events = object.if_contains("events")) {
            for (const json::value &event : events->as_array())
                plan.events.push_back(eventOf(event.as_object()));
        }
        return plan;
    } catch (const std::exception &wrong) {
        return fail(Error::Code::InvalidArgument, std::string("This is no plan of a load run: ") + wrong.what());
    }
}

json::object toJson(const LoadReport &report, LoadCurves curves)
{
    json::object outcomes, starts, phases;
    for (int i = 0; i < outcomeCount; ++i)
        outcomes[toWord(Outcome(i))] = report.outcomes[std::size_t(i)];
    for (std::size_t i = 0; i < report.starts.size(); ++i)
        starts[toWord(Start(int(i)))] = report.starts[i];
    for (std::size_t i = 0; i < report.phases.size(); ++i)
        phases[Phases::names[i]] = figuresJson(report.phases[i]);

    json::object object{
        {"run", report.run},
        {"state", toWord(report.state)},
        {"end", report.state == LoadReport::State::Sending ? json::value(nullptr) : json::value(toWord(report.end))},
        {"began", toIso8601(report.began)},
        {"plan", toJson(report.plan, EventBytes::Without)},
        {"planned_s", inSeconds(report.planned)},
        {"elapsed_s", inSeconds(report.elapsed)},
        {"rate",
         json::object{{"asked", report.dueRate()}, {"sent", report.sentRate()}, {"answered", report.answeredRate()}}},
        {"due", report.due},
        {"sent", report.sent},
        {"late", report.late},
        {"behind", report.behind},
        {"unsent", report.unsent},
        {"answered", report.answered},
        {"in_flight", report.inFlight},
        {"failed", report.failed()},
        {"failed_percent", report.failedPercent()},
        {"refused", report.refused}};
    object["outcomes"] = std::move(outcomes);
    object["starts"] = std::move(starts);
    object["latency_ms"] = {{"corrected", figuresJson(report.corrected)}, {"service", figuresJson(report.service)}};
    object["phases_ms"] = std::move(phases);
    object["errors"] = errorsJson(report);
    object["other_errors"] = report.otherErrors;
    if (curves == LoadCurves::With) {
        object["timeline"] = timelineJson(report);
        object["histogram"] = histogramJson(report);
    }
    return object;
}

std::string timelineCsv(const json::object &report)
{
    std::string csv;
    for (const json::value &row : report.at("timeline").at("rows").as_array()) {
        const json::object &cells = row.as_object();
        const auto append = [&](auto text) {
            const char *separator = "";
            for (const auto &[key, cell] : cells) {
                csv += separator;
                csv += text(key, cell);
                separator = ",";
            }
            csv += '\n';
        };
        if (csv.empty())
            append([](std::string_view key, const json::value &) { return std::string(key); });
        append([](std::string_view, const json::value &cell) { return jsonText(cell); });
    }
    return csv;
}

} // namespace kiln
