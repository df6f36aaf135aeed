"""Language codes (BCP 47), and the words that the builder itself says to learners, its labels.

Babel knows the languages. It takes long to import, and a deck in English does without.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from builder.problems import nearest

if TYPE_CHECKING:
    from babel.core import Locale

ENGLISH = "en"

_FOLDER = Path(__file__).with_name("labels")
_CODE = re.compile(
    r"(?P<language>[A-Za-z]{2,3})(?:-(?P<script>[A-Za-z]{4}))?"
    r"(?:-(?P<region>[A-Za-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*(?:-[xX](?:-[A-Za-z0-9]{1,8})+)?",
)
# What BCP 47 keeps for languages that have no code, such as invented ones.
_PRIVATE = re.compile("q[a-t][a-z]|art|mis|mul|und|zxx")
_RIGHT_TO_LEFT = re.compile("Adlm|Arab|Aran|Armi|Hebr|Mand|Nkoo|Rohg|Samr|Syrc|Thaa|Yezi")
_PLACE = re.compile(r"\{([a-z_]+)\}")


def wrong_with_language(text: str) -> str:
    """Why a text is not the code of a language, or nothing."""
    found = _CODE.fullmatch(text)
    if text == ENGLISH:
        return ""
    language, script, region = _parts(text) if found else ("", "", "")
    if found and not _is_known(language):
        found = None
    if not found:
        return f"“{text}” is not a valid language code{_meant(text)}"
    names = _english()
    if script and script not in names.scripts:
        hint = nearest(script, names.scripts)
        return f"unknown script “{script}” in the language code “{text}”{hint}"
    if region and region not in names.territories:
        now = _known("territory_aliases").get(region, [""])[0]  # UK → GB
        hint = f"; did you mean “{now}”?" if now else nearest(region, names.territories)
        return f"unknown region “{region}” in the language code “{text}”{hint}"
    return ""


def canonical(code: str) -> str:
    """A code in the usual letters, `ZH-hant-tw` → `zh-Hant-TW`; nothing if it is not valid."""
    return "" if not code or wrong_with_language(code) else _cased(code)


def _cased(code: str) -> str:
    first, *rest = code.split("-")
    parts = [first.lower()]
    for part in rest:
        private = "x" in parts
        by_length = {2: part.upper(), 4: part.title()}
        parts.append(part.lower() if private else by_length.get(len(part), part.lower()))
    return "-".join(parts)


@cache
def direction(code: str) -> str:
    """How a language is written: `ltr` or `rtl`."""
    return "rtl" if _RIGHT_TO_LEFT.fullmatch(script_of(code)) else "ltr"


@cache
def script_of(code: str) -> str:
    """The script of a language, such as `Latn`: the one that its code names, or the usual one."""
    if code == ENGLISH:
        return "Latn"
    language, script, region = _parts(code)
    likely = _known("likely_subtags")
    usual = likely.get(f"{language}_{region}") or likely.get(language) or "_Latn_"
    return script or str(usual).split("_")[1]


def language_of(code: str) -> str:
    """The language alone: `de-AT` → `de`."""
    return code.partition("-")[0]


def attributes(code: str, around: str) -> str:
    """HTML's `lang` and `dir` of what is in a language, if that around it is in another."""
    if code == around:
        return ""
    turned = f' dir="{direction(code)}"' if direction(code) != direction(around) else ""
    return f' lang="{code}"{turned}'


@cache
def labels_in(code: str) -> Mapping[str, str]:
    """All labels in a language; in English where we do not have them."""
    labels = dict(_read(ENGLISH))
    for name in (language_of(code), f"{language_of(code)}-{script_of(code)}", code):
        labels |= _read(name)
    return labels


@cache
def has_labels(code: str) -> bool:
    """Whether we have labels in a language."""
    return bool(_read(language_of(code)))


def wrong_with_label(name: str, text: str) -> str:
    """Why a text cannot be the label of that name, or nothing."""
    known = set(_PLACE.findall(_read(ENGLISH)[name]))
    for place in dict.fromkeys(_PLACE.findall(text)):
        if place not in known:
            return f"the label “{name}” has no {{{place}}}{nearest(place, known)}"
    missing = sorted(known - set(_PLACE.findall(text)))
    return f"the label “{name}” needs {{{missing[0]}}}" if missing else ""


def filled(label: str, **values: object) -> str:
    """A label with values in the places for them: `As of {date}`."""
    return _PLACE.sub(lambda found: str(values.get(found[1], found[0])), label)


def sentence(label: str) -> str:
    """A label where it begins a sentence, with a capital letter."""
    return label[:1].upper() + label[1:]


def show_number(number: int, code: str) -> str:
    """A number as a language writes it: `1,024`, `1.024`."""
    if code == ENGLISH:
        return f"{number:,}"
    from babel.numbers import format_decimal

    return format_decimal(number, locale=locale_of(code))


@cache
def locale_of(code: str) -> Locale:
    """What Babel knows of how a language writes dates and numbers; English, if it knows nothing."""
    from babel.core import Locale, UnknownLocaleError

    language, script, region = _parts(code)
    for parts in ((language, script, region), (language, script), (language,), (ENGLISH,)):
        try:
            return Locale.parse("_".join(filter(None, parts)))
        except (UnknownLocaleError, ValueError):
            continue
    raise AssertionError(code)


def _parts(code: str) -> tuple[str, str, str]:
    """Language, script and region of a well-formed code; the last two may be empty."""
    found = _CODE.fullmatch(_cased(code))
    return (found["language"], found["script"] or "", found["region"] or "") if found else ("",) * 3


def _is_known(language: str) -> bool:
    return bool(
        language in _known("likely_subtags")
        or language in _english().languages
        or _PRIVATE.fullmatch(language)
    )


def _meant(text: str) -> str:
    """The code that was probably meant, to end a message with."""
    code = _cased(text.replace("_", "-"))
    if code != text and not wrong_with_language(code):
        return f"; did you mean “{code}”?"
    aliases, likely = _known("language_aliases"), _known("likely_subtags")
    named = _named().get(text.casefold()) or aliases.get(code)
    if not named and (inhabited := likely.get(f"und_{text.upper()}")):
        named = inhabited.partition("_")[0]
    return f"; did you mean “{named}”?" if named else nearest(text, _english().languages)


@cache
def _named() -> dict[str, str]:
    """The name of each language, in English and in itself → its code."""
    names = {name.casefold(): code for code, name in _english().languages.items()}
    for code in (path.stem for path in _FOLDER.glob("*.toml")):
        names[str(locale_of(code).get_language_name() or code).casefold()] = code
    return names


@cache
def _english() -> Locale:
    from babel.core import Locale

    return Locale(ENGLISH)


def _known(
    table: Literal["likely_subtags", "language_aliases", "territory_aliases"],
) -> Mapping[str, Any]:
    from babel.core import get_global

    return get_global(table)


@cache
def _read(code: str) -> Mapping[str, str]:
    path = _FOLDER / f"{code}.toml"
    return tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}
