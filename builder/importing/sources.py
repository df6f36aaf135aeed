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


def files_of(plan: Plan, identity: Identity) -> dict[str, bytes]:
    """Path in `cards_src` → content of each file of the sources."""
    texts = {"decks.yaml": _decks(plan, identity)}
    if tags := sorted({tag for fact in plan.facts for tag in fact.tags}):
        texts["tags.yaml"] = "# Fill in what each tag means.\n" + document(_meanings(tags))
    for kind in plan.kinds:
        texts |= {f"kinds/{name}": text for name, text in _kind(kind).items()}
    if plan.media:
        listed = {
            chosen: {
                "origin": TO_FILL_IN,
                "licence": TO_FILL_IN,
                "name": name,
                "sha256": sha256(data).hexdigest(),
            }
            for chosen, (name, data) in plan.media.items()
        }
        texts["media/sources.yaml"] = document(listed)
    files = {name: text.encode() for name, text in texts.items()} | facts_of(plan.facts)
    return files | {f"media/{chosen}": data for chosen, (_, data) in plan.media.items()}


def _decks(plan: Plan, identity: Identity) -> str:
    title = plan.name.rpartition("::")[2]
    about = plan.deck.about[:1000] or f"The deck {title}."
    said: dict[str, Yaml] = {"namespace": identity.namespace, "deck": plan.name}
    packages = {identity.package: {"title": title, "about": about}}
    said |= {"automatic_tags": "false", "packages": packages}
    head = "# The identity of the deck in Anki: never change namespace and deck.\n"
    return head + document(said)


def _meanings(tags: Iterable[str]) -> dict[str, Yaml]:
    """What `tags.yaml` says of tags: a tag's own name, also beside those below it."""
    below: dict[str, list[str]] = {}
    for tag in tags:
        first, _, rest = tag.partition("::")
        below.setdefault(first, []).extend([rest] if rest else [])
    return {
        name: {"_": name, **_meanings(rests)} if rests else name for name, rests in below.items()
    }


def _kind(kind: PlannedKind) -> dict[str, str]:
    """The files of a kind."""
    note_type = kind.note_type
    fields: dict[str, Yaml] = {
        name: {"type": typed.type, "help": said}
        for name, typed, said in zip(kind.names, kind.types, note_type.fields, strict=True)
    }
    said: dict[str, Yaml] = {"about": f"Notes of “{note_type.name}”.", "fields": fields}
    if not note_type.templates:
        # Nobody wants to learn the ids of a table.
        first, *others = sorted(kind.names, key=lambda name: name == "id_field")
        back = "\n".join(
            f"{{% if {name} %}}<div>{{{{ {name} }}}}</div>{{% endif %}}" for name in others
        )
        said["prompts"] = {"card": {"front": f"{{{{ {first} }}}}", "back": back or "…"}}
        return {f"{kind.name}.yaml": document(said)}
    files: dict[str, str] = {}
    templates: dict[str, Yaml] = {}
    for number, (name, *texts) in enumerate(note_type.templates, 1):
        sides = {side: f"{kind.name}-{number}-{side}.html" for side in ("front", "back")}
        files |= dict(zip(sides.values(), texts, strict=True))
        templates[name] = sides
    occlusion = note_type.occlusion and note_type.fields == OCCLUSION_FIELDS
    contents = zip(note_type.fields, kind.names, strict=True)
    own_type: dict[str, Yaml] = {
        "name": note_type.name,
        **({"adopted": "true"} if note_type.field_ids else {}),
        **({"image_occlusion": "true"} if occlusion else {}),
        **({"cloze": "true"} if note_type.cloze and not occlusion else {}),
        "fields": {field: f"{{{{ {name} }}}}" for field, name in contents},
        "templates": templates,
    }
    if note_type.field_ids:  # else it is of a table, and has Anki's own style
        own_type["css"] = f"{kind.name}.css"
        files[f"{kind.name}.css"] = note_type.css
    return {f"{kind.name}.yaml": document({**said, "note_type": own_type}), **files}


def facts_of(facts: Iterable[Planned]) -> dict[str, bytes]:
    """Path in `cards_src` → content of each file of facts, one for each kind and subdeck."""
    together: dict[tuple[str, str], list[Mapping[str, Yaml]]] = {}
    for fact in facts:
        tags: dict[str, Yaml] = {"tags": fact.tags} if fact.tags else {}
        said = {"id": fact.id, **tags, **fact.values}
        together.setdefault((fact.kind, fact.subdeck), []).append(said)
    files: dict[str, bytes] = {}
    taken: dict[str, int] = {}
    for (kind, subdeck), those in together.items():
        head = {"kind": kind} | ({"deck": subdeck} if subdeck else {})
        stem = f"{kind}/{slug(subdeck) or 'deck'}" if subdeck else kind
        for start in range(0, len(those), _FACTS_IN_FILE):
            number = f"-{start // _FACTS_IN_FILE + 1:03}" if len(those) > _FACTS_IN_FILE else ""
            some = those[start : start + _FACTS_IN_FILE]
            name = own(f"{stem}{number}", taken)
            files[f"facts/{name}.yaml"] = document({**head, "facts": some}).encode()
    return files
