"""A package → a running Anki, through its add-on AnkiConnect; and what that changed there.

AnkiConnect answers JSON over HTTP. Its `importPackage` says only that it is done, so the notes are
looked at before and after.
"""

import json
import re
import urllib.error
import urllib.request
from collections import Counter
from http.client import HTTPException
from pathlib import Path
from typing import Any, NamedTuple

from builder.anki.edition import Edition, Seen

_ADD_ON = "2055492159"  # its number on ankiweb.net/shared/addons

_VERSION = 6
_AT_ONCE = 500  # notes
_MAX_ANSWER = 256 << 20

# A pattern of a failure that AnkiConnect or HTTP tells → what to do about it.
_HINTS = {
    "api key": "give its key with --key, or as ANKICONNECT_KEY in the environment",
    "collection is not available": "open a profile in Anki",
    "unsupported action": "update the add-on in Anki",
    "no such file|file not found|os error 2": "Anki reads the file itself: run it where that lies",
    "http status 403": "allow this program in its setting webCorsOriginList",
    "timed out": "if it runs, look whether a window in it waits for you before you try again",
}


class AnkiError(Exception):
    """Anki cannot be asked, or refuses; the text is for the user."""

    def __init__(self, text: str) -> None:
        hints = [hint for said, hint in _HINTS.items() if re.search(said, text.lower())]
        super().__init__("; ".join([text, *hints]))


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
            said = f"what answers at {self.address} refuses, with the HTTP status {refused.code}"
            raise AnkiError(said) from refused
        except (OSError, HTTPException) as failed:
            reason = getattr(failed, "reason", failed)
            said = str(getattr(reason, "strerror", None) or reason)
            raise AnkiError(
                f"no answer from Anki at {self.address} ({said[:1].lower()}{said[1:]}): start Anki,"
                f" with the add-on AnkiConnect ({_ADD_ON})"
            ) from failed
        except (ValueError, LookupError, TypeError, RecursionError) as other:
            raise AnkiError(f"what answers at {self.address} is not AnkiConnect") from other
        if failure is not None:
            raise AnkiError(f"AnkiConnect says: {failure}")
        return result


# What became of notes beside being new, updated and skipped, in the words of the user.
EDITED = "skipped with other contents: edited in Anki, or of a newer edition"
REFUSED = "skipped though older: was a field or template added to their note type?"
UNSEEN = "not found under the id in the package: what became of them is unknown"


def push(anki: Anki, path: Path, edition: Edition) -> Counter[str]:
    """Imports the package at `path`, which contains `edition`; raises AnkiError.

    Counts the notes that are `new`, `updated` and `skipped`, `EDITED`, `REFUSED` and `UNSEEN`.
    """
    anki.ask("version")
    before = _known(anki, edition)
    if anki.ask("importPackage", path=str(path.resolve())) is not True:
        raise AnkiError("AnkiConnect says that nothing was imported: is a profile open in Anki?")
    after = _known(anki, edition)
    return Counter(
        outcome
        for seen in edition.notes.values()
        for outcome in _outcomes(seen, before.get(seen.id), after.get(seen.id))
    )


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


def _outcomes(seen: Seen, was: dict[str, Any] | None, now: dict[str, Any] | None) -> list[str]:
    """What became of a note."""
    if now is None:
        return [UNSEEN]
    if was != now:
        return ["updated" if was else "new"]
    if not _differs(now, seen):
        return ["skipped"]
    older = isinstance(now.get("mod"), int) and now["mod"] < seen.mod
    return ["skipped", REFUSED if older else EDITED]


def _differs(info: dict[str, Any], seen: Seen) -> bool:
    """Whether a note in Anki has other fields or tags than in the package."""
    fields, tags = info.get("fields"), info.get("tags")
    if not isinstance(fields, dict) or not isinstance(tags, list):
        return True
    there = {name: one.get("value") for name, one in fields.items() if isinstance(one, dict)}
    return any(there.get(name) != text for name, text in seen.fields) or {*map(str, tags)} != {
        *seen.tags
    }
