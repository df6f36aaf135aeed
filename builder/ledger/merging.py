"""Two branches that both built, merged line by line → one ledger, where that is certain.

Whatever only a person can decide is a problem that says what to do.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import count, zip_longest
from pathlib import Path

from builder.anki.edition import read_package
from builder.anki.ids import ID_STEP, digest
from builder.ledger.items import folded
from builder.model import Entry, Kind
from builder.problems import Error, Place, Problem, error, warning

# A mark of Git's → whose lines follow it, and whose may precede it.
_SIDES = {
    "<<<<<<<": ("ours", {""}),
    "|||||||": ("base", {"ours"}),
    "=======": ("theirs", {"ours", "base"}),
    ">>>>>>>": ("", {"theirs"}),
}

_CONTRADICTS = (
    "“{0}” contradicts “{2.key}” on line {1}, which has its key or GUID; keep the line that agrees"
    " with the packages, and delete the other"
)


def lines_of_both(path: str, lines: list[str]) -> tuple[Sequence[int], list[str], list[Problem]]:
    """The numbers of lines, and the lines: of a conflict those of both sides, as `merge=union` has.

    No line of a ledger is ever deleted, so nothing is lost or comes back. There are none, and an
    error, where a conflict is not whole.
    """
    if not any(line[:7] in _SIDES for line in lines):
        return range(1, len(lines) + 1), lines, []
    kept: list[int] = []
    begun: list[int] = []
    side = ""
    broken = 0
    for number, line in enumerate(lines, 1):
        mark = line.partition(" ")[0]
        if mark not in _SIDES:
            kept += [number] if side != "base" else []
            continue
        following, before = _SIDES[mark]
        if side not in before:
            broken = broken or number
        begun += [] if side else [number]
        side = following
    if broken or side:
        message = (
            "unresolved merge conflict; keep all lines of both sides, and delete those with"
            " <<<<<<<, ======= and >>>>>>>"
        )
        return [], [], [error(Place(path, broken or begun[-1]), message, Error.LEDGER)]
    message = "merge conflict: the lines of both sides are kept"
    problems = [warning(Place(path, number), message, Error.LEDGER) for number in begun]
    return kept, [lines[number - 1] for number in kept], problems


def united(
    path: str, lines: Iterable[tuple[int, Entry]], renamed: Mapping[str, str]
) -> tuple[dict[str, Entry], list[Problem]]:
    """One entry for each note of which there are two, by key; `lines` have the numbers of theirs.

    `renamed` are fields of kinds, former name → present name.
    """
    entries: dict[str, tuple[int, Entry]] = {}
    keys: dict[str, str] = {}  # by GUID
    settled: dict[str, int] = {}
    problems = []
    for number, second in lines:
        entry: Entry | str = second
        if second.guid in keys:
            line, first = entries[keys[second.guid]]
            entry = _merged(first, second, line, renamed)
            if isinstance(entry, Entry):
                del entries[first.key]
                settled[entry.key] = number
        if isinstance(entry, Entry) and entry.key in entries:
            entry = _CONTRADICTS.format(entry.key, *entries[entry.key])
        if isinstance(entry, str):
            problems.append(error(Place(path, number), entry, Error.LEDGER))
        else:
            entries[entry.key] = number, entry
            keys[entry.guid] = entry.key
    if settled:
        (key, line), *more = settled.items()
        others = f" and {len(more)} more" if more else ""
        message = f"two branches have built “{key}”{others}: one line is made of two"
        problems.append(warning(Place(path, line), message, Error.LEDGER))
    return {key: entry for key, (_, entry) in entries.items()}, problems


def _merged(first: Entry, second: Entry, line: int, renamed: Mapping[str, str]) -> Entry | str:
    """One entry of two of one note, the first on this line; or why a person must choose."""
    names = {first.key, second.key}
    keys = {entry.key for entry in (first, second) if names <= {entry.key, *entry.formerly}}
    older, newer = sorted((first, second), key=lambda entry: entry.mod)
    parts = [(entry.field_ids, entry.template_ids) for entry in (newer, older) if entry.field_ids]
    if len(keys) != 1 or len(set(parts)) > 1:
        return _CONTRADICTS.format(second.key, line, first)
    key = keys.pop()
    gaps = []
    for number, (was, now) in enumerate(zip_longest(older.gaps, newer.gaps, fillvalue=""), 1):
        if was and now and not _same_gap(was, now, renamed):
            return _two_texts(key, line, number, was, now)
        gaps.append(now or was)
    former = dict.fromkeys((*newer.formerly, *older.formerly, *sorted(names)))
    del former[key]
    # What both have built alike is as old as it first was, or it would overwrite learners' edits.
    same = (older.fields, older.tags) == (newer.fields, newer.tags)
    if not same and older.mod == newer.mod:  # or who has the one would never get the other
        newer = newer._replace(mod=newer.mod + 1, fields=digest((older.fields, newer.fields)))
    field_ids, template_ids = next(iter(parts), ((), ()))
    return (older if same else newer)._replace(
        key=key,
        gaps=tuple(gaps),
        # The id that the earlier build gave a card is the one that learners may have.
        card_ids=tuple(
            was or now for was, now in zip_longest(older.card_ids, newer.card_ids, fillvalue=0)
        ),
        new=tuple(sorted({*first.new, *second.new})),
        formerly=tuple(former),
        retired=newer.retired if older.retired else "",
        field_ids=field_ids,
        template_ids=template_ids,
    )


def _same_gap(was: str, now: str, renamed: Mapping[str, str]) -> bool:
    """Whether two names of a deletion are of the same item, of a field that may be renamed."""
    (field, colon, item), (other, *rest) = was.partition(": "), now.partition(": ")
    if renamed.get(field, field) == renamed.get(other, other):
        other = field
    return folded(field + colon + item) == folded("".join((other, *rest)))


def _two_texts(key: str, line: int, number: int, was: str, now: str) -> str:
    """What a person must choose: whether two names of a deletion are of the same item."""
    (field, *text), (other, *rest) = was.partition(": "), now.partition(": ")
    hint = ""
    if text == rest and field.isidentifier() and other.isidentifier():
        hint = f" If a field was renamed, write formerly: {field} beside the type of “{other}”."
    return (
        f"two branches have built “{key}” (here and on line {line}), and deletion {number}"
        f" is “{was}” in one and “{now}” in the other.{hint} If that is one item, reworded, write"
        ' its present text into "gaps" of both lines. If they are two, put "" in place of'
        " both: then neither gets the card of the other"
    )


def renamed_fields(kinds: Iterable[Kind | None]) -> dict[str, str]:
    """The fields of kinds that say `formerly`: former name → present name."""
    fields = [field for kind in kinds if kind for field in kind.fields.values()]
    return {former: field.name for field in fields for former in field.formerly}


def with_own_ids(
    entries: Mapping[str, Entry], path: Path
) -> tuple[Mapping[str, Entry], list[Problem]]:
    """The entries, each with an id of its own: two branches may have given two notes the same.

    The one that a package beside the ledger at `path` contains keeps it, since a learner may have
    it; of two that none contains, the one that was built first. The other is in no package with
    this one, and whoever has it under this id keeps it so: Anki knows notes by their GUIDs.
    """
    notes = [entry for entry in entries.values() if entry.of_note]
    ids = {entry.id for entry in notes}
    if len(ids) == len(notes):
        return entries, []
    read = (read_package(package)[0] for package in sorted(path.parent.glob("*.apkg")))
    editions = [edition for edition in read if edition]
    built = {(guid, seen.id) for edition in editions for guid, seen in edition.notes.items()}
    notes.sort(key=lambda entry: ((entry.guid, entry.id) not in built, entry.mod, entry.key))
    own, problems = dict(entries), []
    owners: dict[int, str] = {}
    for entry in notes:
        first = owners.setdefault(entry.id, entry.key)
        if first != entry.key:
            id_ = next(free_ids(ids, entry.id))
            ids.add(id_)
            own[entry.key] = entry._replace(id=id_)
            message = (
                f"two branches gave “{first}” and “{entry.key}” the same id: “{entry.key}” gets"
                " another"
            )
            problems.append(warning(Place(str(path)), message, Error.LEDGER))
    return own, problems


def free_ids(taken: Collection[int], first: int) -> Iterator[int]:
    """Ids for notes, none of them taken, from the first on."""
    return (id_ for id_ in count(first, ID_STEP) if id_ not in taken)
