// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/settings_text.h"

#include "core/model/grant.h"
#include "core/model/interpreter.h"

#include <cmath>

namespace kiln {

namespace {

class Writer
{
public:
    void add(std::string_view name, std::string_view value)
    {
        // Length first, so that no value can pass for the end of it and another key.
        m_text.append(name).append(" ").append(std::to_string(value.size())).append(":").append(value).append("\n");
    }
    void add(std::string_view name, std::int64_t value) { add(name, std::string_view(std::to_string(value))); }
    std::string take() { return std::move(m_text); }

private:
    std::string m_text;
};

std::string_view toWord(Permissions::Network network)
{
    switch (network) {
    case Permissions::Network::None: return "none";
    case Permissions::Network::Loopback: return "loopback";
    case Permissions::Network::Hosts: return "hosts";
    case Permissions::Network::All: return "all";
    }
    return "none";
}

void addLimits(Writer &out, const Limits &limits)
{
    out.add("memory", limits.memory.count);
    out.add("cpu", limits.cpu == Limits::Cpu::Unlimited ? "unlimited" : "proportional");
    out.add("timeout", limits.timeout.count());
    out.add("init_timeout", limits.initTimeout.count());
    out.add("tmp", limits.tmp.count);
    out.add("tmp_inodes", limits.tmpInodes);
    out.add("processes", limits.processes);
    out.add("files", limits.files);
    out.add("result", limits.result.count);
    out.add("log", limits.log.count);
}

/// What is left at its default is left out, so that revisions of before these keys keep their names.
void addConcurrency(Writer &out, const Concurrency &concurrency)
{
    out.add("max", concurrency.max);
    out.add("queue", concurrency.queue);
    if (concurrency.min != 0)
        out.add("min", concurrency.min);
    if (concurrency.perWorker != 1)
        out.add("per_worker", concurrency.perWorker);
    if (concurrency.queueAge)
        out.add("queue_age", concurrency.queueAge->count());
    if (concurrency.balance != Balance::MostRecent)
        out.add("balance", concurrency.balance == Balance::RoundRobin ? "round_robin" : "least_loaded");
    if (concurrency.burst) {
        out.add("burst", concurrency.burst->workers);
        out.add("burst_per", concurrency.burst->per.count());
    }
    if (concurrency.target) {
        out.add("target", concurrency.target->measure == ScaleTarget::Measure::Rate ? "rate" : "concurrency");
        out.add("target_value", std::llround(concurrency.target->value * 1e6));
    }
}

} // namespace

std::string settingsText(const FunctionSettings &settings)
{
    Writer out;
    out.add("name", settings.name);
    out.add("language", toWord(settings.runtime.language));
    out.add("version", settings.runtime.version);
    out.add("handler", settings.handler);
    addLimits(out, settings.limits);
    addConcurrency(out, settings.concurrency);
    if (settings.keepWarm.policy == KeepWarm::Policy::Adaptive)
        out.add("keep_warm", "adaptive");
    else
        out.add("keep_warm", settings.keepWarm.time.count());
    out.add("freeze_after", settings.freezeAfter ? settings.freezeAfter->count() : -1);
    out.add("reuse", settings.reuse == Reuse::Never ? "never" : "always");
    out.add("isolation", settings.isolation == Isolation::Strict ? "strict" : "standard");
    for (const auto &[name, value] : settings.environment) {
        out.add("variable", name);
        out.add("value", value);
    }
    for (const std::string &name : settings.secrets)
        out.add("secret", name); // never its value
    out.add("network", toWord(settings.permissions.network));
    for (const Permissions::HostGrant &host : settings.permissions.hosts)
        out.add("host", toText(host));
    for (const Permissions::FileGrant &grant : settings.permissions.files) {
        out.add("grant", grant.path);
        out.add("mode", grant.mode == Permissions::Mode::ReadWrite ? "rw" : "ro");
    }
    for (const Trigger &trigger : settings.triggers) {
        out.add("trigger", kindOf(trigger));
        if (const auto *http = std::get_if<HttpTrigger>(&trigger))
            out.add("route", http->method + " " + http->path);
        if (const auto *schedule = std::get_if<ScheduleTrigger>(&trigger)) {
            out.add("schedule", schedule->expression);
            out.add("timezone", schedule->timezone);
        }
    }
    out.add("retries", settings.retry.retries);
    out.add("max_age", settings.retry.maxAge.count());
    return out.take();
}

} // namespace kiln
