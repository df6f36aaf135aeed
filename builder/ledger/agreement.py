"""The ledger in `decks/` and the packages beside it → whether they belong together.

A ledger that was lost, cut, merged badly or edited by hand gives notes other identities, and
learners other cards. The packages know the identities that learners have.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from builder.anki.edition import Edition, Seen, read_package
from builder.anki.ids import digest, new_guid
from builder.files import STUDY_GUIDE, blocks_of, digest_of
from builder.ledger.file import FILE_NAME, RESTORE
from builder.model import Deck, Entry, Memory
from builder.notes.cloze import OCCLUSION, hidden_texts
from builder.notes.markdown import markdown, plain_text
from builder.problems import Error, Place, Problem, error, warning

_DAY = 24 * 60 * 60
_LAST_SECOND = 253402300799  # of the year 9999


def check_ledger(
    entries: Mapping[str, Entry],
    deck: Deck,
    decks: Path,
    now: int,
    memory: Memory,
    *,
    merged: bool = False,
) -> list[Problem]:
    """What speaks against going on from the ledger in the folder `decks`, which holds `entries`.

    `merged` says that lines of two branches became one. A pair of ledger and packages that was
    found right once is not looked at again.
    """
    path = decks / FILE_NAME
    messages = _ahead(entries, now) if path.exists() else _missing(decks, deck)
    if messages or not path.exists():
        return [_wrong(path, message) for message in messages]
    packages = sorted(
        found for found in decks.glob("*.apkg") if found.is_file() and not found.is_symlink()
    )
    digests = {file: digest_of(blocks_of(file)) for file in (path, *packages)}
    if memory.recall(*_parts(deck, digests)) is not None:
        return []
    problems = _foreign(entries, path, deck)
    for package in packages:
        edition, _ = read_package(package)
        if edition and deck.name in edition.decks and not edition.exported:
            problems += _unlike(entries, path, package, edition, merged=merged)
    if not problems:
        remember_right(deck, digests, memory)
    return problems


def remember_right(deck: Deck, digests: Mapping[Path, str], memory: Memory) -> None:
    """Keeps that a ledger and all packages beside it, with these digests, belong together."""
    memory.keep(b"right", *_parts(deck, digests))


def _parts(deck: Deck, digests: Mapping[Path, str]) -> tuple[bytes, ...]:
    files = sorted((path.name, digest) for path, digest in digests.items())
    return b"agreement", repr((deck.namespace, deck.name, files)).encode()


def _missing(decks: Path, deck: Deck) -> list[str]:
    """No packages may be there without the ledger: the next build would take all notes for new."""
    names = [*(f"{name}.apkg" for name in deck.packages), STUDY_GUIDE]
    found = [name for name in names if (decks / name).exists()]
    return [
        f"the ledger is missing, but {name} is here: without the ledger, learners would get"
        f" duplicates and lose their edits; {RESTORE}"
        for name in found[:1]
    ]


def _ahead(entries: Mapping[str, Entry], now: int) -> list[str]:
    """No entry is from the future: its note would overwrite every edit until then."""
    last = max(entries.values(), key=lambda entry: entry.mod, default=None)
    if last is None or last.mod <= now + _DAY:
        return []
    then, today = (
        datetime.fromtimestamp(min(time, _LAST_SECOND), UTC).date() for time in (last.mod, now)
    )
    return [
        f"“{last.key}” was last changed on {then}, and today is {today}: one of the two clocks is"
        " wrong. Set this machine's clock right; or, if it was wrong at the last build, restore"
        " decks/ from version control as it was before"
    ]


def _foreign(entries: Mapping[str, Entry], path: Path, deck: Deck) -> list[Problem]:
    """Each entry has the GUID that is made of its key, or of a key that it had, or was adopted."""
    foreign = [
        entry
        for entry in entries.values()
        if not entry.adopted
        and entry.guid
        not in (new_guid(deck.namespace, key) for key in (entry.key, *entry.formerly))
    ]
    if not all(entry.of_note for entry in foreign):
        message = (
            f"the ledger was built with a namespace other than “{deck.namespace}”; the namespace"
            " can never change, since learners would get every note again"
        )
        return [error(Place(deck.place.path), message, Error.NAMESPACE)]
    message = "“{}” has a GUID that does not belong to its key; {}"
    return [_wrong(path, message.format(entry.key, RESTORE)) for entry in foreign]


def _unlike(
    entries: Mapping[str, Entry], path: Path, package: Path, edition: Edition, *, merged: bool
) -> Iterator[Problem]:
    """What the ledger does not know of the notes in a package, or knows otherwise."""
    by_guid = {entry.guid: entry for entry in entries.values()}
    owners = {entry.id: entry.guid for entry in entries.values()}
    reasons = {}
    for guid, seen in edition.notes.items():
        entry = by_guid.get(guid)
        # If two branches gave one id to two notes, no package contains both.
        lasting_id = owners.get(seen.id, guid) in edition.notes
        if entry is None:
            reasons[seen.key] = "the ledger does not know it"
        elif reason := _reason(seen, entry, lasting_id=lasting_id, merged=merged):
            reasons[seen.key] = reason
        elif seen.mod != entry.mod and _is_same(seen, entry) and not (merged or entry.retired):
            # One that was set forward by hand would overwrite what learners have changed.
            message = (
                f"{package.name} contains “{seen.key}” with the same content, last changed at"
                f" {seen.mod}, and the ledger says {entry.mod}; if that was edited by hand,"
                f" {RESTORE}"
            )
            yield warning(Place(str(path)), message, Error.LEDGER)
    for name, model in edition.models.items():
        entry = entries.get(f"note type {name}")
        ids = [tuple(part.get("id") or 0 for part in model.get(of, ())) for of in ("flds", "tmpls")]
        # Those of fields and templates are missing in the first packages.
        known = [entry.field_ids, entry.template_ids] if entry and entry.field_ids else ids
        other = ids != known and any(map(any, ids))
        if entry and (other or int(model["id"]) != entry.id):
            reasons[entry.key] = "the ledger has other ids for it, its fields or templates"
    for key, reason in reasons.items():
        message = (
            f"{package.name} contains “{key}”, but {reason}; {RESTORE}; or, if another branch built"
            f" these packages and no learner has them, delete {path.parent.as_posix()}/*.apkg"
        )
        yield _wrong(path, message)


def _is_same(seen: Seen, entry: Entry) -> bool:
    return (digest([seen.html]), digest(seen.tags)) == (entry.fields, entry.tags)


def _reason(seen: Seen, entry: Entry, *, lasting_id: bool, merged: bool) -> str:
    """What the ledger has otherwise than a note in a package, or nothing.

    Of what two branches built alike, a ledger that was `merged` keeps the earlier time.
    """
    same = _is_same(seen, entry)
    if seen.mod > entry.mod and not same:
        return "the ledger is older than the package"
    right = {"another key": seen.key in (entry.key, *entry.formerly)}
    if seen.mod == entry.mod and not entry.retired:
        card_ids = tuple(map(entry.card_id, seen.cards))
        right |= {
            "another id": seen.id == entry.id or not lasting_id,
            "other ids of cards": seen.id != entry.id or merged or seen.card_ids == card_ids,
            "other content": same and seen.cards == entry.cards,
            "other cloze deletions": _hides(entry, hidden_texts(seen.html)),
        }
    return next((f"the ledger has {what} for it" for what in right if not right[what]), "")


def _hides(entry: Entry, hidden: Mapping[int, list[str]]) -> bool:
    """Whether the texts of cloze deletions are those by which an entry knows their numbers.

    It knows an author's own deletion by its HTML, an item of a list as `field: text`, a value as
    `field`; after a merge a person may have put nothing in place of a text.
    """
    for number, texts in hidden.items():
        if number > len(entry.gaps):
            return False
        name = entry.gaps[number - 1]
        field, _, item = name.partition(": ")
        # In code and in a formula of its context, an item is as it is written.
        looks = (plain_text(html) for html in (markdown(item), escape(item, quote=False)))
        is_item = bool(item) and plain_text(texts[0]) in looks
        is_value = not item and field.isidentifier()
        is_part = texts[0].startswith(OCCLUSION)
        if name and not (is_item or is_part or is_value or name == " / ".join(texts)):
            return False
    return True


def _wrong(path: Path, message: str) -> Problem:
    return error(Place(str(path)), message, Error.LEDGER)
