"""A cloze note and what its deletions hid before → the numbers that they keep for ever.

Anki tells a note's cards apart by these numbers, so they carry a learner's history: a deletion
keeps its number, and no number goes to something else. Where only a person can say whether a
deletion is the same as before, there is a problem that asks.
"""

from collections.abc import Iterable, Iterator, Mapping

from builder.anki.ids import digest
from builder.ledger.items import folded
from builder.model import Deletion, Entry, Note
from builder.notes.cloze import MAX_CARDS, card_numbers, hidden_texts, renumbered
from builder.problems import Error, Problem, error

# Stands in the ledger between the texts that share a number.
_BETWEEN = " / "


def with_lasting_numbers(
    note: Note, entry: Entry | None
) -> tuple[Note, tuple[str, ...], list[Problem]]:
    """A note with its deletions numbered for ever, what each number hides, and what is unclear.

    `entry` is what was last built of it, if anything was.
    """
    if not note.cloze:
        return note, (), []
    if not note.deletions:
        return note, *_numbered_by_hand(note, entry)
    same = tuple(deletion.name for deletion in note.deletions)
    renamed = any(each.former_name or each.field.formerly for each in note.deletions)
    if entry is None or (entry.gaps == same and not renamed and len(same) <= MAX_CARDS):
        return note, same, []
    fields = [deletion.field for deletion in note.deletions]
    present = {former: field.name for field in fields for former in field.formerly}
    parts = [name.partition(": ") for name in entry.gaps]
    before = [f"{present.get(field, field)}{colon}{text}" for field, colon, text in parts]
    names = list(before)
    numbers = _known_numbers(note, names)
    gone = {n: names[n - 1] for n in entry.cards if n not in numbers.values() and names[n - 1]}
    problems: list[Problem] = []
    for deletion in note.deletions:
        if deletion not in numbers:
            problems += _undecided(note, deletion, gone, entry, before)
            names.append(deletion.name)
            numbers[deletion] = len(names)
    if max(numbers.values()) > MAX_CARDS:
        message = (
            f"“{note.key}” has had more than {MAX_CARDS} items, and Anki makes no more cards of a"
            " note; put the new ones into another fact"
        )
        problems.append(error(note.fact.place, message, Error.CLOZE))
    kept = {number: deletion.name for deletion, number in numbers.items()}
    current = set(kept.values())
    names = [kept.get(n, "" if name in current else name) for n, name in enumerate(names, 1)]
    html = renumbered("\x1f".join(note.fields), [numbers[deletion] for deletion in note.deletions])
    note = note._replace(fields=tuple(html.split("\x1f")), cards=card_numbers(html))
    return note._replace(look=digest(note.shown)), tuple(names), problems


def _known_numbers(note: Note, names: list[str]) -> dict[Deletion, int]:
    """The numbers of those deletions that stand in the ledger under one of their names."""
    numbers: dict[Deletion, int] = {}
    for former, fold in ((True, str), (False, str), (False, folded), (True, folded)):
        settled = set(numbers.values())
        free = {fold(name): n for n, name in enumerate(names, 1) if n not in settled}
        for deletion in note.deletions:
            name = fold(deletion.former_name if former else deletion.name)
            if name and deletion not in numbers and name in free:
                numbers[deletion] = free.pop(name)
    return numbers


def _undecided(
    note: Note, deletion: Deletion, gone: Mapping[int, str], entry: Entry, names: Iterable[str]
) -> Iterator[Problem]:
    """A deletion is new while another is gone: is it the same? Only a person can say."""
    fields = [name.partition(": ")[0] for name in gone.values()]
    lost = sorted(set(fields) - set(note.uses))
    if lost and deletion.field.name not in [name.partition(": ")[0] for name in names]:
        message = (
            f"prompt “{note.prompt}” hides the field “{deletion.field.name}” and no longer"
            f" “{lost[0]}”; if it was renamed, write formerly: {lost[0]} beside its type, so that"
            " its cards keep their history; otherwise give the prompt another name"
        )
        yield error(deletion.field.place, message, Error.RENAMED_FIELD)
        return
    marked = [name for number, name in gone.items() if number in entry.new]
    if not gone or not deletion.place or (deletion.new and not marked):
        return
    new = deletion.name.partition(": ")[2]
    former = " or ".join(f"“{name.partition(': ')[2]}”" for name in marked or gone.values())
    message = (
        f"“{new}” is new here and {former} is gone: is it the same item, reworded?"
        " Then write {item: …, formerly: …}, so that its card keeps its history; "
    )
    if deletion.new:
        message += (
            f"“new: true” may be left over from {former}. If it is another item, take the old one"
            " out, build, and add the new one after that"
        )
    else:
        message += "otherwise write {item: …, new: true}"
    yield error(deletion.place, message, Error.REWORDED_ITEM)


def _numbered_by_hand(note: Note, entry: Entry | None) -> tuple[tuple[str, ...], list[Problem]]:
    """What each number hides in a text whose deletions an author numbers, and what is unclear.

    A number that several texts share keeps its history while it hides one of them.
    """
    if entry and entry.fields == note.look:
        return entry.gaps, []  # as the last build left them
    hidden = hidden_texts("\x1f".join(note.shown))
    texts = {number: _BETWEEN.join(texts) for number, texts in hidden.items()}
    names = dict(enumerate(entry.gaps, 1)) if entry else {}
    now = {number: _shared(text) for number, text in texts.items()}
    before = {number: _shared(name) for number, name in names.items()}
    kept = {number for number in now if now[number] & before.get(number, set())}
    cards = entry.cards if entry else ()
    gone = [number for number in cards if number not in texts]
    messages = []
    for number, text in texts.items():
        was = names.get(number, "")
        if not entry or now[number] == before.get(number):
            continue
        came = now[number] - before.get(number, set())
        origins = [
            former
            for former, those in before.items()
            if came & those and former not in kept and (former in now or number not in kept)
        ]
        for former in origins:
            moved = [each for each in text.split(_BETWEEN) if folded(each) in before[former]]
            messages.append(
                f"“{_BETWEEN.join(moved)}” is deletion {former} in learners' collections; keep its"
                " number"
            )
        if origins:
            continue
        if was and number not in cards:
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
    everything = tuple(names.get(number, "") for number in range(1, max(names) + 1))
    return everything, [error(note.fact.place, message, Error.CLOZE) for message in messages]


def _shared(name: str) -> set[str]:
    """The texts that share a number, without what may differ between wordings."""
    return {folded(text) for text in name.split(_BETWEEN) if text}
