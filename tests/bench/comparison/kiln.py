# SPDX-License-Identifier: GPL-3.0-or-later
"""`kiln serve` on a workspace of its own."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from peers import SOURCES
from programs import Failed, Server, Unavailable

READY = "kiln: listening on http://127.0.0.1:"


class KilnServe:
    def __init__(self, program: Path, work: Path):
        self._program, self._workspace = program, work / "workspace"
        self._environment = dict(os.environ, **{f"XDG_{name}_HOME": str(work / "home" / name.lower())
                                                for name in ("CONFIG", "STATE", "CACHE", "DATA")})
        self._log = work / "kiln.log"
        self._server = None
        self._kiln("init", str(self._workspace))

    def _kiln(self, *words: str) -> str:
        run = subprocess.run([self._program, *words], env=self._environment, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)
        if run.returncode != 0:
            raise Failed(f"kiln {words[0]}: {run.stderr.strip()}")
        return run.stdout

    def add(self, name: str, language: str, *settings: str) -> None:
        """A function with the handler that serverless-offline has too, at POST /NAME."""
        folder = self._workspace / "functions" / name
        folder.mkdir(parents=True)
        shutil.copy(SOURCES / ("handler.py" if language == "python" else "handler.js"), folder)
        lines = [f"runtime: {language}", "handler: handler.handler", *settings, "triggers:", f"  - http: POST /{name}"]
        (folder / "function.yaml").write_text("\n".join(lines) + "\n")

    def start(self) -> None:
        command = [self._program, "--workspace", self._workspace, "serve", "--listen", "127.0.0.1:0"]
        self._server = Server("kiln serve", command, 0, self._log, environment=self._environment, ready=READY)
        self._server.wait_until_ready()

    @property
    def port(self) -> int:
        return self._server.port

    def refusal(self, name: str) -> str:
        """Why the settings of a function are not accepted: what is not built yet is refused by its name. Else empty."""
        for line in self._server.printed().splitlines():
            if f"functions/{name}/function.yaml" in line:
                return line.partition("function.yaml")[2].partition(": ")[2]
        return ""

    def need(self, name: str) -> None:
        if why := self.refusal(name):
            raise Unavailable(why)

    def recorded(self, name: str) -> int:
        metrics = self._kiln("--workspace", str(self._workspace), "metrics", "--function", name, "--json")
        return json.loads(metrics)["invocations"]

    def starts(self) -> dict:
        """How the last start of each function came about, by its name; of the last thousand invocations."""
        rows = self._kiln("--workspace", str(self._workspace), "history", "--limit", "1000", "--json").splitlines()
        return {row["function"]: row["start"] for row in map(json.loads, rows) if row["cold"]}

    def close(self) -> None:
        if self._server:
            self._server.close()
