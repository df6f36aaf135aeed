"""The ledger in `decks/` and the packages beside it → whether they belong together.

A ledger that was lost, cut, merged badly or edited by hand gives notes other identities, and
learners other cards. The packages know the identities that learners have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from builder.cache import Cache, key_of
from builder.changes import Edition, read_package
from builder.files import blocks_of, digest_of
from builder.ledger import new_guid
from builder.ledger_file import FILE_NAME
from builder.model import Deck, Problem, Stamp, digest

STUDY_GUIDE = "STUDY.md"

_DAY = 24 * 60 * 60
_RESTORE = f"restore {FILE_NAME} from version control, as it was when these packages were built"


def check_ledger(
    rows: Mapping[str, Stamp], deck: Deck, decks: Path, now: int, cache: Cache
) -> list[Problem]:
    """What speaks against going on from the ledger in the folder `decks`, which holds `rows`.

    A pair of ledger and packages that was found right once is not looked at again.
    """
    path = decks / FILE_NAME
    packages = sorted(
        found for found in decks.glob("*.apkg") if found.is_file() and not found.is_symlink()
    )
    if not path.exists():
        return _missing(path, deck)
    problems = list(_ahead(rows, path, now))
    if problems:
        return problems
    digests = [(file.name, digest_of(blocks_of(file))) for file in (path, *packages)]
    key = key_of(b"agreement", repr((deck.namespace, deck.name, digests)).encode())
    if cache.get(key) is None:
        problems += _foreign(rows, path, deck)
        by_guid = {row.guid: row for row in rows.values()}
        for package in packages:
            edition = read_package(package)
            if isinstance(edition, Edition) and deck.name in edition.decks:
                problems += _unlike(by_guid, path, package, edition)
        if not problems:
            cache.put(key, b"right")
    return problems


def _missing(path: Path, deck: Deck) -> list[Problem]:
    """No packages may be there without the ledger: the next build would take all notes for new."""
    names = [*(f"{name}.apkg" for name in deck.packages), STUDY_GUIDE]
    found = next((name for name in names if path.with_name(name).exists()), "")
    if not found:
        return []
    message = (
        f"the ledger is missing, but {found} is here: without the ledger, learners would get"
        f" duplicates and lose their edits; {_RESTORE}"
    )
    return [Problem(str(path), 1, 1, "error", message, "ledger")]


def _ahead(rows: Mapping[str, Stamp], path: Path, now: int) -> Iterator[Problem]:
    """The ledger knows no time to come: a note of the future overwrites every edit until then."""
    last = max(rows.values(), key=lambda row: row.mod, default=None)
    if last is None or last.mod <= now + _DAY:
        return
    message = (
        f"“{last.key}” was last changed on {_shown(last.mod)}, and today is {_shown(now)}: one of"
        " the two clocks is wrong. Set this machine's clock right; or, if it was wrong at the last"
        " build, restore decks/ from version control as it was before"
    )
    yield Problem(str(path), 1, 1, "error", message, "ledger")


def _shown(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return "a day beyond the year 9999"


def _foreign(rows: Mapping[str, Stamp], path: Path, deck: Deck) -> Iterator[Problem]:
    """Each row has the GUID that its key, or a key that it had, gives."""
    for row in rows.values():
        if row.guid not in {new_guid(deck.namespace, key) for key in (row.key, *row.formerly)}:
            message = f"“{row.key}” has a GUID that does not belong to its key; {_RESTORE}"
            if not row.of_note:
                message = (
                    f"the ledger was built with another namespace than “{deck.namespace}”; the"
                    " namespace can never change, since learners would get every note again"
                )
                yield Problem(deck.path, 1, 1, "error", message, "namespace")
                return
            yield Problem(str(path), 1, 1, "error", message, "ledger")


def _unlike(
    by_guid: Mapping[str, Stamp], path: Path, package: Path, edition: Edition
) -> Iterator[Problem]:
    """What the ledger does not know of the notes in a package, or knows otherwise."""
    for guid, seen in edition.notes.items():
        row = by_guid.get(guid)
        look = digest([text for _, text in seen.fields])
        if row is None:
            reason = "the ledger does not know this note"
        elif seen.key not in (row.key, *row.formerly):
            reason = f"the ledger has its GUID for “{row.key}”"
        elif seen.mod > row.mod:
            reason = "the ledger is older than the package"
        elif seen.mod < row.mod or row.retired:
            continue
        elif edition.ids[guid] != row.id:
            reason = f"the ledger has another id for it than {edition.ids[guid]}"
        elif (look, seen.cards) != (row.fields, row.cards):
            reason = "the ledger has other content for it"
        else:
            continue
        message = f"{package.name} holds “{seen.key}”, and {reason}; {_RESTORE}"
        yield Problem(str(path), 1, 1, "error", message, "ledger")
