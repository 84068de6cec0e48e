// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace kiln::launcher {

/// Fails closed: a sandbox is put up step by step, and the first one that does not work is told by name over the status
/// pipe and ends the process. For use in a child of the launcher only.
class Steps
{
public:
    explicit Steps(int statusPipe)
        : m_status(statusPipe)
    {}

    /// The step that begins; what `require` tells on failure.
    void begin(const char *step) { m_step = step; }
    /// Ends the process unless `ok`; errno says why.
    void require(bool ok, const std::string &place = {}) const
    {
        if (!ok)
            fail(place);
    }
    [[noreturn]] void fail(const std::string &place) const;
    /// The next thing is execve.
    void aboutToExecute() const;

private:
    int m_status;
    const char *m_step = "start";
};

/// Tells that all steps are done.
void tellExecuting(int statusPipe);
/// Tells the failure of a step that the launcher itself took, before there was a child.
void tellFailure(int statusPipe, const std::string &step, int sysErrno, const std::string &place);

} // namespace kiln::launcher
