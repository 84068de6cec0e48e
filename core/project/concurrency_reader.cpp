// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/setting_rules.h"
#include "core/project/function_reader.h"

#include <fmt/format.h>

namespace kiln {

namespace {

/// A key that may say "none"; null when absent or none.
const YamlNode *someAt(const YamlNode &map, std::string_view name)
{
    const YamlNode *node = map.find(name);
    return node && node->scalar == "none" ? nullptr : node;
}

Balance readBalance(const YamlNode &node, ProblemList &problems)
{
    if (node.scalar == "round_robin")
        return Balance::RoundRobin;
    if (node.scalar == "least_loaded")
        return Balance::LeastLoaded;
    if (node.scalar != "most_recent")
        problems.expected(node, "concurrency.balance", "most_recent, round_robin or least_loaded");
    return Balance::MostRecent;
}

BurstLimit readBurst(const YamlNode &node, ProblemList &problems)
{
    BurstLimit burst;
    if (node.scalar == "lambda")
        return burst;
    if (node.kind != YamlNode::Kind::Map) {
        problems.expected(node, "concurrency.burst", "none, lambda or a map such as {workers: 50, per: 10s}");
        return burst;
    }
    problems.checkKeys(node, functionKeys(), "concurrency.burst");
    if (const YamlNode *workers = node.find("workers"))
        burst.workers =
            problems.integer(*workers, "concurrency.burst.workers", bounds::burstWorkers).value_or(burst.workers);
    else
        problems.error(node, "concurrency.burst", "expected workers such as {workers: 50, per: 10s}, found none");
    if (const YamlNode *per = node.find("per"))
        burst.per = problems.duration(*per, "concurrency.burst.per", bounds::burstPer).value_or(burst.per);
    return burst;
}

int readPerWorker(const YamlNode &node, ProblemList &problems, std::optional<Language> language)
{
    const int perWorker = problems.integer(node, "concurrency.per_worker", bounds::perWorker).value_or(1);
    const std::string why = perWorker > 1 && language ? whyOneAtATime(*language) : std::string();
    if (!why.empty())
        problems.error(node, "concurrency.per_worker", why);
    return perWorker;
}

ScaleTarget readTarget(const YamlNode &node, ProblemList &problems, int perWorker)
{
    ScaleTarget target;
    static const std::string form = "none, or either {concurrency: 0.7} or {rate: 50}";
    if (node.kind != YamlNode::Kind::Map) {
        problems.expected(node, "concurrency.target", form);
        return target;
    }
    problems.checkKeys(node, functionKeys(), "concurrency.target");
    const YamlNode *concurrency = node.find("concurrency");
    const YamlNode *rate = node.find("rate");
    if ((concurrency != nullptr) == (rate != nullptr)) {
        problems.error(node, "concurrency.target",
                       "expected " + form + ", found " + (rate ? "both of them" : "neither of them"));
    } else if (rate) {
        target.measure = ScaleTarget::Measure::Rate;
        target.value = problems.number(*rate, "concurrency.target.rate", bounds::targetRate).value_or(1);
    } else {
        target.value =
            problems.number(*concurrency, "concurrency.target.concurrency", bounds::targetConcurrency(perWorker))
                .value_or(1);
    }
    return target;
}

} // namespace

Concurrency readConcurrency(const YamlNode &map, ProblemList &problems, std::optional<Language> language)
{
    Concurrency read;
    if (const YamlNode *node = map.find("max"))
        read.max = problems.integer(*node, "concurrency.max", bounds::workers).value_or(read.max);
    if (const YamlNode *node = map.find("min")) {
        read.min = problems.integer(*node, "concurrency.min", bounds::minWorkers).value_or(read.min);
        if (read.min > read.max)
            problems.expected(*node, "concurrency.min", fmt::format("at most concurrency.max ({})", read.max));
    }
    if (const YamlNode *node = map.find("per_worker"))
        read.perWorker = readPerWorker(*node, problems, language);
    if (const YamlNode *node = map.find("queue"))
        read.queue = problems.integer(*node, "concurrency.queue", bounds::queue).value_or(read.queue);
    if (const YamlNode *node = someAt(map, "queue_age"))
        read.queueAge = problems.duration(*node, "concurrency.queue_age", bounds::queueAge);
    if (const YamlNode *node = map.find("balance"))
        read.balance = readBalance(*node, problems);
    if (const YamlNode *node = someAt(map, "burst"))
        read.burst = readBurst(*node, problems);
    if (const YamlNode *node = someAt(map, "target"))
        read.target = readTarget(*node, problems, read.perWorker);
    return read;
}

} // namespace kiln
