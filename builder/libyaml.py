"""PyYAML, imported in two thirds of the time.

It compiles patterns for a loader in Python, which nobody needs who has libyaml.
"""

import re
from typing import Any


class _Later:
    """A pattern that is compiled when it is used."""

    def __init__(self, *given: Any) -> None:  # noqa: ANN401 - as re.compile takes it
        self.given = given

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - that of the pattern
        return getattr(re.compile(*self.given), name)


_compile, re.compile = re.compile, _Later  # type: ignore[assignment]
try:
    import yaml
finally:
    re.compile = _compile

__all__ = ["yaml"]
