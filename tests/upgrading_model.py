"""What the state machine of upgrades knows: the sources as they are meant, editions, reviews."""

from __future__ import annotations

import csv
import io
import json
import string
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.recordings import chunk, wav
from tests.sources import MINI

DECK = "Mini"
NOTE_TYPES = (DECK, f"{DECK} Cloze", "Own", "Maps")
# Kinds of facts with items that are known by their texts → the prompts that hide them.
LISTS = {"list": "items", "map": "note"}

# Items of one family are different items, though a careless comparison takes them for one.
FAMILIES = (
    *(("C", "C++", "C#"), ("+1", "−1", "±1"), ("कल", "कला", "काल"), ("दिन", "दीन", "दान")),
    *(("มา", "ม้า", "มี"), ("กิน", "กัน"), ("عَلَم", "عِلْم", "علم"), ("日本", "日木"), ("が", "か")),
    *(("x²", "x2", "x₂"), ("≤ 5", "≥ 5", "5"), ("♀", "♂"), ("50%", "50‰", "50°"), ("$5", "€5")),
    *(("résumé", "resume"), ("A→B", "A←B"), ("1/2", "12"), ("G7", "G20"), ("R&D", "RD")),
    *(("Treaty", "Treat"), ("अहिंसा", "हिंसा"), ("ประเทศ", "ประเทือง"), ("condition", "conditions")),
)
# Ways to write the same item: case and ordinary punctuation do not count.
_VARIANTS = ("{}", "{}.", "“{}”", "({})", "{}!", "– {}", "‘{}’,", "«{}»?")
_PUNCTUATION = ".,;:!?\"'“”‘’„‚«»‹›-‐‑‒–—()[]{}"


def variant(text: str, choice: int) -> str:
    """The same item as `text`, written in another way."""
    bare = text.strip(_PUNCTUATION + " ")
    if choice % 2 and bare.isascii():
        bare = bare.swapcase()
    return _VARIANTS[choice % len(_VARIANTS)].format(bare)


def same(one: str, other: str) -> bool:
    """Whether two texts are the same item: but for case and ordinary punctuation they agree."""
    dropped = dict.fromkeys(map(ord, _PUNCTUATION + string.whitespace))
    one, other = (text.casefold().translate(dropped) or text for text in (one, other))
    return one == other


def is_plain(text: str) -> bool:
    """Whether a text has only letters and their marks, apart from ordinary punctuation."""
    return all(
        unicodedata.category(char)[0] in "LM" for char in text if char not in f"{_PUNCTUATION} "
    )


def composed(text: str) -> str:
    """A field as Anki keeps it."""
    return unicodedata.normalize("NFC", text)


@dataclass
class ListItem:
    """An item of a list, or what a cloze deletion numbered by hand hides.

    `uid` is what it is, however it is worded; `built` is its text in the newest edition that had
    it, and `built_new` whether it said `new: true` there; `number` is that of the cloze deletion,
    where the curator gives it.
    """

    uid: int
    text: str
    built: str = field(default="", compare=False)
    built_new: bool = field(default=False, compare=False)
    formerly: str = ""
    new: bool = True
    number: int = 0
    hint: str = ""
    context: str = ""

    @property
    def shape(self) -> str:
        """The item as a part of a picture."""
        said = f", formerly: {yaml(self.formerly)}" if self.formerly else ", new: true" * self.new
        return f"{{name: {yaml(self.text)}, rect: [{self.uid % 90}, 5, 5, 5]{said}}}"

    @property
    def source(self) -> str:
        """The item as YAML."""
        more = f", formerly: {yaml(self.formerly)}" if self.formerly else ", new: true" * self.new
        more += f", hint: {yaml(self.hint)}" if self.hint else ""
        more += f", context: {yaml(self.context)}" if self.context else ""
        return f"{{item: {yaml(self.text)}{more}}}" if more else yaml(self.text)


@dataclass
class FactState:
    """A fact as the curator has it; `uid` is what it is, whatever its id.

    `form` is the name of its kind; `gone` are the items that it had; `built` is its id in the
    newest edition that had it; `returns` is whether that is not the last one, `removed_with` are
    the names of kinds' fields and prompts when it was removed.
    """

    uid: int
    form: str
    name: str
    words: dict[str, str]
    items: list[ListItem]
    gone: list[ListItem] = field(default_factory=list)
    built: str = field(default="", compare=False)
    topic: str = "basics"
    level: str = "core"
    tags: tuple[str, ...] = ()
    file: str = "a"
    deck: str = ""
    formerly: list[str] = field(default_factory=list)
    picture: bool = False
    sound: bool = False
    returns: bool = field(default=False, compare=False)
    removed_with: tuple[str, ...] = ()


@dataclass
class Name:
    """A name that changes: of a prompt, or of a field of a kind, which may say `formerly`."""

    now: str
    built: str = field(default="", compare=False)
    formerly: str = ""


# The cloze deletions: a note and an item → the number.
Numbers = dict[tuple[tuple[int, str], int], int]


@dataclass
class Sources:
    """All that a curator writes, and what of it the ledger ties to learners' cards.

    `fields` and `prompts` are kinds' fields and prompts, by the names that they had at first.
    """

    facts: list[FactState] = field(default_factory=list)
    removed: list[FactState] = field(default_factory=list)
    wording: int = 0
    own_wording: int = 0
    style: int = 0
    picture: int = 0
    sound: int = 0
    ground: int = 0
    extra_prompt: bool = False
    fields: dict[str, Name] = field(
        default_factory=lambda: {"items": Name("items"), "word": Name("word")}
    )
    prompts: dict[str, Name] = field(
        default_factory=lambda: {"meaning": Name("meaning"), "more": Name("more")}
    )
    numbers: Numbers = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the kinds' fields and prompts."""
        return tuple(name.now for name in (*self.fields.values(), *self.prompts.values()))

    @property
    def built_names(self) -> tuple[str, ...]:
        """The same in the last build."""
        return tuple(name.built for name in (*self.fields.values(), *self.prompts.values()))

    @property
    def designs(self) -> dict[str, str]:
        """What decides how the cards of each note type look."""
        css = f"{self.css} {self.ground}"
        return dict.fromkeys(NOTE_TYPES, css) | {"Own": f"{css} {self.own_wording}"}

    @property
    def css(self) -> str:
        return f".card {{ background: url(g.svg); }} /* {self.style} */"

    def files(self) -> dict[str, str | bytes]:
        """All files but those of facts."""
        prompt = {name: state.now for name, state in self.prompts.items()}
        term = (
            MINI["kinds/term.yaml"]
            .replace("\n        ", "\n")
            .replace("What is", f"v{self.wording} What is")
            .replace("  clue: {type: text}", "  clue: {type: text}\n  say: {type: audio}")
            .replace("  meaning:\n", f"  {prompt['meaning']}:\n")
            .rstrip()
        )
        more = (
            f"\n  {prompt['more']}: {{front: 'More of {{{{ term }}}}?', back: '{{{{ meaning }}}}'}}"
        )
        items, word = (
            (name.now, f", formerly: {name.formerly}" if name.formerly else "")
            for name in self.fields.values()
        )
        say = "\n  say: {front: 'How is {{ term }} said?', back: '{{ say }}'}"
        return {
            "card/style.css": self.css,
            "kinds/term.yaml": term + say + (more if self.extra_prompt else ""),
            "kinds/list.yaml": "about: A list.\nfields:\n  list: {type: text, required: true}\n"
            f"  {items[0]}: {{type: list, required: true{items[1]}}}\n"
            f"prompts:\n  items: {{cloze: '{{{{ list }}}}: {{{{ {items[0]} | cloze }}}}'}}\n",
            "kinds/gap.yaml": "about: A word in a sentence.\nfields:\n  rest: {type: text}\n"
            "  aside: {type: text}\n"
            f"  {word[0]}: {{type: text, required: true{word[1]}}}\n"
            f"prompts:\n  gap: {{cloze: '{{{{ {word[0]} | cloze }}}}: {{{{ rest }}}}"
            "{% if aside %} ({{ aside | cloze }}){% endif %}'}\n"
            f"  aside: {{front: '{{% if aside %}}Beside {{{{ {word[0]} }}}}?{{% endif %}}', "
            "back: '{{ aside }}'}\n",
            "kinds/own.yaml": "about: A word.\nfields: {term: {type: text}, extra: {type: text}}\n"
            "note_type:\n  name: Own\n"
            "  fields: {Word: '{{ term }}', Extra: '{{ extra }}', Source: '{{ source }}'}\n"
            f"  templates: {{Word: {{front: '{{{{Word}}}}? v{self.own_wording}', back: x}},"
            " Extra: {front: '{{#Extra}}{{Extra}}? {{type:Word}}{{/Extra}}', back: '{{Word}}'}}\n"
            f"  css: '{self.css}'\n",
            "kinds/map.yaml": "about: Parts.\n"
            "fields: {map: {type: picture}, places: {type: shapes}}\n"
            "note_type:\n  name: Maps\n  image_occlusion: true\n  fields: {Image: '{{ map }}',"
            " Occlusion: '{{ places | cloze }}', Back Extra: '{{ places }}'}\n"
            f"  css: '{self.css}'\n",
            "media/sources.yaml": "".join(
                f"{name}: {{origin: drawn, licence: CC0}}\n" for name in ("m.svg", "g.svg", "s.wav")
            ),
            "media/m.svg": svg(self.picture),
            "media/g.svg": svg(self.ground),
            "media/s.wav": wav() + chunk(b"note", str(self.sound).encode()),
        }

    @property
    def rows(self) -> list[FactState]:
        """The facts that stand in the table."""
        return [fact for fact in self.facts if fact.file == "t" and fact.form in ("term", "gap")]

    def table(self) -> dict[str, str]:
        """The table, if it has rows, its columns in an order that changes."""
        if not self.rows:
            return {}
        columns = ["id", "kind", "topic", "level", "deck", "tags", "formerly", "picture", "say"]
        words = sorted({name for fact in self.rows for name in fact.words})
        columns += [self.fields[name].now if name in self.fields else name for name in words]
        Random(self.wording + self.style).shuffle(columns)  # noqa: S311
        written = io.StringIO()
        table = csv.DictWriter(written, columns)
        table.writeheader()
        for fact in self.rows:
            said = {
                self.fields[name].now if name in self.fields else name: text
                for name, text in fact.words.items()
            }
            values = {"id": fact.name, "kind": fact.form, "topic": fact.topic, "level": fact.level}
            values |= {"deck": fact.deck, "tags": "; ".join(fact.tags)}
            values |= {"formerly": "; ".join(fact.formerly)}
            values |= {"picture": "m.svg" if fact.picture else ""}
            values |= {"say": "s.wav" if fact.sound and fact.form == "term" else ""}
            table.writerow(values | said)
        return {"facts/t.csv": written.getvalue()}

    def fact_files(self) -> dict[str, str]:
        """The files of facts, by name."""
        files: dict[str, str] = {}
        listed = [fact for fact in self.facts if fact not in self.rows]
        if self.rows:
            files["t"] = 'table: t.csv\nseparator: "; "\nsource: {doc: handbook, at: p. 1}\n'
            files["t"] += "facts:\n" if any(fact.file == "t" for fact in listed) else ""
        for fact in listed:
            entry = "\n    ".join(self._lines(fact))
            files[fact.file] = files.get(fact.file, "facts:\n") + f"  - {entry}\n"
        return files

    def _lines(self, fact: FactState) -> list[str]:
        lines = [
            f"id: {fact.name}",
            f"kind: {fact.form}",
            f"topic: {fact.topic}",
            f"level: {fact.level}",
            "source: {doc: handbook, at: p. 1}",
        ]
        for name, text in fact.words.items():
            shown = self.fields[name].now if name in self.fields else name
            lines.append(f"{shown}: {yaml(text)}")
        if fact.deck:
            lines.append(f"deck: {fact.deck}")
        if fact.tags:
            lines.append(f"tags: [{', '.join(fact.tags)}]")
        if fact.formerly:
            lines.append(f"formerly: [{', '.join(fact.formerly)}]")
        if fact.picture:
            lines.append("picture: m.svg")
        if fact.sound and fact.form == "term":
            lines.append("say: s.wav")
        if fact.form == "list":
            lines.append(f"{self.fields['items'].now}:")
            lines.extend(f"  - {item.source}" for item in fact.items)
        if fact.form == "map":
            lines.append("map: m.svg")
            lines.append(f"places: [{', '.join(item.shape for item in fact.items)}]")
        if fact.form == "cloze":
            gaps = " and ".join(f"{{{{c{item.number}::{item.text}}}}}" for item in fact.items)
            lines.append(f"text: {yaml(gaps)}")
        return lines


def svg(number: int) -> str:
    """A picture unlike that of another number."""
    return f"<svg xmlns='http://www.w3.org/2000/svg'><!-- {number} --></svg>"


def yaml(text: str) -> str:
    """A text as a quoted scalar."""
    return json.dumps(text, ensure_ascii=False)


@dataclass(frozen=True)
class NoteState:
    """A note as an edition has it; `who` is fact uid and prompt, `asked` number → item uid.

    What a learner may see are the fields that are `shown`; the key is only for reference. `deck` is
    that of its new cards.
    """

    who: tuple[int, str]
    mod: int
    fields: list[str]
    tags: list[str]
    asked: dict[int, int]
    deck: str
    shown: tuple[str, ...]
    note_type: str

    @property
    def content(self) -> tuple[tuple[str, ...], list[str]]:
        """What a learner may see."""
        return self.shown, self.tags


@dataclass(frozen=True)
class EditionState:
    """What a build gave: its packages' folder, GUID → note, the notes of each, the styling.

    `designs` are note type → what decides how its cards look, and when that changed.

    `history` are the editions that it continues, itself included, by number.
    """

    folder: Path
    notes: dict[str, NoteState]
    members: dict[str, set[str]]
    css: str
    designs: dict[str, tuple[str, int]]
    history: frozenset[int]


@dataclass(frozen=True)
class Asked:
    """What a review was a review of; a card whose cloze deletion is gone asks for no item."""

    who: tuple[int, str]
    card: int
    item: int | None


@dataclass
class World:
    """What curators and learners share: the clock, the editions, and what is what.

    `identities` are GUID → fact and prompt; `asked` is what the cards of a cloze note ask, by its
    GUID and first field.
    """

    root: Path
    clock: int = 1_600_000_000
    count: int = 0
    editions: list[EditionState] = field(default_factory=list)
    identities: dict[str, tuple[int, str]] = field(default_factory=dict)
    asked: dict[tuple[str, str], dict[int, int]] = field(default_factory=dict)

    def tick(self, seconds: int = 10) -> int:
        """What the clock shows, a while later."""
        self.clock += seconds
        return self.clock

    def number(self) -> int:
        """A number never given before."""
        self.count += 1
        return self.count

    def word(self) -> str:
        """A text never used before, in some script."""
        number = self.number()
        family = FAMILIES[number % len(FAMILIES)]
        return f"{family[0]} w{number}x"
