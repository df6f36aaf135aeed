"""How much the tests try: a sample (`short`), or all of it (`long`), or on and on (`soak`).

They are profiles of Hypothesis: `pytest --hypothesis-profile long`.
"""

from __future__ import annotations

from collections.abc import Callable
from time import process_time

from hypothesis import HealthCheck, settings

# The same examples in every run; the soak looks for others.
settings.register_profile("short", deadline=None, derandomize=True)
settings.register_profile("long", deadline=None, derandomize=True)
settings.register_profile(
    "soak",
    deadline=None,
    database=None,
    max_examples=20,
    stateful_step_count=40,
    suppress_health_check=list(HealthCheck),
)
settings.load_profile("short")


def sample(number: int, each: int = 10) -> int:
    """So many, if tests are long; else one of so many of them."""
    return number if _long() else -(-number // each)


def sampled(at: int, each: int = 10) -> bool:
    """Whether this one of many is tried: all, if tests are long; else one of so many."""
    return _long() or at % each == 0


def _long() -> bool:
    return settings.get_current_profile_name() == "long"


def linear(work: Callable[[int], object], small: int, large: int, *, below: float) -> bool:
    """Whether the large work takes less than `below` times as long as the small, and 10 ms.

    If not, they are measured again: another program may have had the processor.
    """

    def seconds(size: int) -> float:
        start = process_time()
        work(size)
        return process_time() - start

    return any(seconds(large) < below * seconds(small) + 0.01 for _ in range(4))
