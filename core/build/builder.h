// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/loop.h"
#include "core/build/build_plan.h"
#include "core/model/problem.h"
#include "core/sandbox/launcher.h"

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

namespace kiln {

/// What a build came to: all products, or problems of which at least one is an error.
struct BuildOutcome
{
    std::vector<std::string> products; ///< Their bytes, in the plan's order; empty when it failed.
    std::vector<Problem> problems;     ///< Warnings too.
};

/// Runs compilers, each in a sandbox of its own, a few at once; the others wait in order.
///
/// Engine thread only. A build is bounded in time, memory, processes, scratch space, and in what it says and makes.
class Builder
{
public:
    Builder(Loop &loop, Launcher &launcher);
    ~Builder();
    Builder(const Builder &) = delete;
    Builder &operator=(const Builder &) = delete;

    using Done = std::function<void(Result<BuildOutcome>)>;

    /// `done` comes later, once; an Error is what Kiln could not do. Takes the place of an earlier build of this
    /// function, whose `done` never comes.
    void build(BuildPlan plan, Done done);
    /// Ends a build of this function.
    void cancel(const std::string &function);

private:
    class Job;

    void startNext();
    void onJobEnded(Job *job, Result<BuildOutcome> outcome);

    Loop &m_loop;
    Launcher &m_launcher;
    std::list<std::unique_ptr<Job>> m_running;
    std::list<std::unique_ptr<Job>> m_ended; ///< Until no event of theirs is on the stack.
    std::list<std::pair<BuildPlan, Done>> m_waiting;
    std::shared_ptr<int> m_alive = std::make_shared<int>(0);
};

} // namespace kiln
