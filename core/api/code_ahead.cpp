// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/code_ahead.h"

#include <utility>

namespace kiln {

using namespace std::chrono_literals;

namespace {

/// What runs a single command has ended by then, and what waited for a save has had its first start.
constexpr auto afterWanted = 400ms;

} // namespace

CodeAhead::CodeAhead(Loop &loop, Ports ports)
    : m_loop(loop)
    , m_ports(std::move(ports))
{}

void CodeAhead::want(const RevisionPtr &revision)
{
    if (revision->settings.runtime.language != Language::Python || !m_ports.mayBuild() ||
        !m_wanted.insert(revision->hash).second)
        return;
    // A revision that was replaced meanwhile is not kept for this.
    m_loop.timers().after(afterWanted, [this, weak = std::weak_ptr(revision), alive = std::weak_ptr(m_alive)] {
        const RevisionPtr still = alive.expired() ? nullptr : weak.lock();
        if (still && m_ports.mayBuild()) // or the engine is about to end
            plan(still);
    });
}

void CodeAhead::plan(const RevisionPtr &revision)
{
    const Result<Interpreter> interpreter = m_ports.interpreter(revision->settings.runtime);
    if (!interpreter)
        return;
    auto made = std::make_shared<Result<BuildPlan>>(fail(Error::Code::Io, "not planned yet"));
    m_loop.offload([made, revision, interpreter = *interpreter,
                    resources = m_ports.resources] { *made = planCodeAhead(*revision, interpreter, resources); },
                   [this, made, revision, alive = std::weak_ptr(m_alive)] {
                       if (!alive.expired() && *made)
                           build(revision, std::move(**made));
                   });
}

void CodeAhead::build(const RevisionPtr &revision, BuildPlan plan)
{
    m_ports.builder.build(std::move(plan),
                          [this, revision, alive = std::weak_ptr(m_alive)](Result<BuildOutcome> outcome) {
                              if (alive.expired() || !outcome || outcome->products.empty())
                                  return; // Each worker compiles for itself, and says what is wrong with it.
                              m_ports.compiled(revision, std::move(outcome->products.front()));
                              m_ports.told(revision, std::move(outcome->problems));
                          });
}

} // namespace kiln
