// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pool/balance.h"
#include "core/pool/scaler.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <vector>

namespace kiln::test {

/// A function whose workers are numbers: hours of it run in milliseconds, with the policies that the engine uses.
class SimulatedFunction
{
public:
    struct Costs
    {
        std::chrono::nanoseconds start = std::chrono::milliseconds(100);
        std::chrono::nanoseconds handler = std::chrono::milliseconds(20);
        ByteSize memory = 32_MB;
    };
    struct Totals
    {
        int served = 0;
        int starts = 0;
        int most = 0;                               ///< Workers at once.
        int delayed = 0;                            ///< Events that had to wait.
        std::chrono::nanoseconds waited{};          ///< Together.
        std::chrono::duration<double> workerTime{}; ///< Of all workers, idle or not.
        std::vector<Instant> startedAt;
    };

    SimulatedFunction(ScalePolicy policy, Costs costs)
        : m_policy(policy)
        , m_costs(costs)
        , m_scaler(policy)
    {}

    void at(Instant when, std::function<void()> action) { m_due.emplace(when, std::move(action)); }
    void arriveAt(Instant when)
    {
        at(when, [this] {
            m_scaler.arrived(m_now);
            m_waiting.push_back(m_now);
            pump();
        });
    }

    /// Runs until nothing is due any more, or this moment.
    void run(Instant until)
    {
        while (!m_due.empty() && m_due.begin()->first <= until) {
            const auto due = m_due.extract(m_due.begin());
            pass(due.key());
            due.mapped()();
        }
        pass(until);
    }

    [[nodiscard]] const Totals &totals() const { return m_totals; }
    [[nodiscard]] int alive() const { return int(m_idle.size()) + m_busy + m_starting; }
    [[nodiscard]] int waiting() const { return int(m_waiting.size()); }

private:
    void pass(Instant to)
    {
        m_totals.workerTime += alive() * std::chrono::duration<double>(to - m_now);
        m_now = to;
    }

    void pump()
    {
        while (!m_waiting.empty() && !m_idle.empty()) {
            const std::size_t index = *chooseFree(m_policy.concurrency.balance, m_idle, m_lastLent);
            m_lastLent = m_idle[index].id;
            FreeWorker worker = m_idle[index];
            m_idle.erase(m_idle.begin() + std::ptrdiff_t(index));
            m_totals.waited += m_now - m_waiting.front();
            m_totals.delayed += m_now > m_waiting.front() ? 1 : 0;
            m_waiting.pop_front();
            ++m_busy;
            ++worker.served;
            at(m_now + m_costs.handler, [this, worker] { answered(worker); });
        }
        const Scaler::Plan plan = m_scaler.plan(m_now, load(), Scaler::Provision::On);
        for (int i = 0; i < plan.stop; ++i)
            m_idle.erase(m_idle.begin());
        for (int i = 0; i < plan.start && alive() < m_policy.concurrency.max; ++i)
            startOne();
        if (plan.again && (m_again <= m_now || *plan.again < m_again)) {
            m_again = *plan.again;
            at(m_again, [this] { pump(); });
        }
    }

    void startOne()
    {
        m_scaler.started(m_now);
        ++m_starting;
        ++m_totals.starts;
        m_totals.startedAt.push_back(m_now);
        m_totals.most = std::max(m_totals.most, alive());
        at(m_now + m_costs.start, [this] {
            --m_starting;
            m_scaler.ready(m_costs.start);
            becomeIdle({.id = ++m_lastId});
        });
    }

    void answered(FreeWorker worker)
    {
        --m_busy;
        ++m_totals.served;
        m_scaler.answered(m_costs.memory);
        becomeIdle(worker);
    }

    void becomeIdle(FreeWorker worker)
    {
        worker.since = m_now;
        m_idle.push_back(worker);
        pump();
        at(m_now + m_scaler.keepAlive(), [this] { retireExpired(); });
    }

    void retireExpired()
    {
        while (!m_idle.empty() && m_idle.front().since + m_scaler.keepAlive() <= m_now &&
               alive() > m_scaler.spared(Scaler::Provision::On))
            m_idle.erase(m_idle.begin());
    }

    [[nodiscard]] Scaler::Load load() const
    {
        return {.waiting = waiting(),
                .running = m_busy,
                .idle = int(m_idle.size()),
                .busy = m_busy,
                .starting = m_starting};
    }

    const ScalePolicy m_policy;
    const Costs m_costs;
    Scaler m_scaler;
    Totals m_totals;
    Instant m_now{};
    Instant m_again{};
    std::multimap<Instant, std::function<void()>> m_due;
    std::deque<Instant> m_waiting;
    std::vector<FreeWorker> m_idle;
    std::uint64_t m_lastId = 0;
    std::uint64_t m_lastLent = 0;
    int m_busy = 0;
    int m_starting = 0;
};

} // namespace kiln::test
