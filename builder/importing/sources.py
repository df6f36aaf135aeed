"""What an import writes → the files of the sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256

from builder.anki.note_types import OCCLUSION_FIELDS
from builder.examples import Identity
from builder.importing.names import own, slug
from builder.importing.plan import Plan, Planned, PlannedKind
from builder.importing.yaml import Yaml, document
from builder.sources.media import TO_FILL_IN

# A file of facts that is longer is hard to edit, and one of 64 MiB is not read.
_FACTS_IN_FILE = 2_000
_PROMPT = "card"


def files_of(plan: Plan, identity: Identity) -> dict[str, bytes]:
    """Path in `cards_src` → content of each file of the sources."""
    texts = {"decks.yaml": _decks(plan, identity)}
    if tags := dict.fromkeys(tag for fact in plan.facts for tag in fact.tags):
        texts["tags.yaml"] = _tags(sorted(tags))
    for kind in plan.kinds:
        texts |= {f"kinds/{name}": text for name, text in _kind(kind).items()}
    files = {name: text.encode() for name, text in texts.items()}
    files |= {f"facts/{name}": text.encode() for name, text in facts_of(plan.facts).items()}
    if plan.media:
        listed = {
            name: {
                "origin": TO_FILL_IN,
                "licence": TO_FILL_IN,
                "name": file,
                "sha256": sha256(plan.deck.media[file]).hexdigest(),
            }
            for file, name in plan.media.items()
        }
        files["media/sources.yaml"] = document(listed).encode()
        files |= {f"media/{name}": plan.deck.media[file] for file, name in plan.media.items()}
    return files


def _decks(plan: Plan, identity: Identity) -> str:
    about = plan.deck.about[:1000] or f"The deck {plan.name.rpartition('::')[2]}."
    title = plan.name.rpartition("::")[2]
    return (
        "# The identity of the deck in Anki: never change namespace and deck.\n"
        + document({"namespace": identity.namespace, "deck": plan.name, "automatic_tags": "false"})
        + document({"packages": {identity.package: {"title": title, "about": about}}})
    )


def _tags(tags: Iterable[str]) -> str:
    tree: dict[str, Yaml] = {}
    for tag in tags:
        below = tree
        for part in tag.split("::"):
            below = below.setdefault(part, {})  # type: ignore[assignment]
    return "# Fill in what each tag means.\n" + document(_meanings(tree))


def _meanings(tree: Mapping[str, Yaml]) -> dict[str, Yaml]:
    return {
        name: {"_": name, **_meanings(below)} if isinstance(below, Mapping) and below else name
        for name, below in tree.items()
    }


def _kind(kind: PlannedKind) -> dict[str, str]:
    """The files of a kind."""
    note_type = kind.note_type
    fields: dict[str, Yaml] = {
        name: {"type": type_, "help": said}
        for name, type_, said in zip(kind.names, kind.types, note_type.fields, strict=True)
    }
    said: dict[str, Yaml] = {"about": f"Notes of “{note_type.name}”.", "fields": fields}
    if not note_type.templates:
        # Nobody wants to learn the ids of a table.
        first, *others = sorted(kind.names, key=lambda name: name == "id_field")
        back = "\n".join(
            f"{{% if {name} %}}<div>{{{{ {name} }}}}</div>{{% endif %}}" for name in others
        )
        said["prompts"] = {_PROMPT: {"front": f"{{{{ {first} }}}}", "back": back or "…"}}
        return {f"{kind.name}.yaml": document(said)}
    files: dict[str, str] = {}
    templates: dict[str, Yaml] = {}
    for number, (name, front, back) in enumerate(note_type.templates, 1):
        names = [f"{kind.name}-{number}-{side}.html" for side in ("front", "back")]
        files |= dict(zip(names, (front, back), strict=True))
        templates[name] = {"front": names[0], "back": names[1]}
    own_type: dict[str, Yaml] = {"name": note_type.name}
    own_type |= {"adopted": "true"} if note_type.field_ids else {}
    if note_type.occlusion and note_type.fields == OCCLUSION_FIELDS:
        own_type["image_occlusion"] = "true"
    elif note_type.cloze:
        own_type["cloze"] = "true"
    own_type |= {
        "fields": {
            field: f"{{{{ {name} }}}}"
            for field, name in zip(note_type.fields, kind.names, strict=True)
        },
        "templates": templates,
    }
    if note_type.field_ids:  # else it is of a table, and has Anki's own style
        own_type["css"] = f"{kind.name}.css"
        files[f"{kind.name}.css"] = note_type.css
    return {f"{kind.name}.yaml": document(said | {"note_type": own_type}), **files}


def facts_of(facts: Iterable[Planned]) -> dict[str, str]:
    """Path in `facts` → its text; a file for each kind and subdeck."""
    together: dict[tuple[str, str], list[Planned]] = {}
    for fact in facts:
        together.setdefault((fact.kind, fact.subdeck), []).append(fact)
    files: dict[str, str] = {}
    for (kind, subdeck), those in together.items():
        stem = f"{kind}/{slug(subdeck) or 'deck'}" if subdeck else kind
        for start in range(0, len(those), _FACTS_IN_FILE):
            number = f"-{start // _FACTS_IN_FILE + 1:03}" if len(those) > _FACTS_IN_FILE else ""
            name = own(f"{stem}{number}", [path.removesuffix(".yaml") for path in files])
            some = those[start : start + _FACTS_IN_FILE]
            head = {"kind": kind} | ({"deck": subdeck} if subdeck else {})
            files[f"{name}.yaml"] = document({**head, "facts": [_fact(fact) for fact in some]})
    return files


def _fact(fact: Planned) -> dict[str, Yaml]:
    tags: dict[str, Yaml] = {"tags": fact.tags} if fact.tags else {}
    return {"id": fact.id, **tags, **fact.values}
