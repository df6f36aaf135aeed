"""Language codes (BCP 47), and the words that the builder itself says to learners, its labels.

Babel knows the languages. It takes long to import, and a deck in English does without.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    if text == ENGLISH:
        return ""
    language, script, region = _parts(text)
    names = locale_of(ENGLISH)
    known = language in names.languages or language in _known("likely_subtags")
    if not known and not _PRIVATE.fullmatch(language):
        return f"“{text}” is not a valid language code{_meant(text)}"
    if script and script not in names.scripts:
        hint = nearest(script, names.scripts)
        return f"unknown script “{script}” in the language code “{text}”{hint}"
    if region and region not in names.territories:
        now = _known("territory_aliases").get(region, [region])[0]  # UK → GB
        hint = nearest(now, names.territories)
        return f"unknown region “{region}” in the language code “{text}”{hint}"
    return ""


def canonical(code: str) -> str:
    """A code in the usual letters, `ZH-hant-tw` → `zh-Hant-TW`; nothing if it is not valid."""
    return "" if not code or wrong_with_language(code) else _cased(code)


def _cased(code: str) -> str:
    language, *rest = code.lower().split("-")
    public = rest.index("x") if "x" in rest else len(rest)
    cased = [{2: part.upper(), 4: part.title()}.get(len(part), part) for part in rest[:public]]
    return "-".join([language, *cased, *rest[public:]])


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


def _meant(text: str) -> str:
    """The code that was probably meant, to end a message with."""
    code = _cased(text.replace("_", "-"))
    if code != text and not wrong_with_language(code):
        return f"; did you mean “{code}”?"
    inhabited = str(_known("likely_subtags").get(f"und_{text.upper()}", "")).partition("_")[0]
    named = _named().get(text.casefold()) or _known("language_aliases").get(code) or inhabited
    return nearest(named or text, locale_of(ENGLISH).languages)


@cache
def _named() -> dict[str, str]:
    """The name of each language, in English and in itself → its code."""
    names = {name.casefold(): code for code, name in locale_of(ENGLISH).languages.items()}
    for code in (path.stem for path in _FOLDER.glob("*.toml")):
        names[str(locale_of(code).get_language_name() or code).casefold()] = code
    return names


def _known(table: Any) -> Mapping[str, Any]:  # noqa: ANN401 - its names are Babel's
    from babel.core import get_global

    return get_global(table)


@cache
def _read(code: str) -> Mapping[str, str]:
    path = _FOLDER / f"{code}.toml"
    return tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}
