"""`python -m tests.soak SECONDS`: runs the upgrade property for as long as it is told to."""

from __future__ import annotations

import sys
import time

from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

import tests.effort  # noqa: F401 - the profile
from tests.upgrading import Upgrading


def main(seconds: float) -> None:
    """Runs batches of examples, each of another seed; prints how many editions were imported."""
    start = time.monotonic()
    settings.load_profile("soak")
    while (elapsed := time.monotonic() - start) < seconds:
        print(f"{elapsed:6.0f} s  {Upgrading.imported} editions imported", flush=True)  # noqa: T201
        run_state_machine_as_test(Upgrading, settings=settings())
    print(f"{elapsed:6.0f} s  {Upgrading.imported} editions imported, nothing lost")  # noqa: T201


if __name__ == "__main__":
    main(float(sys.argv[1]))
