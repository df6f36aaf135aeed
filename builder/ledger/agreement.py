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

_PARTS = "flds", "tmpls"
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
    if not path.exists():
        return _missing(path, deck)
    if problems := _ahead(entries, path, now):
        return problems
    packages = sorted(
        found for found in decks.glob("*.apkg") if found.is_file() and not found.is_symlink()
    )
    digests = {file: digest_of(blocks_of(file)) for file in (path, *packages)}
    if memory.recall(*_parts(deck, digests)) is None:
        problems += _foreign(entries, path, deck)
        by_guid = {entry.guid: entry for entry in entries.values()}
        for package in packages:
            edition, _ = read_package(package)
            if edition and deck.name in edition.decks and not edition.exported:
                problems += _unlike(by_guid, path, package, edition, merged=merged)
        if not problems:
            remember_right(deck, digests, memory)
    return problems


def remember_right(deck: Deck, digests: Mapping[Path, str], memory: Memory) -> None:
    """Keeps that a ledger and all packages beside it, with these digests, belong together."""
    memory.keep(b"right", *_parts(deck, digests))


def _parts(deck: Deck, digests: Mapping[Path, str]) -> tuple[bytes, ...]:
    files = sorted((path.name, digest) for path, digest in digests.items())
    return b"agreement", repr((deck.namespace, deck.name, files)).encode()


def _missing(path: Path, deck: Deck) -> list[Problem]:
    """No packages may be there without the ledger: the next build would take all notes for new."""
    names = [*(f"{name}.apkg" for name in deck.packages), STUDY_GUIDE]
    message = (
        "the ledger is missing, but {} is here: without the ledger, learners would get"
        " duplicates and lose their edits; {}"
    )
    found = [name for name in names if path.with_name(name).exists()]
    return [_wrong(path, message.format(name, RESTORE)) for name in found[:1]]


def _ahead(entries: Mapping[str, Entry], path: Path, now: int) -> list[Problem]:
    """No entry is from the future: its note would overwrite every edit until then."""
    last = max(entries.values(), key=lambda entry: entry.mod, default=None)
    if last is None or last.mod <= now + _DAY:
        return []
    message = (
        f"“{last.key}” was last changed on {_day(last.mod)}, and today is {_day(now)}: one of the"
        " two clocks is wrong. Set this machine's clock right; or, if it was wrong at the last"
        " build, restore decks/ from version control as it was before"
    )
    return [_wrong(path, message)]


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(min(seconds, _LAST_SECOND), UTC).date().isoformat()


def _foreign(entries: Mapping[str, Entry], path: Path, deck: Deck) -> list[Problem]:
    """Each entry has the GUID that is made of its key, or of a key that it had, or was adopted."""
    foreign = [
        entry
        for entry in entries.values()
        if not entry.adopted
        and entry.guid
        not in {new_guid(deck.namespace, key) for key in (entry.key, *entry.formerly)}
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
    by_guid: Mapping[str, Entry], path: Path, package: Path, edition: Edition, *, merged: bool
) -> Iterator[Problem]:
    """What the ledger does not know of the notes in a package, or knows otherwise.

    The id of a note may have gone to another one, if two branches gave both the same; then no
    package contains both. Of what two branches built alike, a ledger that was `merged` keeps the
    earlier time.
    """
    owners = {entry.id: entry.guid for entry in by_guid.values()}
    for guid, seen in edition.notes.items():
        entry = by_guid.get(guid)
        content = digest(text for _, text in seen.fields), digest(seen.tags)
        if entry is None:
            reason = "the ledger does not know this note"
        elif seen.key not in (entry.key, *entry.formerly):
            reason = f"the ledger has its GUID for “{entry.key}”"
        elif seen.mod > entry.mod and content != (entry.fields, entry.tags):
            reason = "the ledger is older than the package"
        elif seen.mod != entry.mod or entry.retired:
            if content == (entry.fields, entry.tags) and not (merged or entry.retired):
                yield _other_time(path, package, seen, entry)
            continue
        elif seen.id != entry.id and owners.get(seen.id, guid) in edition.notes:
            reason = f"the ledger has an id other than {seen.id} for it"
        elif (
            not merged
            and seen.id == entry.id
            and seen.card_ids != tuple(map(entry.card_id, seen.cards))
        ):
            reason = "the ledger has other ids for its cards"
        elif (content, seen.cards) != ((entry.fields, entry.tags), entry.cards):
            reason = "the ledger has different content for it"
        elif not _hides(entry, hidden_texts("\x1f".join(html for _, html in seen.fields))):
            reason = "the ledger knows its cloze deletions by other texts"
        else:
            continue
        yield _wrong(path, _unlike_package(path, package, seen.key, reason))
    for entry in by_guid.values():
        model = (
            {} if entry.of_note else edition.models.get(entry.key.removeprefix("note type "), {})
        )
        # Those of fields and templates are missing in the first packages.
        parts = [tuple(part.get("id") or 0 for part in model.get(of, ())) for of in _PARTS]
        if entry.field_ids and any(map(any, parts)):
            known = [entry.field_ids, entry.template_ids]
        else:
            known = parts
        if model and (int(model["id"]), *parts) != (entry.id, *known):
            reason = "the ledger has other ids for it, its fields or templates"
            yield _wrong(path, _unlike_package(path, package, entry.key, reason))


def _unlike_package(path: Path, package: Path, key: str, reason: str) -> str:
    return (
        f"{package.name} contains “{key}”, but {reason}; {RESTORE}; or, if another branch built"
        f" these packages and no learner has them, delete {path.parent.as_posix()}/*.apkg"
    )


def _other_time(path: Path, package: Path, seen: Seen, entry: Entry) -> Problem:
    """A time that was set forward by hand would overwrite what learners have changed."""
    message = (
        f"{package.name} contains “{seen.key}” with the same content, last changed at {seen.mod},"
        f" and the ledger says {entry.mod}; if that was edited by hand, {RESTORE}"
    )
    return warning(Place(str(path)), message, Error.LEDGER)


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
        is_item = is_item or texts[0].startswith(OCCLUSION)
        if name and not (is_item or is_value or name == " / ".join(texts)):
            return False
    return True


def _wrong(path: Path, message: str) -> Problem:
    return error(Place(str(path)), message, Error.LEDGER)
