# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured beside what, and which goals there are."""

import os
import time
from pathlib import Path

from kiln import KilnServe
from peers import Peers
from programs import Failed, Server, TurnProgram, Unavailable
from table import DURATION, MEMORY, RATE, Goal, Group, Row, Sample

NO_LIMITS = "no limits"
MB = 2**20
STARTS = 15  # in a round, where a start takes a few milliseconds: seven rounds are enough for a p99
FEW = 3  # in a round, where it takes many
PAUSE_MS = 60  # before the first request to each function
WARM = 500
IMPORT_FUNCTIONS = 12  # that turn_engine has (SlowImports::functions)
CONNECTIONS = 16
LOAD_MS = 1000
CPUS = os.cpu_count()
FREEZE_AT_ONCE = "freeze_after: 0"
STRICT = "isolation: strict"
UNLIMITED = "cpu: unlimited"
PARKED, ZYGOTE_ALONE, NOTHING_PARKED = "256MB", "1MB", "0"  # what may wait for a function


def at_most(what: str, name: str, bound: float, shown: str) -> Goal:
    return Goal(f"{what} ≤ {shown}", lambda figures: getattr(figures, name) <= bound)


P50_HALF_MS = at_most("p50", "p50", 500, "0.5 ms")
P50_THREE_HALF_MS = at_most("p50", "p50", 1500, "1.5 ms")
P99_2_MS = at_most("p99", "p99", 2000, "2 ms")
NEAR_FLOOR = at_most("of the floor", "of_floor", 1.3, "1.3")


class Bench:
    """The programs of one run, and the groups of rows that they make."""

    def __init__(self, tests: Path, work: Path, serve: KilnServe, peers: Peers, rounds: int):
        self._tests, self._work, self._serve, self._peers, self._rounds = tests, work, serve, peers, rounds
        self._programs, self._listeners = {}, {}
        self._called = {}  # how many functions of a server were called for the first time
        self._add_functions()

    @staticmethod
    def first_calls(rounds: int) -> int:
        """How many functions that were never called one row needs."""
        return (rounds + 1) * STARTS

    def _add_functions(self) -> None:
        for i in range(self.first_calls(self._rounds)):
            self._serve.add(f"first-python{i}", "python", UNLIMITED)
        for language in ("python", "node"):
            self._serve.add(language, language, UNLIMITED)
            self._serve.add(f"narrow-{language}", language, UNLIMITED, f"concurrency: {{max: {CPUS}}}")
        self._serve.add("share-python", "python")
        self._serve.add("frozen-python", "python", UNLIMITED, FREEZE_AT_ONCE)
        self._serve.add("strict-python", "python", UNLIMITED, STRICT)

    def settings(self, *, cpu: str = "CPU unlimited", freeze: str = "") -> str:
        return f"128 MB, {cpu}, {freeze or self._usual_freeze()}"

    def _usual_freeze(self) -> str:
        return "never frozen" if self._serve.refusal("frozen-python") else "within the grace before freezing"

    # Turns.

    def _ask(self, words: str, *command: str) -> list:
        """Asks a program, which is started when first asked."""
        if command not in self._programs:
            self._programs[command] = TurnProgram(f"{self._tests}/{command[0]}", *command[1:])
        return self._programs[command].ask(words)

    def _bare(self, words: str):
        return lambda: self._ask(words, "turn_bare")

    def _bwrap(self, words: str):
        def measure():
            if not os.access("/usr/bin/bwrap", os.X_OK):
                raise Unavailable("bubblewrap is missing")
            return self._ask(words, "turn_bare")

        return measure

    def _http_client(self, words: str) -> list:
        return self._ask(words, "turn_http")

    def _engine(self, functions: str, words: str, parked: str = PARKED):
        return lambda: self._ask(words, "turn_engine", functions, parked, UNLIMITED)

    def _strictly(self, words: str):
        def measure():
            self._serve.need("strict-python")
            return self._ask(words, "turn_engine", "python", PARKED, UNLIMITED, STRICT)

        return measure

    def tier(self) -> str:
        return self._engine("python", "tier")()[0].label

    def _first_calls(self, port, key: str, prefix: str, count: int):
        def measure():
            begin = self._called.get(key, 0)
            self._called[key] = begin + count
            return self._http_client(f"each {port()} {prefix} {begin} {count} {PAUSE_MS}")

        return measure

    def _first_of_peer(self, name: str, prefix: str, count: int):
        measure = self._first_calls(lambda: self._peers.port(name), name + prefix, prefix, count)
        return lambda: [Sample(sample.value) for sample in measure()]

    def _first_of_kiln(self):
        measure = self._first_calls(lambda: self._serve.port, "kiln", "/first-python", STARTS)

        def labelled():
            samples, starts = measure(), self._serve.starts()
            for sample in samples:
                sample.label = starts[sample.label[1:]]
            return samples

        return labelled

    def _start_of_framework(self):
        begin = time.perf_counter()
        server = self._peers.start("functions-framework")
        try:
            server.wait_until_ready(step_s=0.002)
            self._http_client(f"each {server.port} / 0 1 0")
            return [Sample((time.perf_counter() - begin) * 1e6)]
        finally:
            server.close()

    def _listener(self, language: str) -> int:
        if language not in self._listeners:
            listener = Server("bare_listener", [f"{self._tests}/bare_listener", language, str(CPUS)], 0,
                              self._work / f"listener-{language}.log", ready="listening on ")
            listener.wait_until_ready()
            self._listeners[language] = listener
        return self._listeners[language].port

    def _warm(self, port, path: str):
        return lambda: self._http_client(f"latency {port()} {path} {WARM}")

    def _load(self, port, path: str):
        return lambda: [Sample(sample.value)
                        for sample in self._http_client(f"load {port()} {path} {CONNECTIONS} {LOAD_MS}")]

    def _warm_kiln(self, name: str):
        return self._recorded(name, lambda: self._http_client(f"latency {self._serve.port} /{name} {WARM}"),
                              lambda samples: len(samples) + 50)

    def _load_kiln(self, name: str):
        def ask():
            return self._http_client(f"load {self._serve.port} /{name} {CONNECTIONS} {LOAD_MS}")

        return self._recorded(name, ask, lambda samples: int(samples[0].label))

    def _recorded(self, name: str, ask, answered):
        """Fails when not each answered request is in the history a little later."""

        def measure():
            self._serve.need(name)
            before = self._serve.recorded(name)
            samples = ask()
            recorded = self._serve.recorded(name) - before
            if recorded != answered(samples):
                raise Failed(f"{answered(samples)} requests were answered, and {recorded} recorded")
            return [Sample(sample.value) for sample in samples]

        return measure

    # Groups.

    def groups(self) -> list:
        return [self._cold_python(), self._cold_node(), self._imports(), *self._warm_inside(), *self._warm_http(),
                *self._throughput(), self._memory()]

    def _cold_python(self) -> Group:
        bwrap = Row("bwrap --unshare-all python3 -c pass", NO_LIMITS, self._bwrap(f"bwrap-python {STARTS}"))
        isolate = Row("workerd, an isolate newly loaded, over HTTP (JavaScript)", NO_LIMITS,
                      self._first_of_peer("workerd-loader", "/first", STARTS))
        goals = [P50_HALF_MS, P99_2_MS, at_most("of the floor", "of_floor", 1 / 20, "0.05"),
                 at_most("of the peer", "of_peer", 1 / 5, "0.2")]
        return Group("Start of a Python function, until it has answered", DURATION, [
            Row("python3 -c pass, a plain process", NO_LIMITS, self._bare(f"python {STARTS}")),
            bwrap,
            isolate,
            Row("functions-framework, its process (Node)", NO_LIMITS, self._start_of_framework),
            Row("serverless-offline, over HTTP", NO_LIMITS, self._first_of_peer("serverless-offline", "/python", FEW)),
            Row("Kiln, in-process, an interpreter parked", self.settings(),
                self._engine("python", f"start trivial {STARTS}"), goals),
            Row("Kiln, over HTTP", self.settings(), self._first_of_kiln()),
            Row("Kiln, in-process, none parked", self.settings(),
                self._engine("python", f"start trivial {STARTS} unparked", ZYGOTE_ALONE), [P50_THREE_HALF_MS]),
            Row("Kiln, in-process, all of it made for this start", self.settings(),
                self._engine("python", f"start trivial {STARTS}", NOTHING_PARKED)),
            Row("Kiln, in-process, isolation: strict", self.settings(),
                self._strictly(f"start trivial {STARTS}")),
        ], floor=bwrap, peer=isolate)

    def _cold_node(self) -> Group:
        bwrap = Row("bwrap --unshare-all node -e 0", NO_LIMITS, self._bwrap(f"bwrap-node {FEW}"))
        isolate = Row("workerd, an isolate newly loaded, over HTTP", NO_LIMITS,
                      self._first_of_peer("workerd-loader", "/node", STARTS))
        return Group("Start of a Node function, until it has answered", DURATION, [
            Row("node -e 0, a plain process", NO_LIMITS, self._bare(f"node {FEW}")),
            bwrap,
            isolate,
            Row("serverless-offline, over HTTP", NO_LIMITS, self._first_of_peer("serverless-offline", "/node", FEW)),
            Row("Kiln, in-process, an interpreter parked", self.settings(),
                self._engine("node", f"start trivial {STARTS}"), [P50_THREE_HALF_MS]),
            Row("Kiln, in-process, all of it made for this start", self.settings(),
                self._engine("node", f"start trivial {FEW}", NOTHING_PARKED)),
        ], floor=bwrap, peer=isolate)

    def _imports(self) -> Group:
        bare = Row("python3 importing it, a plain process", NO_LIMITS, self._engine("imports", "imports-bare"))
        first = Row("Kiln, the first worker", self.settings(), self._engine("imports", "imports-first"))
        return Group("Start of a Python function whose imports take 200 ms and more, in-process", DURATION, [
            bare,
            first,
            Row("Kiln, a second worker while the first is busy", self.settings(),
                self._engine("imports", "imports-second"), [at_most("of the first", "of_peer", 1 / 50, "0.02")]),
        ], floor=bare, peer=first, rounds=min(self._rounds, IMPORT_FUNCTIONS - 1))

    def _warm_inside(self) -> list:
        groups = []
        for language in ("python", "node"):
            floor = Row("bare socketpair round trip, blocking", NO_LIMITS,
                        self._bare(f"socketpair-{language} {WARM}"))
            groups.append(Group(f"Warm, in-process, {language.capitalize()}", DURATION, [
                floor,
                Row("Kiln, dispatcher, recorded", "128 MB, CPU unlimited, " + self._usual_freeze(),
                    self._engine(language, f"dispatched {language} {WARM}", NOTHING_PARKED), [NEAR_FLOOR]),
                Row("Kiln, engine, snapshots included", self.settings(),
                    self._engine(language, f"fired echo {WARM}", NOTHING_PARKED), [NEAR_FLOOR]),
            ], floor=floor))
        return groups

    def _warm_http(self) -> list:
        goals = [at_most("of the peer", "of_peer", 0.5, "0.5"),
                 Goal("p99 ≤ the peer's p50", lambda figures: figures.p99 <= figures.peer_p50), NEAR_FLOOR]
        return [self._http("Warm, over HTTP, one request at a time", DURATION, language, self._warm, self._warm_kiln,
                           [(language, "Kiln, recorded", goals)]) for language in ("python", "node")]

    def _throughput(self) -> list:
        goals = [Goal("of the peer ≥ 2.5", lambda figures: figures.of_peer >= 2.5),
                 Goal("of the floor ≥ 0.6", lambda figures: figures.of_floor >= 0.6)]
        return [self._http(f"Requests answered over HTTP, {CONNECTIONS} connections", RATE, language, self._load,
                           self._load_kiln,
                           [(f"narrow-{language}", f"Kiln, recorded, at most {CPUS} workers", goals),
                            (language, "Kiln, recorded, at most 20 workers", goals)])
                for language in ("python", "node")]

    def _http(self, title: str, unit: str, language: str, measure, measure_kiln, kiln: list) -> Group:
        def peer_port(name):
            return lambda: self._peers.port(name)

        floor = Row("bare listener and socketpair", NO_LIMITS, measure(lambda: self._listener(language), "/"))
        workerd = Row("workerd (JavaScript)", NO_LIMITS, measure(peer_port("workerd"), "/"))
        rows = [floor, workerd]
        if language == "node":
            rows.append(Row("functions-framework", NO_LIMITS, measure(peer_port("functions-framework"), "/")))
        rows.append(Row("serverless-offline", NO_LIMITS, measure(peer_port("serverless-offline"), f"/{language}0")))
        rows += [Row(name, self.settings(), measure_kiln(function), goals) for function, name, goals in kiln]
        if language == "python":
            rows += [
                Row("Kiln, recorded, CPU in proportion", self.settings(cpu="0.07 CPU"), measure_kiln("share-python")),
                Row("Kiln, recorded, frozen at once", self.settings(freeze=FREEZE_AT_ONCE),
                    measure_kiln("frozen-python")),
                Row("Kiln, recorded, isolation: strict", self.settings(), measure_kiln("strict-python")),
            ]
        return Group(f"{title}, {language.capitalize()}", unit, rows, floor=floor, peer=workerd)

    def _memory(self) -> Group:
        fresh = Row("a plain python3 that has served", NO_LIMITS, self._bare("memory-python"))

        def gathered(count: int) -> tuple:
            samples = self._engine("gathering", f"memory {count}")()
            return [each.value for each in samples if each.label == "worker"], samples[-1].value

        def workers(count: int):
            return [Sample(value) for value in gathered(count)[0]]

        def thousand():
            each, machine = gathered(1000)
            return [Sample(sum(each), "PSS"), Sample(machine, "machine")]

        return Group("Memory of idle Python workers, each with its pid 1 (PSS)", MEMORY, [
            fresh,
            Row("Kiln, one worker alone", self.settings(), lambda: workers(1)),
            Row("Kiln, each of twenty workers", self.settings(), lambda: workers(20),
                [at_most("p50", "p50", MB, "1 MB")]),
            Row("Kiln, 1,000 warm workers together, all of which answered", self.settings(), thousand,
                [at_most("together", "p50", 1024 * MB, "1 GB")]),
        ], floor=fresh, rounds=1, warm_up=False)

    def close(self) -> None:
        for program in (*self._programs.values(), *self._listeners.values()):
            program.close()
