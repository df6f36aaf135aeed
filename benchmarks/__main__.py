"""Builds and the hand-written script in turn, as whole processes → the tables of RESULTS.md.

    python -m benchmarks                     1,000 to 100,000 facts and the ASEAN deck
    python -m benchmarks --sizes 10000 --plain --runs 5
    python -m benchmarks --sizes 1000000 --runs 1 --only cold --alone    without the script

Each time is the median of the runs. CPU is that of the process and all that it started. Memory is
the peak of the sum of the proportional set sizes (PSS: a page shared by two processes counts half
for each) of the process and all below it, looked at every 20 ms; it takes Linux. Looking takes a
good part of a processor, which a build with two processes would miss: so memory has a run of its
own, whose times do not count. Python may keep what it compiles, as it does where a builder is
installed.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

from benchmarks.generate import generate

_HERE = Path(__file__).parent
_INTERVAL = 0.02
_IMPORTS = [sys.executable, "-c", "import yaml, jinja2, genanki"]
# Where a builder is installed, Python has compiled it.
_ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


class Cost(NamedTuple):
    """What a process took, with all that it started: seconds, seconds, bytes."""

    wall: float
    cpu: float
    memory: int


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for thread in Path(f"/proc/{pid}/task").iterdir():
        for child in (thread / "children").read_text().split():
            yield from _tree(int(child))


def _memory(pid: int) -> int:
    """The memory of a process and all below it, or 0 if they just ended."""
    total = 0
    try:
        for one in _tree(pid):
            for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
    except OSError:
        return 0
    return total


def measure(
    command: list[str], environment: dict[str, str] | None = None, *, memory_too: bool = False
) -> Cost:
    """Runs a command, which must succeed; its memory is 0 if nobody is to look."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment
    )
    memory = 0
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG if memory_too else 0)
        if pid:
            break
        memory = max(memory, _memory(process.pid))
        time.sleep(_INTERVAL)
    wall = time.perf_counter() - start
    assert process.stderr is not None
    said = process.stderr.read().decode()
    process.returncode = status
    if status:
        sys.exit(f"{' '.join(command)} failed:\n{said}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, memory)


def _median(costs: list[Cost]) -> Cost:
    return Cost(*(statistics.median(numbers) for numbers in zip(*costs, strict=True)))


class _Bench:
    """A deck of sources in a folder, and what can be done with it."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.src = folder / f"src-{name}"
        self.decks = folder / f"decks-{name}"
        self.cache = folder / f"cache-{name}"
        self.script_package = folder / f"by-hand-{name}.apkg"
        self.edited = 0
        self.memory_too = False

    def command(self, name: str, *options: str) -> list[str]:
        """A command of the builder."""
        folders = ("--src", str(self.src), "--decks", str(self.decks))
        return [sys.executable, "-m", "builder", name, *folders, *options]

    def cold(self) -> Cost:
        """A build that finds nothing of an earlier one."""
        shutil.rmtree(self.decks, ignore_errors=True)
        shutil.rmtree(self.cache, ignore_errors=True)
        return self.again()

    def again(self) -> Cost:
        """A build of what has just been built."""
        return self.measure(self.command("build"))

    def edit(self) -> Cost:
        """A build after one fact was changed."""
        self.change()
        return self.again()

    def check(self) -> Cost:
        """A check of what was built, or checked, before."""
        return self.measure(self.command("check"))

    def change(self) -> None:
        """Changes one fact: the page of a source, or else the end of a text."""
        paths = sorted((self.src / "facts").glob("*.yaml"))
        path = paths[len(paths) // 2]
        self.edited += 1
        text = path.read_text("utf-8")
        changed = re.sub(r"at: p\. [0-9]+", f"at: p. {1000 + self.edited}", text, count=1)
        if changed == text:
            end = r"(?m)^( +(?:note|meaning): [A-Z].*?)(?: [0-9]+)?$"
            changed = re.sub(end, rf"\1 {1000 + self.edited}", text, count=1)
        assert changed != text
        path.write_text(changed, "utf-8")

    def by_hand(self, *options: str) -> Cost:
        script = str(_HERE / "by_hand.py")
        command = [sys.executable, script, str(self.src), str(self.script_package)]
        return self.measure([*command, *options])

    def measure(self, command: list[str]) -> Cost:
        return measure(command, self.environment(), memory_too=self.memory_too)

    def environment(self) -> dict[str, str]:
        return _ENVIRONMENT | {"XDG_CACHE_HOME": str(self.cache)}

    def save_to_page(self, runs: int) -> float:
        """Seconds from a save to the data that `preview --watch` sends to its page, the median."""
        with tempfile.TemporaryDirectory() as folder:
            command = self.command("preview", "--watch", "-o", f"{folder}/page.html")
            with subprocess.Popen(
                command, stdout=subprocess.PIPE, env=self.environment(), text=True
            ) as process:
                try:
                    assert process.stdout
                    address = process.stdout.readline().strip()
                    times = [self._save(address) for _ in range(runs)]
                finally:
                    process.terminate()
        return statistics.median(times)

    def _save(self, address: str) -> float:
        time.sleep(2)  # what is wrong comes after the cards; then the server has nothing left to do
        page = urlopen(address).read().decode()  # noqa: S310 - our own server
        version = re.search(r'"version":"([0-9a-f]+)"', page)
        assert version
        start = time.perf_counter()
        self.change()
        urlopen(f"{address}data?have={version[1]}").read()  # noqa: S310
        return time.perf_counter() - start


def _row(name: str, cost: Cost, script: Cost | None, no_gc: Cost | None) -> str:
    cells = [name, f"{cost.wall:.2f} s", f"{cost.cpu:.2f} s", f"{cost.memory / 1e6:.0f} MB"]
    if script and no_gc:
        cells += [f"**{cost.wall / script.wall:.2f}**", f"{cost.cpu / script.cpu:.2f}"]
        cells += [f"{cost.memory / script.memory:.2f}", f"{cost.wall / no_gc.wall:.2f}"]
    return f"| {' | '.join(cells)} |"


def _compare(bench: _Bench, runs: int, only: list[str]) -> Cost | None:
    """Prints the table of one size; gives the cost of a cold build."""
    scenarios: dict[str, Callable[[], Cost]] = {
        "cold": bench.cold,
        "again": bench.again,
        "edit": bench.edit,
        "check": bench.check,
        "check again": bench.check,
        "script": bench.by_hand,
        "script, GC off": lambda: bench.by_hand("--no-gc"),
    }
    chosen = [name for name in scenarios if name in only]
    costs: dict[str, list[Cost]] = {name: [] for name in chosen}
    bench.memory_too = True
    memory = {name: scenarios[name]().memory for name in chosen}
    bench.memory_too = False
    for _ in range(runs):
        for name in chosen:
            costs[name].append(scenarios[name]())
    medians = {name: _median(costs[name])._replace(memory=memory[name]) for name in chosen}
    script, no_gc = medians.get("script"), medians.get("script, GC off")
    print(f"\n## {bench.name}, {runs} runs\n")
    ratios = ["wall ÷ script", "CPU ÷", "memory ÷", "wall ÷ GC off"] if script else []
    print(f"| {' | '.join(['what', 'wall', 'CPU', 'memory', *ratios])} |")
    print(f"| --- | --: | --: | --: |{' --: |' * len(ratios)}")
    for name, cost in medians.items():
        print(_row(name, cost, script, no_gc))
    if script:
        ours = (bench.decks / "benchmark.apkg").stat().st_size
        theirs = bench.script_package.stat().st_size
        print(f"\nPackage: {ours:,} bytes, genanki's own {theirs:,}; ratio {ours / theirs:.3f}")
    sys.stdout.flush()
    return medians.get("cold")


def _asean(runs: int, folder: Path) -> None:
    """Prints what the ASEAN deck takes, against the imports that it needs."""
    bench = _Bench(folder, "asean")
    shutil.copytree(_HERE.parent / "cards_src", bench.src)
    scenarios: dict[str, Callable[[], Cost]] = {
        "cold": bench.cold,
        "again": bench.again,
        "check": bench.check,
        "check again": bench.check,
        "edit": bench.edit,
        "check after the edit": bench.check,
        "`import yaml, jinja2, genanki`": lambda: bench.measure(_IMPORTS),
    }
    costs: dict[str, list[Cost]] = {name: [] for name in scenarios}
    for _ in range(runs + 1):
        for name, scenario in scenarios.items():
            costs[name].append(scenario())
    medians = {name: _median(some[1:]) for name, some in costs.items()}  # the first compiles
    *_, imports = medians.values()
    print(f"\n## The ASEAN deck, {runs} runs\n")
    print("| what | wall | CPU | wall ÷ imports | CPU ÷ |\n| --- | --: | --: | --: | --: |")
    for name, (wall, cpu, _) in medians.items():
        ratios = f"**{wall / imports.wall:.2f}** | {cpu / imports.cpu:.2f}"
        print(f"| {name} | {wall:.3f} s | {cpu:.3f} s | {ratios} |")
    if find_spec("anki"):
        print(f"\nFrom a save to the data of the page: {bench.save_to_page(runs):.2f} s")


def _machine() -> str:
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(": ")[2]
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    cores = len(os.sched_getaffinity(0))
    return (
        f"{model}, {cores} cores, {memory:.0f} GB, {platform.system()} {platform.release()},"
        f" Python {platform.python_version()}; load at the start {os.getloadavg()[0]:.1f}"
    )


def main() -> None:
    """Prints what belongs into RESULTS.md."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--plain", type=int, nargs="*", default=[10_000, 20_000])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument(
        "--only", nargs="+", default=["cold", "again", "edit", "check", "check again"]
    )
    parser.add_argument("--alone", action="store_true")
    given = parser.parse_args()
    only = [*given.only, *([] if given.alone else ["script", "script, GC off"])]
    print(f"Machine: {_machine()}")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        cold = {}
        decks = [(size, False) for size in given.sizes] + [(size, True) for size in given.plain]
        for size, plain in decks:
            bench = _Bench(folder, f"{size:,} {'plain questions' if plain else 'facts'}")
            generate(size, bench.src, plain=plain)
            if cost := _compare(bench, given.runs, only):
                cold[bench.name] = cost
            for path in (bench.src, bench.decks, bench.cache):
                shutil.rmtree(path, ignore_errors=True)
        print("\n## Growth of a cold build\n")
        print("| deck | wall | µs a fact | CPU, µs a fact | memory, bytes a fact |")
        print("| --- | --: | --: | --: | --: |")
        for name, (wall, cpu, memory) in cold.items():
            size = int(name.partition(" ")[0].replace(",", ""))
            each = f"{wall * 1e6 / size:.0f} | {cpu * 1e6 / size:.0f} | {memory / size:.0f}"
            print(f"| {name} | {wall:.2f} s | {each} |")
        _asean(given.runs, folder)


if __name__ == "__main__":
    main()
