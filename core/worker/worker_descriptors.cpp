// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/worker/worker_descriptors.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace kiln {

Result<WorkerDescriptors> WorkerDescriptors::open(Launcher::WorkerEnds &ends)
{
    WorkerDescriptors ours;
    int channel[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel) != 0)
        return failErrno(Error::Code::Io, errno, "Cannot open a channel to a worker");
    ours.channel.reset(channel[0]);
    ends.channel.reset(channel[1]);
    int output[2];
    if (::pipe2(output, O_CLOEXEC) != 0)
        return failErrno(Error::Code::Io, errno, "Cannot open a pipe for a worker's output");
    ours.output.reset(output[0]);
    ends.output.reset(output[1]);
    for (const UniqueFd *end : {&ours.channel, &ours.output})
        ::fcntl(end->get(), F_SETFL, O_NONBLOCK);
    return ours;
}

} // namespace kiln
