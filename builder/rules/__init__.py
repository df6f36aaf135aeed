"""What makes a good card: one function a rule, in files by what the rules look at.

The first line of its docstring states the rule; its name is the rule's. It takes what it looks at,
and yields each place where that breaks the rule, with a message.
"""

from collections.abc import Iterator

from builder.problems import Place

Found = Iterator[tuple[Place, str]]
