// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/load_plan.h"

#include "core/base/duration.h"

#include <array>
#include <cmath>

namespace kiln {

namespace {

using Problem = std::optional<LoadPlanProblem>;

/// "100,000", "0.01"
std::string numberText(double value)
{
    if (value != std::floor(value)) {
        std::string text = std::to_string(value);
        text.erase(text.find_last_not_of('0') + 1);
        return text;
    }
    std::string text = std::to_string(std::int64_t(value));
    for (auto at = std::ptrdiff_t(text.size()) - 3; at > 0; at -= 3)
        text.insert(std::size_t(at), ",");
    return text;
}

template<typename T> Problem outside(const char *field, T value, Bounds<T> bounds, const char *unit = "")
{
    if (bounds.holds(value)) // which no number that is none does
        return std::nullopt;
    return LoadPlanProblem{field, "Expected " + numberText(double(bounds.least)) + " to " +
                                      numberText(double(bounds.most)) + unit};
}

Problem outside(const char *field, bounds::Duration value, Bounds<bounds::Duration> bounds)
{
    if (bounds.holds(value))
        return std::nullopt;
    return LoadPlanProblem{field, "Expected " + toText(bounds.least) + " to " + toText(bounds.most)};
}

Problem rateProblem(const char *field, double rate) { return outside(field, rate, bounds::loadRate, " per second"); }

/// A rate that may be nothing at all, beside another that may not.
Problem restProblem(const char *field, double rate)
{
    return rate == 0 ? std::nullopt : outside(field, rate, {0, bounds::loadRate.most}, " per second");
}

struct ShapeCheck
{
    const LoadPlan &plan;

    Problem operator()(const load::Constant &shape) const { return rateProblem("rate", shape.rate); }
    Problem operator()(const load::Poisson &shape) const { return rateProblem("rate", shape.rate); }
    Problem operator()(const load::Ramp &shape) const
    {
        if (auto problem = restProblem("rate", shape.from))
            return problem;
        // One of both may be nothing: a ramp from rest, or down to it.
        return shape.from > 0 ? restProblem("to", shape.to) : rateProblem("to", shape.to);
    }
    Problem operator()(const load::Spike &shape) const
    {
        if (auto problem = restProblem("rate", shape.base))
            return problem;
        if (auto problem = rateProblem("peak", shape.peak))
            return problem;
        if (shape.peak <= shape.base)
            return LoadPlanProblem{"peak", "Expected more than the rate before and after it, " +
                                               numberText(shape.base) + " per second"};
        if (shape.width.count() < 1 || shape.width > plan.duration)
            return LoadPlanProblem{"width", "Expected 1ms up to the whole run, " + toText(plan.duration)};
        return std::nullopt;
    }
    Problem operator()(const load::Replay &shape) const
    {
        if (shape.since && shape.until && *shape.until <= *shape.since)
            return LoadPlanProblem{"until", "Expected a time after the stretch's begin"};
        return outside("speed", shape.speed, bounds::loadSpeed);
    }
    Problem operator()(const load::Callers &shape) const
    {
        if (auto problem = outside("closed", shape.count, bounds::loadCallers, " callers"))
            return problem;
        return outside("think", shape.think, bounds::loadThink);
    }
};

Problem eventsProblem(const LoadPlan &plan)
{
    if (std::holds_alternative<load::Replay>(plan.shape))
        return std::nullopt;
    if (plan.events.empty() || plan.events.size() > bounds::loadEvents)
        return LoadPlanProblem{"event", "Expected 1 to " + numberText(double(bounds::loadEvents)) + " events"};
    std::size_t bytes = 0;
    for (const LoadEvent &event : plan.events) {
        if (auto problem = outside("event", event.weight, bounds::loadWeight))
            return LoadPlanProblem{"event", "The weight of " + event.name + ": " + problem->message};
        bytes += event.data->size();
    }
    if (bytes > bounds::loadEventBytes)
        return LoadPlanProblem{"event", "Expected events of at most 16 MB together"};
    return std::nullopt;
}

} // namespace

std::string_view load::wordOf(const Shape &shape)
{
    static constexpr std::array<std::string_view, 6> words{"constant", "ramp", "spike", "poisson", "replay", "closed"};
    return words.at(shape.index());
}

std::optional<LoadPlanProblem> problemOf(const LoadPlan &plan)
{
    if (auto problem = outside("duration", plan.duration, bounds::loadDuration))
        return problem;
    if (auto problem = std::visit(ShapeCheck{plan}, plan.shape))
        return problem;
    if (auto problem = outside("max-in-flight", plan.maxInFlight, bounds::loadInFlight))
        return problem;
    if (auto problem = outside("patience", plan.patience, bounds::loadPatience))
        return problem;
    if (expectedSendings(plan) > double(bounds::loadSendings))
        return LoadPlanProblem{"duration", "Expected a run of at most a billion events at this rate"};
    return eventsProblem(plan);
}

double expectedSendings(const LoadPlan &plan)
{
    struct Expect
    {
        double seconds;
        double operator()(const load::Constant &shape) const { return shape.rate * seconds; }
        double operator()(const load::Poisson &shape) const { return shape.rate * seconds; }
        double operator()(const load::Ramp &shape) const { return (shape.from + shape.to) / 2 * seconds; }
        double operator()(const load::Spike &shape) const
        {
            const double width = std::chrono::duration<double>(shape.width).count();
            return shape.base * (seconds - width) + shape.peak * width;
        }
        double operator()(const load::Replay &) const { return 0; }
        double operator()(const load::Callers &) const { return 0; }
    };
    return std::visit(Expect{std::chrono::duration<double>(plan.duration).count()}, plan.shape);
}

} // namespace kiln
