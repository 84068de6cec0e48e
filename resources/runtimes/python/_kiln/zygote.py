# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that forks others, each into a sandbox of its own: the launcher adds the namespaces to the fork.

Asked over descriptor 5: one byte, "n" if the child is waited for, with the channel and the output of the child (core/sandbox/launcher.h).
"""

import gc
import posix
import sys

BIRTHS = 5
HIGH_DESCRIPTOR = 1001  # see channel.py


class Births:
    def __init__(self):
        import _socket
        from _struct import unpack

        high = posix.dup2(BIRTHS, HIGH_DESCRIPTOR, False)
        posix.close(BIRTHS)
        self._socket = _socket.socket(fileno=high)
        self._room = _socket.CMSG_SPACE(8)
        self._unpack = unpack

    def bear(self, channel):
        """Forks when asked to, for as long as this process lives. Returns in each child, whose channel it then is:
        whether somebody waits for it."""
        gc.collect()
        gc.freeze()  # the collector would touch, and so copy, every page that is shared
        while True:
            word, sent, *_ = self._socket.recvmsg(1, self._room)
            if not word:
                posix._exit(0)
            ends = self._unpack("ii", sent[0][2])
            if posix.fork() == 0:
                self._socket.close()
                become(channel, *ends)
                return word == b"n"
            for end in ends:
                posix.close(end)


def become(channel, own, output):
    channel.adopt(own)
    for place in (1, 2):
        posix.dup2(output, place)
    posix.close(output)
    posix.setsid()
    reseed()


def reseed():
    """What would be the same in all children. `random` looks after itself, OpenSSL too; generators that the user made
    are the user's to seed anew: os.register_at_fork, or snapshot_restore_py."""
    numbers = sys.modules.get("numpy.random")
    if numbers is not None:
        numbers.seed()
    identifiers = sys.modules.get("uuid")
    if identifiers is not None:
        identifiers._node = identifiers._last_timestamp = None


class Trace:
    """What a module may leave behind that a fork does not take along, or that siblings must not share."""

    def __init__(self):
        self._descriptors = posix.listdir("/proc/self/fd")

    def objection(self):
        """Why this process must not be forked; None when it may."""
        threads = len(posix.listdir("/proc/self/task"))
        if threads > 1:  # a library that knows of forks (numpy's OpenBLAS) ends its threads before one
            if posix.fork() == 0:
                posix._exit(0)
            posix.wait()
            threads = len(posix.listdir("/proc/self/task"))
        if threads > 1:
            return f"loading it started {threads - 1} thread{'s' if threads > 2 else ''}"
        if posix.listdir("/proc/self/fd") != self._descriptors:
            return "loading it left files or sockets open"
        try:
            posix.waitid(posix.P_ALL, 0, posix.WEXITED | posix.WNOHANG | posix.WNOWAIT)
            return "loading it started processes"
        except ChildProcessError:
            pass
        if posix.listdir("/tmp"):
            return "loading it wrote to /tmp"
        return None
