"""`decks.yaml` → the deck's identity, its packages, the main searches."""

from pathlib import Path

from builder.model import Deck, Package, Search
from builder.problems import Place, Problem, any_error
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
    deck = Deck(
        namespace=said["namespace"],
        name=said["deck"],
        tag_root=said["tag_root"],
        licence=said["licence"],
        packages=packages,
        searches=tuple(searches),
        waive=reader.waivers(root.named("waive")),
        requires=reader.common_keys(root.named("requires")),
        place=Place(reader.path),
    )
    return (None if any_error(reader.problems) else deck), reader.problems
