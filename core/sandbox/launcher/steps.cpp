// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/launcher/steps.h"

#include "core/sandbox/wire.h"

#include <cerrno>
#include <unistd.h>

namespace kiln::launcher {
namespace {

constexpr int failedStepCode = 125;

void tell(int statusPipe, const wire::Status &status)
{
    const std::string bytes = wire::encodeStatus(status);
    // Shorter than PIPE_BUF into an empty pipe: whole or, when the engine is gone, not at all; then nobody needs it.
    [[maybe_unused]] const ssize_t count = ::write(statusPipe, bytes.data(), bytes.size());
}

} // namespace

void Steps::fail(const std::string &place) const
{
    tellFailure(m_status, m_step, errno, place);
    ::_exit(failedStepCode);
}

void Steps::aboutToExecute() const { tellExecuting(m_status); }

void tellExecuting(int statusPipe) { tell(statusPipe, wire::Status{}); }

void tellFailure(int statusPipe, const std::string &step, int sysErrno, const std::string &place)
{
    tell(statusPipe, {wire::Status::Kind::Failed, sysErrno, step, place});
}

} // namespace kiln::launcher
