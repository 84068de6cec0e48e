# SPDX-License-Identifier: GPL-3.0-or-later
"""Where and when a run was made."""

import os
import platform
import subprocess
from datetime import datetime, timezone
from pathlib import Path


def load() -> str:
    return f"{os.getloadavg()[0]:.1f}"


def _first(file: str, name: str) -> str:
    for line in Path(file).read_text().splitlines():
        if line.startswith(name):
            return line.partition(":")[2].strip()
    return "unknown"


def _version(*command: str) -> str:
    try:
        return subprocess.run(command, stdout=subprocess.PIPE, text=True).stdout.strip().removeprefix("Python ")
    except OSError:
        return "missing"


def described() -> str:
    memory = int(_first("/proc/meminfo", "MemTotal").split()[0]) / 2**20
    return (f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC, {_first('/proc/cpuinfo', 'model name')}, "
            f"{os.cpu_count()} processors, {memory:.0f} GB, Linux {platform.release()}, "
            f"Python {_version('/usr/bin/python3', '--version')}, Node {_version('/usr/bin/node', '--version')}")
