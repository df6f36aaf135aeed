"""A package → a running Anki, through its add-on AnkiConnect; and what that changed there.

AnkiConnect answers JSON over HTTP. Its `importPackage` says only that it is done, so the notes are
looked at before and after.
"""

import json
import urllib.error
import urllib.request
from collections.abc import Iterable
from http.client import HTTPException
from pathlib import Path
from typing import Any, NamedTuple

from builder.anki.edition import Edition, Seen

_ADD_ON = "2055492159"  # its number on ankiweb.net/shared/addons

_VERSION = 6
_AT_ONCE = 500  # notes
_MAX_ANSWER = 256 << 20


class AnkiError(Exception):
    """Anki cannot be asked, or refuses; the text is for the user."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Neither the key nor the package goes anywhere else than the user said."""

    def redirect_request(self, *_: object) -> None:
        """Follows none."""


class Anki(NamedTuple):
    """Where AnkiConnect listens, its key if it wants one, and how many seconds to wait."""

    address: str
    key: str = ""
    patience: float = 300

    def ask(self, action: str, **params: object) -> Any:  # noqa: ANN401 - JSON
        """The result of an action; raises AnkiError."""
        question = {"action": action, "version": _VERSION, "params": params}
        data = json.dumps(question | ({"key": self.key} if self.key else {})).encode()
        request = urllib.request.Request(  # noqa: S310 - the caller has looked at its scheme
            self.address, data, {"Content-Type": "application/json"}
        )
        # What a proxy would see and answer is not Anki.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())
        try:
            with opener.open(request, timeout=self.patience) as response:
                answer = json.loads(response.read(_MAX_ANSWER))
            result, failure = answer["result"], answer["error"]
        except urllib.error.HTTPError as refused:
            refused.close()
            raise AnkiError(self._refusal(refused.code)) from refused
        except TimeoutError as late:
            raise AnkiError(self._silence()) from late
        except (urllib.error.URLError, HTTPException, OSError) as failed:
            reason = getattr(failed, "reason", failed)
            if isinstance(reason, TimeoutError):
                raise AnkiError(self._silence()) from failed
            raise AnkiError(self._absence(reason)) from failed
        except (ValueError, LookupError, TypeError, RecursionError) as other:
            raise AnkiError(f"what answers at {self.address} is not AnkiConnect") from other
        if failure is not None:
            raise AnkiError(self._failure(str(failure)))
        return result

    def _absence(self, reason: object) -> str:
        said = str(getattr(reason, "strerror", None) or reason)
        return (
            f"Anki cannot be reached at {self.address} ({said[:1].lower()}{said[1:]}): start Anki,"
            f" with the add-on AnkiConnect ({_ADD_ON})"
        )

    def _silence(self) -> str:
        return (
            f"no answer from {self.address} within {self.patience:g} seconds: does a window in Anki"
            " wait for you, or does it sync? Look there before you try again"
        )

    def _refusal(self, status: int) -> str:
        hint = "; it lets this program in by its setting webCorsOriginList" if status == 403 else ""  # noqa: PLR2004 - forbidden
        return f"what answers at {self.address} refuses, with the HTTP status {status}{hint}"

    def _failure(self, said: str) -> str:
        low = said.lower()
        if "api key" in low:
            if self.key:
                return f"AnkiConnect does not accept this key: {said}"
            return "AnkiConnect wants its key: --key, or ANKICONNECT_KEY in the environment"
        if "collection is not available" in low:
            return "no collection is open in Anki: open a profile there"
        if "unsupported action" in low:
            return f"this AnkiConnect is too old; update the add-on in Anki: {said}"
        return f"AnkiConnect says: {said}"


class Pushed(NamedTuple):
    """How many notes of a package were new to Anki, updated by it, and skipped.

    Of those skipped, `edited` have other contents than the package, though Anki's are not known to
    be older; `refused` are older. `unseen` are notes that Anki does not have under the package's
    ids, so that what became of them is not known.
    """

    new: int
    updated: int
    skipped: int
    edited: int
    refused: int
    unseen: int


def push(anki: Anki, path: Path, edition: Edition) -> Pushed:
    """Imports the package at `path`, which contains `edition`; raises AnkiError."""
    anki.ask("version")
    before = _known(anki, edition)
    try:
        done = anki.ask("importPackage", path=str(path.resolve()))
    except AnkiError as failure:
        said = str(failure).lower()
        if "no such file" in said or "not found" in said or "os error 2" in said:
            hint = "Anki reads the file itself, so it must run where it can see this path"
            raise AnkiError(f"{failure}; {hint}: {path.resolve()}") from failure
        raise
    if done is not True:
        raise AnkiError("AnkiConnect says that nothing was imported: is a profile open in Anki?")
    return _compared(before, _known(anki, edition), edition.notes.values())


def _known(anki: Anki, edition: Edition) -> dict[int, dict[str, Any]]:
    """What Anki has under the ids of the notes of an edition."""
    ids = sorted(seen.id for seen in edition.notes.values())
    found: dict[int, dict[str, Any]] = {}
    for start in range(0, len(ids), _AT_ONCE):
        asked = ids[start : start + _AT_ONCE]
        answer = anki.ask("notesInfo", notes=asked)
        if not isinstance(answer, list) or not all(isinstance(info, dict) for info in answer):
            raise AnkiError(f"what answers at {anki.address} is not AnkiConnect")
        found |= {info["noteId"]: info for info in answer if info.get("noteId") in asked}
    return found


def _compared(
    before: dict[int, dict[str, Any]], after: dict[int, dict[str, Any]], notes: Iterable[Seen]
) -> Pushed:
    counts = dict.fromkeys(Pushed._fields, 0)
    for seen in notes:
        was, now = before.get(seen.id), after.get(seen.id)
        if now is None:
            counts["unseen"] += 1
        elif was is None:
            counts["new"] += 1
        elif was != now:
            counts["updated"] += 1
        else:
            counts["skipped"] += 1
            if _differs(now, seen):
                older = isinstance(now.get("mod"), int) and now["mod"] < seen.mod
                counts["refused" if older else "edited"] += 1
    return Pushed(**counts)


def _differs(info: dict[str, Any], seen: Seen) -> bool:
    """Whether a note in Anki has other fields or tags than in the package."""
    fields, tags = info.get("fields"), info.get("tags")
    if not isinstance(fields, dict) or not isinstance(tags, list):
        return True
    changed = [name for name, text in seen.fields if _value(fields.get(name)) != text]
    return bool(changed) or {*map(str, tags)} != {*seen.tags}


def _value(field: object) -> object:
    return field.get("value") if isinstance(field, dict) else None
