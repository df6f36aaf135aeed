"""What becomes of facts: notes, their cloze deletions, and what a file of facts says."""

from typing import NamedTuple

from builder.model.nodes import Text
from builder.model.sources import Fact, Field
from builder.problems import Place, Problem


class Deletion(NamedTuple):
    """What a cloze deletion hides, where the builder numbers it: a field's value, or an item of it.

    `name` is how the ledger knows it, `former_name` how it did before its item was reworded, if it
    was. `place` is that of an item, which may be `new`.
    """

    field: Field
    name: str
    former_name: str
    new: bool
    place: Place | None


class Note(NamedTuple):
    """One fact × one prompt, or a note type of its kind's own, as Anki will store it.

    `cloze` says that its cards are cloze deletions. `fields` are HTML, the last one the key, unless
    it is of an `own_type`, which is then its name. `tags` are full Anki tags, sorted; `cards` are
    the numbers, from 1, of the cards that Anki makes of it: the templates', or the deletions'.
    `deletions` are those that the builder numbers. `media` are names of files of `media/`, after a
    `_` if its prompt names them. `look` is a digest of the fields without the key. `uses` are the
    fields that its prompt may show.
    """

    key: str
    fact: Fact
    prompt: str
    cloze: bool
    fields: tuple[str, ...]
    tags: tuple[str, ...]
    cards: tuple[int, ...]
    deletions: tuple[Deletion, ...]
    media: tuple[str, ...]
    look: str
    uses: tuple[str, ...]
    own_type: str = ""

    @property
    def use(self) -> tuple[str, bool]:
        """What it has in common with its note type."""
        return self.own_type, self.cloze

    @property
    def shown(self) -> tuple[str, ...]:
        """The fields that the learner sees."""
        return self.fields if self.own_type else self.fields[:-1]


# Where a rule is broken, and the ids of the facts that may waive it.
Broken = tuple[Problem, tuple[str, ...]]


class FactFile(NamedTuple):
    """What one file of facts says: all ids that it claims, its good facts, and their notes.

    `table` is the path of its table, if it has one. `broken` is where the rules of good cards are
    broken by its facts, each for itself; None if that was not asked.
    """

    path: str
    ids: tuple[Text, ...]
    facts: tuple[Fact, ...]
    notes: tuple[Note, ...]
    problems: tuple[Problem, ...]
    table: Text | None
    broken: tuple[Broken, ...] | None = None
