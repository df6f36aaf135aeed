"""How much the tests try: a sample (`short`), or all of it (`long`), or on and on (`soak`).

They are profiles of Hypothesis: `pytest --hypothesis-profile long`.
"""

from __future__ import annotations

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


def sample(number: int) -> int:
    """So many, if tests are long; else a tenth of them."""
    return -(-number // _each())


def sampled(at: int) -> bool:
    """Whether this one of many is tried: each, if tests are long; else each tenth."""
    return at % _each() == 0


def _each() -> int:
    return 1 if settings.get_current_profile_name() == "long" else 10
