# SPDX-License-Identifier: GPL-3.0-or-later
"""Peers from npm, in the versions that tests/bench/peers/package-lock.json pins: installed into the build folder."""

import json
import os
import platform
import shutil
import subprocess
from pathlib import Path

from programs import Failed, Server, Unavailable, free_port

SOURCES = Path(__file__).resolve().parent.parent / "peers"
NAMES = ["workerd", "@google-cloud/functions-framework", "serverless", "serverless-offline"]


def versions() -> str:
    locked = json.loads((SOURCES / "package-lock.json").read_text())["packages"]
    return ", ".join(f"{name} {locked[f'node_modules/{name}']['version']}" for name in NAMES)


class Peers:
    """Servers of peers by name, each started when first needed."""

    def __init__(self, folder: Path, work: Path, functions: int):
        """`folder` keeps what is installed; `functions` is how many never called before serverless-offline offers."""
        self._folder, self._work, self._functions = folder, work, functions
        self._servers, self._problem = {}, None
        self._environment = {
            "PATH": os.environ["PATH"], "HOME": str(work), "FUNCTION_TARGET": "echo", "SLS_TELEMETRY_DISABLED": "1",
            "SLS_NOTIFICATIONS_MODE": "off", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none",
        }

    def install(self) -> None:
        """What cannot be installed is told by whoever needs it."""
        try:
            self._install()
        except (Failed, Unavailable) as problem:
            self._problem = str(problem)

    def _install(self) -> None:
        wanted = (SOURCES / "package-lock.json").read_text()
        done = self._folder / "installed"
        if not done.exists() or done.read_text() != wanted:
            if not shutil.which("npm"):
                raise Unavailable("npm is missing")
            self._folder.mkdir(parents=True, exist_ok=True)
            for name in ("package.json", "package-lock.json"):
                shutil.copy(SOURCES / name, self._folder)
            print(f"installing peers into {self._folder}", flush=True)
            run = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=self._folder,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            if run.returncode != 0:
                raise Unavailable(f"npm cannot install it: {' '.join(run.stdout.split())[-200:]}")
            done.write_text(wanted)
        for source in SOURCES.iterdir():
            if source.suffix in (".js", ".py", ".capnp"):
                shutil.copy(source, self._folder)

    def port(self, name: str) -> int:
        if self._problem:
            raise Unavailable(self._problem)
        if name not in self._servers:
            server = self.start(name)
            server.wait_until_ready()
            self._servers[name] = server
        return self._servers[name].port

    def start(self, name: str) -> Server:
        if self._problem:
            raise Unavailable(self._problem)
        port = free_port()
        command, folder, ready = {
            "workerd": self._workerd,
            "workerd-loader": self._workerd_loader,
            "functions-framework": self._functions_framework,
            "serverless-offline": self._serverless_offline,
        }[name](port)
        return Server(name, command, port, self._work / f"{name}.log", folder, self._environment, ready)

    def _workerd(self, port: int, *options: str, config: str = "workerd.capnp") -> tuple:
        machine = {"x86_64": "64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
        program = self._folder / f"node_modules/@cloudflare/workerd-linux-{machine}/bin/workerd"
        if not program.exists():
            raise Unavailable(f"there is no workerd for {platform.machine()}")
        return [program, "serve", *options, config, f"--socket-addr=http=127.0.0.1:{port}"], self._folder, ""

    def _workerd_loader(self, port: int) -> tuple:
        return self._workerd(port, "--experimental", config="workerd-loader.capnp")

    def _functions_framework(self, port: int) -> tuple:
        program = self._folder / "node_modules/.bin/functions-framework"
        return ["node", program, f"--source={self._folder / 'framework.js'}", f"--port={port}"], self._folder, ""

    def _serverless_offline(self, port: int) -> tuple:
        service = self._folder / "offline"
        service.mkdir(exist_ok=True)
        for name in ("handler.js", "handler.py"):
            shutil.copy(SOURCES / name, service)
        functions = {}
        for i in range(self._functions):
            for runtime, language in (("nodejs20.x", "node"), ("python3.11", "python")):
                functions[f"{language}{i}"] = {"runtime": runtime, "handler": "handler.handler",
                                               "events": [{"httpApi": f"POST /{language}{i}"}]}
        (service / "serverless.json").write_text(json.dumps({
            "service": "peers", "frameworkVersion": "3", "plugins": ["serverless-offline"],
            "provider": {"name": "aws", "runtime": "nodejs18.x", "region": "us-east-1"}, "functions": functions}))
        program = self._folder / "node_modules/.bin/serverless"
        return (["node", program, "offline", "--host=127.0.0.1", f"--httpPort={port}", f"--lambdaPort={free_port()}",
                 "--noPrependStageInUrl"], service, "Server ready")

    def close(self) -> None:
        for server in self._servers.values():
            server.close()
