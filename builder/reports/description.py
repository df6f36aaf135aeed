"""A package → what Anki shows of its deck before study."""

from html import escape

from builder.model import Deck, Package
from builder.notes.markdown import finished
from builder.notes.tally import Tally


def description(package: Package, deck: Deck, tally: Tally) -> str:
    """HTML: what is inside, and searches for a part of it; `tally` is of the package's notes."""
    text = f"<b>{escape(package.title)}</b><br>{escape(package.about)}"
    searches = "".join(
        f"<li>{escape(search.title)}: <code>{escape(search.query)}</code></li>"
        for search in deck.searches
        if 0 < len(tally.selected(search.query)) < len(tally)
    )
    if searches:
        text += "<br>To study a part, make a filtered deck of what one of these searches finds:"
        text += f"<ul>{searches}</ul>"
    if deck.licence:
        text += f"<br>{escape(deck.licence)}"
    return finished(text)
