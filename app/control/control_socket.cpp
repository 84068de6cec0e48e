// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/control/control_socket.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/socket.h>

namespace kiln {

Result<ControlAddress> ControlAddress::of(const std::filesystem::path &workspace)
{
    const std::filesystem::path folder = workspace / ".kiln";
    ControlAddress result;
    result.folder.reset(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!result.folder)
        return failErrno(Error::Code::Io, errno, "Cannot open the workspace's own folder", folder.string());
    result.address.sun_family = AF_UNIX;
    std::snprintf(result.address.sun_path, sizeof result.address.sun_path, "/proc/self/fd/%d/control.sock",
                  result.folder.get());
    return result;
}

} // namespace kiln
