// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/launcher/exit_pipe.h"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace kiln::launcher {

Result<ExitPipe> ExitPipe::open()
{
    int ends[2];
    // The read end must not wait in drain(); the write end may, for the little while until the launcher drains a full
    // pipe (thousands of sandboxes ending at once).
    if (::pipe2(ends, O_CLOEXEC) != 0 || ::fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0)
        return failErrno(Error::Code::Sandbox, errno, "cannot make a pipe");
    ExitPipe pipe;
    pipe.m_read.reset(ends[0]);
    pipe.m_write.reset(ends[1]);
    return pipe;
}

std::vector<ExitPipe::Report> ExitPipe::drain()
{
    std::vector<Report> reports;
    Report report;
    while (::read(m_read.get(), &report, sizeof report) == ssize_t(sizeof report))
        reports.push_back(report);
    return reports;
}

void ExitPipe::report(int writeEnd, const Report &report)
{
    [[maybe_unused]] const ssize_t count = ::write(writeEnd, &report, sizeof report);
}

} // namespace kiln::launcher
