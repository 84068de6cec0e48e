// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/base/unique_fd.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace kiln::launcher {

/// How pid 1 of each sandbox tells the launcher the worker's exact wait status: its own exit code could not tell an
/// exit with 137 from a SIGKILL, and pid 1 of a namespace cannot end itself by a signal. One pipe for all.
class ExitPipe
{
public:
    struct Report
    {
        std::uint64_t sandbox = 0;
        std::int32_t child = 0; ///< Of a zygote: which, as its pid 1 sees it; 0 for the sandbox's own worker.
        std::int32_t waitStatus = 0;
    };

    [[nodiscard]] static Result<ExitPipe> open();
    [[nodiscard]] std::vector<Report> drain(); ///< In the launcher.

    [[nodiscard]] int readEnd() const { return m_read.get(); }

    /// In the sandbox's pid 1, which keeps only this descriptor.
    [[nodiscard]] int writeEnd() const { return m_write.get(); }
    static void report(int writeEnd, const Report &report);

private:
    UniqueFd m_read;
    UniqueFd m_write;
};

} // namespace kiln::launcher
