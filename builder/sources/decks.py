"""`decks.yaml` → the deck's identity, its packages, the main searches."""

from pathlib import Path

from builder.model import Deck, Node, Package, Search
from builder.notes.language import ENGLISH, canonical, labels_in, wrong_with_label
from builder.problems import Error, Place, Problem, any_error, nearest
from builder.sources.reader import Reader


def load_deck(src: Path) -> tuple[Deck | None, list[Problem]]:
    """What `decks.yaml` says; None if it has a problem."""
    reader = Reader.read(src / "decks.yaml")
    if reader.root is None:
        return None, reader.problems
    root = reader.entry(reader.root, "decks.yaml")
    said = reader.texts(root, "decks.yaml")
    packages = {}
    for name, node in reader.mapping(root.named("packages"), "packages").items():
        reader.check(name, name, "package-name")
        texts = reader.texts(reader.entry(node, "a package"), "a package")
        packages[str(name)] = Package(
            name=str(name),
            title=texts["title"],
            about=texts["about"],
            query=texts["only"],
            place=node.place,
        )
    searches = [
        Search(title=str(title), query=reader.text(node, "a search", "query"), place=node.place)
        for title, node in reader.mapping(root.named("searches"), "searches").items()
    ]
    language = canonical(said["language"]) or ENGLISH
    automatic_tags = said["automatic_tags"] != "false"
    if automatic_tags and "tag_root" not in root:
        reader.error(root, "decks.yaml needs “tag_root”", Error.MISSING_KEY)
    deck = Deck(
        namespace=said["namespace"],
        name=said["deck"],
        tag_root=said["tag_root"],
        licence=said["licence"],
        packages=packages,
        searches=tuple(searches),
        waive=reader.waivers(root.named("waive")),
        requires=reader.common_keys(root.named("requires")),
        language=language,
        labels={**labels_in(language), **_labels(reader, root.named("labels"))},
        home=str(said["home"]),
        report=str(said["report"]),
        as_of=str(said["as_of"]),
        automatic_tags=automatic_tags,
        align=str(said["align"]) or "start",
        place=Place(reader.path),
    )
    return (None if any_error(reader.problems) else deck), reader.problems


def _labels(reader: Reader, node: Node | None) -> dict[str, str]:
    """The labels that a deck has of its own."""
    known = labels_in(ENGLISH)
    labels = {}
    for name, label in reader.mapping(node, "labels").items():
        text = reader.text(label, f"the label “{name}”")
        if name not in known:
            reader.error(name, f"unknown label “{name}”{nearest(name, known)}", Error.UNKNOWN_KEY)
        elif text and (message := wrong_with_label(name, text)):
            reader.error(label, message, Error.LABEL)
        labels[str(name)] = str(text)
    return labels
