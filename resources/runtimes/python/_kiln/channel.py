# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames over descriptor 3, as core/runtime/frames.h lays them out."""

import posix

from _struct import Struct

INIT, INVOKE, CODE, BEGIN, ASK_KEPT = 1, 2, 3, 4, 5
HELLO, READY, INIT_ERROR, RESULT, FAILURE, DECLINED, NOTES, KEPT = 16, 17, 18, 19, 20, 21, 22, 23
HEADER = Struct("<IBBH8s")  # length, type, flags, 0, serial (kept as bytes: it is only ever echoed)
HEADER_SIZE = 16
BUFFER_SIZE = 64 * 1024
TOUCHED = 8 * 1024
HIGH_DESCRIPTOR = 1000  # where code that closes or counts up from 3 does not hit the channel by accident


class Channel:
    """Frames in and out. A closed channel means that the engine is gone: this process ends at once."""

    def __init__(self, fd):
        self.adopt(fd)
        self._view = memoryview(bytearray(BUFFER_SIZE))
        self._whole = [self._view]
        self._begin = self._end = 0
        posix.register_at_fork(after_in_child=self._forked)

    def touch(self):
        """What a fork shares becomes this process's own where the first frames will lie."""
        self._view[:TOUCHED] = bytes(TOUCHED)

    def adopt(self, fd):
        """Speaks over this descriptor from now on."""
        try:
            high = posix.dup2(fd, HIGH_DESCRIPTOR, False)
            posix.close(fd)
            fd = high
        except OSError:  # a lower limit of descriptors: stay where we are
            posix.set_inheritable(fd, False)
        posix.set_blocking(fd, True)
        self._fd = fd

    def _forked(self):
        # A child that returns from the handler must not answer in its parent's name.
        posix.close(self._fd)
        self._fd = -1

    def _read(self, into):
        try:
            count = posix.readv(self._fd, into)
        except OSError:
            count = 0
        if count == 0:
            posix._exit(0)
        return count

    def receive(self):
        """The next frame as (type, serial, body); the body is a view that holds until the next call."""
        view, begin, end = self._view, self._begin, self._end
        if begin == end:
            begin, end = 0, self._read(self._whole)
        while True:
            held = end - begin
            if held >= HEADER_SIZE:
                length, kind, _, _, serial = HEADER.unpack_from(view, begin)
                size = HEADER_SIZE + length
                if held >= size:
                    self._begin, self._end = begin + size, end
                    return kind, serial, view[begin + HEADER_SIZE : begin + size]
                if size > BUFFER_SIZE:
                    self._begin = self._end = 0
                    return kind, serial, self._receive_large(view[begin:end], size)
            if begin:
                view[:held] = bytes(view[begin:end])
                begin, end = 0, held
            end += self._read([view[end:]])

    def _receive_large(self, part, size):
        whole = memoryview(bytearray(size))
        end = len(part)
        whole[:end] = part
        while end < size:
            end += self._read([whole[end:]])
        return whole[HEADER_SIZE:]

    def send(self, kind, serial, body=b"", flags=0):
        header = HEADER.pack(len(body), kind, flags, 0, serial)
        try:
            sent = posix.writev(self._fd, (header, body))
            if sent < HEADER_SIZE + len(body):
                rest = memoryview(header + body)[sent:]
                while rest:
                    rest = rest[posix.write(self._fd, rest) :]
        except OSError:
            posix._exit(0)
