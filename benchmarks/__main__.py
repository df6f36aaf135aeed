"""Builds and the hand-written script in turn, as whole processes → the tables of RESULTS.md.

    python -m benchmarks                     1,000 to 100,000 facts, every scenario
    python -m benchmarks --sizes 10000 --runs 5
    python -m benchmarks --sizes 1000000 --runs 1 --only cold --alone    without the script

Each time is the median of the runs. CPU is that of the process and all that it started. Memory is
the peak of the sum of the proportional set sizes (PSS: a page shared by two processes counts half
for each) of the process and all below it, looked at every 20 ms; it takes Linux. Looking takes a
good part of a processor, which a build with two processes would miss: so memory has a run of its
own, whose times do not count.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.generate import FILES, generate

_HERE = Path(__file__).parent
_INTERVAL = 0.02
_IMPORTS = [sys.executable, "-c", "import yaml, jinja2, genanki"]


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
    """A deck of `count` facts in a folder, and what can be done with it."""

    def __init__(self, folder: Path, count: int) -> None:
        self.count = count
        self.src = folder / f"src-{count}"
        self.decks = folder / f"decks-{count}"
        self.cache = folder / f"cache-{count}"
        self.script_package = folder / f"by-hand-{count}.apkg"
        self.edited = 0
        self.memory_too = False
        generate(count, self.src)

    def build(self) -> Cost:
        command = [sys.executable, "-m", "builder", "build"]
        command += ["--src", str(self.src), "--decks", str(self.decks)]
        return self.measure(command)

    def cold(self) -> Cost:
        """A build that finds nothing of an earlier one."""
        shutil.rmtree(self.decks, ignore_errors=True)
        shutil.rmtree(self.cache, ignore_errors=True)
        return self.build()

    def again(self) -> Cost:
        """A build of what has just been built."""
        return self.build()

    def edit(self) -> Cost:
        """A build after the page of one fact's source was changed."""
        path = self.src / "facts" / f"part-{FILES // 2:02}.yaml"
        self.edited += 1
        head, mark, rest = path.read_text("utf-8").partition("at: p. ")
        path.write_text(f"{head}{mark}{1000 + self.edited}{rest[rest.index('}') :]}", "utf-8")
        return self.build()

    def by_hand(self, *options: str) -> Cost:
        script = str(_HERE / "by_hand.py")
        command = [sys.executable, script, str(self.src), str(self.script_package)]
        return self.measure([*command, *options])

    def measure(self, command: list[str]) -> Cost:
        environment = os.environ | {"XDG_CACHE_HOME": str(self.cache)}
        return measure(command, environment, memory_too=self.memory_too)


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
    print(f"\n## {bench.count:,} facts, {runs} runs\n")
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


def _small_deck(runs: int, folder: Path) -> None:
    """Prints how long a build of the ASEAN deck takes if nothing changed."""
    root = _HERE.parent
    decks = folder / "asean"
    shutil.copytree(root / "decks", decks)
    command = [sys.executable, "-m", "builder", "build"]
    command += ["--src", str(root / "cards_src"), "--decks", str(decks)]
    environment = os.environ | {"XDG_CACHE_HOME": str(folder / "asean-cache")}
    for _ in range(2):
        measure(command, environment)
    builds, imports = [], []
    for _ in range(max(11, runs)):
        builds.append(measure(command, environment))
        imports.append(measure(_IMPORTS))
    build, nothing = _median(builds), _median(imports)
    print("\n## The ASEAN deck, nothing changed\n")
    print(
        f"build {build.wall:.3f} s, `import yaml, jinja2, genanki` {nothing.wall:.3f} s;", end=" "
    )
    print(f"ratio **{build.wall / nothing.wall:.2f}**, CPU {build.cpu / nothing.cpu:.2f}")


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
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", nargs="+", default=["cold", "again", "edit"])
    parser.add_argument("--alone", action="store_true")
    given = parser.parse_args()
    only = [*given.only, *([] if given.alone else ["script", "script, GC off"])]
    print(f"Machine: {_machine()}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cold = {}
        for size in given.sizes:
            bench = _Bench(folder, size)
            if cost := _compare(bench, given.runs, only):
                cold[size] = cost
            for path in (bench.src, bench.decks, bench.cache):
                shutil.rmtree(path, ignore_errors=True)
        print("\n## Growth of a cold build\n")
        print("| facts | wall | µs a fact | CPU, µs a fact | memory, bytes a fact |")
        print("| --: | --: | --: | --: | --: |")
        for size, (wall, cpu, memory) in cold.items():
            each = f"{wall * 1e6 / size:.0f} | {cpu * 1e6 / size:.0f} | {memory / size:.0f}"
            print(f"| {size:,} | {wall:.2f} s | {each} |")
        _small_deck(given.runs, folder)


if __name__ == "__main__":
    main()
