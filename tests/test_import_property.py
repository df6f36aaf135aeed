"""The promise of upgrades, over any history that starts from an imported deck."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from pathlib import Path

import genanki
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.command import cards
from tests.effort import sample
from tests.engine import collection, double_click
from tests.foreign import state, studied

WORDS = st.sampled_from(
    ["one", "two <b>x</b>", "three & 4", "{{five}}", "  six", "[sound:7.mp3]", '"8"']
)
CHOICE = st.integers(0, 100)
START = 1_600_000_000


class Importing(RuleBasedStateMachine):
    """A deck by genanki, a learner who has it, and an author who takes it over and goes on.

    `texts` are what the facts say on the back, by id; `had` what the learner's package said.
    """

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="importing-"))
        self.clock = START + 1000
        self.learner = collection(self.root / "learner.anki2")
        self.col = self.learner.__enter__()
        self.edited: set[int] = set()

    def teardown(self) -> None:
        self.learner.__exit__(None, None, None)
        shutil.rmtree(self.root)

    @initialize(cloze=st.booleans(), texts=st.lists(WORDS, min_size=4, max_size=6))
    def begin(self, *, cloze: bool, texts: list[str]) -> None:
        """She imports the original and studies; the author imports and builds it."""
        kinds = {True: genanki.Model.CLOZE, False: genanki.Model.FRONT_BACK}
        front = "{{cloze:Front}}" if cloze else "{{Front}}"
        sides = [{"name": "Card 1", "qfmt": front, "afmt": f"{front}{{{{Back}}}}"}]
        if not cloze:
            sides.append(
                {"name": "Card 2", "qfmt": "{{#Back}}{{Back}}{{/Back}}", "afmt": "{{Front}}"}
            )
        fields = [{"name": "Front"}, {"name": "Back"}]
        model = genanki.Model(1_500_000_001, "Theirs", fields, sides, model_type=kinds[cloze])
        deck = genanki.Deck(1_500_000_002, "Theirs")
        self.facts = {}
        for number, text in enumerate(texts):
            word = f"{{{{c1::word {number}}}}}" if cloze else f"word {number}"
            tags = ["old", "a::b"]
            deck.add_note(genanki.Note(model, [word, text], guid=f"g{number}", tags=tags))
            self.facts[f"word-{number}"] = [word, text]
        genanki.Package(deck).write_to_file(self.root / "theirs.apkg", timestamp=float(START))
        assert double_click(self.col, self.root / "theirs.apkg").new == len(texts)
        studied(self.col)
        done = cards(
            self.root, "import", "theirs.apkg", "--into", "deck", SOURCE_DATE_EPOCH=self.now()
        )
        assert done.exit_code == 0, done.output
        self.said = {name: [*said] for name, said in self.facts.items()}
        self.upgrade()

    def now(self) -> str:
        self.clock += 100
        return str(self.clock)

    @rule(which=CHOICE, text=WORDS)
    def reword(self, which: int, text: str) -> None:
        name = sorted(self.facts)[which % len(self.facts)]
        self.facts[name][1] = text

    @rule(text=WORDS)
    def add(self, text: str) -> None:
        number = len(self.facts) + 10
        cloze = "{{c1::" in next(iter(self.facts.values()))[0]
        word = f"{{{{c1::word {number}}}}}" if cloze else f"word {number}"
        self.facts[f"word-{number}"] = [word, text]

    @rule(which=CHOICE)
    def edit_and_tag(self, which: int) -> None:
        """What the learner does to a note of hers."""
        ids = sorted(self.col.find_notes(""))
        note = self.col.get_note(ids[which % len(ids)])
        note["Back"] += " mine"
        note.tags.append("my::own")
        self.col.update_note(note)
        self.edited.add(note.id)

    @rule()
    def study(self) -> None:
        studied(self.col, 1)

    @rule()
    def upgrade(self) -> None:
        """The author builds, and the learner imports: only what changed is updated."""
        src = self.root / "deck" / "cards_src"
        files = sorted((src / "facts").rglob("*.yaml"))
        kind = re.search(r"^kind: .*", files[0].read_text("utf-8"), re.MULTILINE)
        assert kind
        listed = [
            {"id": name, "tags": ["old", "a::b"], "front": front, "back": back}
            for name, (front, back) in self.facts.items()
        ]
        files[0].write_text(f"{kind[0]}\nfacts: {json.dumps(listed)}\n", "utf-8")
        path = next((src / "kinds").glob("*.yaml"))
        text = path.read_text("utf-8")
        path.write_text(re.sub("type: .*", "type: html", text), "utf-8")
        done = cards(
            self.root / "deck", "build", "--src", "cards_src", SOURCE_DATE_EPOCH=self.now()
        )
        assert done.exit_code == 0, done.output
        before = state(self.col)
        changed = {name for name, said in self.said.items() if said != self.facts[name]}
        new = self.facts.keys() - self.said.keys()
        found = double_click(self.col, next((self.root / "deck" / "decks").glob("*.apkg")))
        assert (found.new, found.conflicting) == (len(new), 0)
        assert found.updated <= len(changed)
        after = state(self.col)
        assert after["revlog"] == before["revlog"]
        assert {id_: after["cards"][id_] for id_ in before["cards"]} == before["cards"]
        differing = {id_ for id_ in before["notes"] if after["notes"][id_] != before["notes"][id_]}
        assert len(differing) <= len(changed)
        if not self.edited:
            assert found.updated == len(changed)
        self.said = {name: [*said] for name, said in self.facts.items()}


TestImporting = Importing.TestCase
TestImporting.settings = settings(
    max_examples=sample(60),
    stateful_step_count=10,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
