"""The script that one would write by hand for the facts of `generate`: no checks, no ledger.

    python benchmarks/by_hand.py SRC OUT.apkg [--no-gc]

It gives the same notes as a build: yaml.load with libyaml, compiled Jinja2 templates, genanki.
"""

import gc
import sys
from pathlib import Path

import genanki
import jinja2
import yaml

MONTHS = (
    "January February March April May June July August September October November December"
).split()

BASIC = genanki.Model(
    1607392319,
    "Benchmark",
    fields=[
        {"name": name}
        for name in (
            *("Front", "Back", "Reverse Front", "Reverse Back", "Note", "Topic", "Source", "Key"),
        )
    ],
    templates=[
        {
            "name": "Card",
            "qfmt": "<p>{{Front}}</p>",
            "afmt": '<p>{{Front}}</p><p id="answer">{{Back}}</p>{{Note}}{{Topic}}{{Source}}',
        },
        {
            "name": "Reverse Card",
            "qfmt": "{{#Reverse Front}}<p>{{Reverse Front}}</p>{{/Reverse Front}}",
            "afmt": '<p id="answer">{{Reverse Back}}</p>{{Note}}{{Topic}}{{Source}}',
        },
    ],
)
CLOZE = genanki.Model(
    1607392320,
    "Benchmark Cloze",
    fields=[{"name": name} for name in ("Text", "Note", "Topic", "Source", "Key")],
    templates=[{"name": "Cloze", "qfmt": "{{cloze:Text}}", "afmt": "{{cloze:Text}}{{Note}}"}],
    model_type=genanki.Model.CLOZE,
)

env = jinja2.Environment(autoescape=True)


def date(text):
    year, month, day = str(text).split("-")
    return f"{int(day)} {MONTHS[int(month) - 1]} {year}"


env.filters["date"] = date

# Kind → prompt → the fields it needs, its sides.
PROMPTS = {
    "event": {
        "when": (["date"], "When {{ event }}?", "{{ date | date }}"),
        "where": (["place"], "Where {{ event }}?", "{{ place }}"),
    },
    "term": {
        "meaning": ([], "What is {{ term }}?", "{{ meaning }}", "{{ clue }}", "{{ term }}"),
    },
    "list": {
        "items": (
            [],
            "{{ list }}: <ul>{% for item in items %}"
            "<li>{{ '{{c' }}{{ loop.index }}::{{ item }}{{ '}}' }}</li>{% endfor %}</ul>",
        ),
    },
    "question": {"answer": ([], "{{ question }}", "{{ answer }}")},
    "cloze": {"gaps": ([], "{{ text }}")},
    "agreement": {
        "signed": (["signed"], "When was {{ name }} signed?", "{{ signed | date }}"),
        "place": (["place"], "Where was {{ name }} signed?", "{{ place }}"),
        "in-force": (
            ["in_force"],
            "When did {{ name }} enter into force?",
            "{{ in_force | date }}",
        ),
        "does": (["does"], "What does {{ name }} do?", "{{ does }}"),
    },
}
TEMPLATES = {
    kind: {
        name: (needs, [env.from_string(side) for side in sides])
        for name, (needs, *sides) in prompts.items()
    }
    for kind, prompts in PROMPTS.items()
}
NOTE = env.from_string("{% if note %}<div>{{ note }}</div>{% endif %}")
SOURCE = env.from_string(
    "<details><summary>Source</summary>"
    "<div>{{ author }}, <i>{{ title }}</i> ({{ year }}), {{ at }}</div></details>"
)


def load(path):
    with path.open(encoding="utf-8") as file:
        return yaml.load(file, yaml.CSafeLoader)


def main(src, out):
    sources = load(src / "sources.yaml")
    deck = genanki.Deck(2059400110, "Benchmark", "Invented facts.")
    for path in sorted((src / "facts").glob("*.yaml")):
        content = load(path)
        for fact in content["facts"]:
            source = sources[fact["source"]["doc"]]
            context = [
                NOTE.render(fact),
                content["topic"].replace("-", " ").capitalize(),
                SOURCE.render(source, at=fact["source"]["at"]),
            ]
            tags = sorted(
                f"Benchmark::{tag}"
                for tag in (
                    f"topic::{content['topic']}",
                    f"level::{fact['level']}",
                    f"kind::{fact['kind']}",
                    f"source::{fact['source']['doc']}",
                    *fact.get("tags", ()),
                )
            )
            for name, (needs, templates) in TEMPLATES[fact["kind"]].items():
                if all(need in fact for need in needs):
                    key = f"{fact['id']}/{name}"
                    sides = [template.render(fact) for template in templates]
                    cloze = len(sides) == 1
                    fields = sides if cloze else sides + [""] * (4 - len(sides))
                    deck.add_note(
                        genanki.Note(
                            model=CLOZE if cloze else BASIC,
                            fields=[*fields, *context, key],
                            tags=tags,
                            guid=genanki.guid_for("benchmark", key),
                        )
                    )
    genanki.Package(deck).write_to_file(out)


if __name__ == "__main__":
    if "--no-gc" in sys.argv:
        gc.disable()
    main(Path(sys.argv[1]), sys.argv[2])
