"""A cloze note and what its deletions hid before → the numbers that they keep for ever.

Anki tells a note's cards apart by these numbers, so they carry a learner's history: a deletion
keeps its number, and no number goes to something else. Where only a person can say whether a
deletion is the same as before, there is a problem that asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from builder.items import folded, same_but_for_punctuation
from builder.model import SEPARATOR, Gap, Kind, Note, Problem, Stamp, digest
from builder.render import GAP, MAX_CARDS, cloze_numbers, renumber


def with_lasting_numbers(
    note: Note, row: Stamp | None, kinds: Mapping[str, Kind | None]
) -> tuple[Note, tuple[str, ...], list[Problem]]:
    """The note with its deletions numbered for ever, what each number hides, and what is unclear.

    `row` is what was last built of it, if anything was.
    """
    if note.gaps:
        return _numbered(note, row, kinds)
    names, problems = _numbered_by_hand(note, row)
    return note, names, problems


def _numbered(
    note: Note, row: Stamp | None, kinds: Mapping[str, Kind | None]
) -> tuple[Note, tuple[str, ...], list[Problem]]:
    """The same of a note whose deletions the builder numbers.

    A deletion is known by its text, apart from case and punctuation, or by its former text.
    """
    given = tuple(gap.name for gap in note.gaps)
    if row is None or (row.gaps == given and not any(gap.former_names for gap in note.gaps)):
        return note, given, []  # numbered so already
    names = list(row.gaps)
    numbers: dict[Gap, int] = {}

    def settle(names_of: Callable[[Gap], tuple[str, ...]], fold: Callable[[str], str]) -> None:
        free = {fold(name): n for n, name in enumerate(names, 1) if n not in numbers.values()}
        for gap in note.gaps:
            for name in names_of(gap):
                if gap not in numbers and fold(name) in free:
                    numbers[gap] = free.pop(fold(name))

    settle(lambda gap: gap.former_names, str)
    settle(lambda gap: (gap.name,), str)
    settle(lambda gap: (gap.name,), folded)
    settle(lambda gap: gap.former_names, folded)
    free = [n for n in row.cards if n not in numbers.values() and names[n - 1]]
    gone = {n: names[n - 1] for n in free}
    problems: list[Problem] = []
    for gap in note.gaps:
        if gap not in numbers:
            problems += _undecided(note, gap, gone, row, kinds)
            names.append(gap.name)
            numbers[gap] = len(names)
    if max(numbers.values()) > MAX_CARDS:
        fact = note.fact
        message = (
            f"“{note.key}” has had more than {MAX_CARDS} items, and Anki numbers no more cards of a"
            " note; put the new ones into another fact"
        )
        problems.append(Problem(fact.path, fact.line, fact.column, "error", message, "cloze"))
    kept = {number: gap.name for gap, number in numbers.items()}
    current = set(kept.values())
    names = [kept.get(n, "" if name in current else name) for n, name in enumerate(names, 1)]
    html, *rest = note.fields
    html = renumber(html, [numbers[gap] for gap in note.gaps])
    text, look = SEPARATOR.join((html, *rest)), digest((html, *rest[:-1]))
    note = note._replace(text=text, cards=cloze_numbers(html), look=look)
    return note, tuple(names), problems


def _undecided(
    note: Note, gap: Gap, gone: Mapping[int, str], row: Stamp, kinds: Mapping[str, Kind | None]
) -> Iterator[Problem]:
    """A deletion is new while another is gone: is it the same? Only a person can say."""
    fields = {name.partition(": ")[0] for name in gone.values()}
    lost = sorted(fields.difference(gap.field for gap in note.gaps))
    if lost and gap.field not in {name.partition(": ")[0] for name in row.gaps}:
        kind = kinds[note.fact.kind]
        assert kind  # noqa: S101 - the note was made from it
        field = kind.fields[gap.field]
        message = (
            f"prompt “{note.prompt}” hides the field “{gap.field}” and no longer “{lost[0]}”; if it"
            f" was renamed, write formerly: {lost[0]} beside its type, so that its cards keep their"
            " history; otherwise give the prompt another name"
        )
        yield Problem(kind.path, field.line, field.column, "error", message, "renamed-field")
        return
    if not gone or not gap.line:
        return
    marked = [name for number, name in gone.items() if number in row.new]
    if gap.new and not marked:
        return
    new = gap.name.partition(": ")[2]
    former = " or ".join(f"“{name.partition(': ')[2]}”" for name in marked or gone.values())
    message = (
        f"“{new}” is new here and {former} is gone: is it the same item, reworded?"
        " Then write {item: …, formerly: …}, so that its card keeps its history; "
    )
    if gap.new:
        message += (
            f"“new: true” may be left over from {former}. If it is another item, take the old one"
            " out, build, and add the new one after that"
        )
    else:
        message += "otherwise {item: …, new: true}"
    yield Problem(note.fact.path, gap.line, gap.column, "error", message, "reworded-item")


def _numbered_by_hand(note: Note, row: Stamp | None) -> tuple[tuple[str, ...], list[Problem]]:
    """What each number hides in a text whose deletions an author numbers, and what is unclear."""
    if row and row.fields == note.look:
        return row.gaps, []  # as the last build left them
    texts: dict[int, str] = {}
    for number, text, _hint in GAP.findall(note.fields[0]):
        texts[int(number)] = f"{texts[int(number)]} / {text}" if int(number) in texts else text
    names = dict(enumerate(row.gaps, 1)) if row else {}
    numbers = {folded(name): number for number, name in names.items() if name}
    gone = [number for number in (row.cards if row else ()) if number not in texts]
    messages = []
    for number, text in texts.items():
        was = names.get(number, "")
        if not row or same_but_for_punctuation(was, text):
            continue
        if folded(text) in numbers:
            messages.append(
                f"“{text}” is deletion {numbers[folded(text)]} in learners' collections; keep its"
                " number"
            )
        elif was and number not in row.cards:
            messages.append(
                f"deletion {number} once hid “{was}”; give “{text}” a number that was never used"
            )
        elif was and gone:
            messages.append(
                f"deletion {number} hides “{text}” and no longer “{was}”, and deletion {gone[0]} is"
                " gone: if the numbers have moved, give each text its number back; otherwise make"
                " one of the two changes, build, and then make the other"
            )
    names |= texts
    fact = note.fact
    return tuple(names.get(number, "") for number in range(1, max(names) + 1)), [
        Problem(fact.path, fact.line, fact.column, "error", message, "cloze")
        for message in messages
    ]
