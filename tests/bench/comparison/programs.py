# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs that measure or are measured: those that take turns, and servers."""

import contextlib
import os
import select
import signal
import socket
import subprocess
import time
from pathlib import Path

from table import Sample

TURN_S = 240  # for one turn at most: a thousand starts on a busy machine
PATIENCE_S = 60  # for a server to come up: the first start of some reads a thousand files


class Unavailable(Exception):
    """Something that this machine or this version does not have: a row is skipped and says so."""


class Failed(Exception):
    """Something that should work and does not."""


class TurnProgram:
    """A program that measures when asked (see tests/bench/turns.h). Started when first asked."""

    def __init__(self, *command: str):
        self._command = command
        self._process = None

    def ask(self, words: str) -> list:
        if self._process is None:
            self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            self._process.stdin.write(f"{words}\n".encode())
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # reading tells
        answer = self._line(words)
        if answer.startswith("!"):
            raise Failed(answer[1:].strip())
        samples = []
        for word in answer.split():
            value, _, label = word.partition(":")
            samples.append(Sample(float(value), label))
        return samples

    def _line(self, words: str) -> str:
        output, answer, end = self._process.stdout.fileno(), b"", time.monotonic() + TURN_S
        while not answer.endswith(b"\n"):
            ready, _, _ = select.select([output], [], [], max(0, end - time.monotonic()))
            part = os.read(output, 65536) if ready else b""
            if not part:
                why = "ended" if ready else f"did not answer for {TURN_S} s"
                self._process.kill()
                raise Failed(f"{Path(self._command[0]).name} {why} when asked for '{words}'")
            answer += part
        return answer.decode()

    def close(self) -> None:
        if self._process:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
            self._process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


class Server:
    """A program that listens on a port of this machine, in a process group of its own.

    What it prints is kept in a file. `ready` is what it prints once it serves; without one it serves once its port is
    open. Where `port` is 0 the program chooses one, and prints it behind `ready`.
    """

    def __init__(self, name: str, command: list, port: int, log: Path, folder=None, environment=None, ready=""):
        self.name, self.port, self._log, self._ready = name, port, log, ready
        with log.open("wb") as output:
            self._process = subprocess.Popen(command, cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=output,
                                             stderr=subprocess.STDOUT, start_new_session=True)

    def printed(self) -> str:
        return self._log.read_text(errors="replace")

    def wait_until_ready(self, step_s: float = 0.05) -> None:
        end = time.monotonic() + PATIENCE_S
        while not (self._ready in self.printed() if self._ready else answers(self.port)):
            if self._process.poll() is not None or time.monotonic() > end:
                self.close()
                raise Failed(f"{self.name} does not start: {self.printed().strip()[-300:]}")
            time.sleep(step_s)
        if self.port == 0:
            self.port = int(self.printed().partition(self._ready)[2].split()[0])

    def close(self) -> None:
        try:
            os.killpg(self._process.pid, signal.SIGTERM)
            self._process.wait(10)
            os.killpg(self._process.pid, signal.SIGKILL)  # what it started and left
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        except ProcessLookupError:
            pass
        finally:
            self._process.wait()
            self._process.stdin.close()
