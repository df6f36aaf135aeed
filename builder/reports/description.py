"""A package → what Anki shows of its deck before study, so short that its button stays in sight."""

from html import escape

from builder.model import Deck, Package
from builder.notes.dates import show_date
from builder.notes.language import ENGLISH, attributes, filled, sentence, show_number
from builder.notes.markdown import finished
from builder.notes.tally import Tally

NEW_A_DAY = 20  # cards that Anki introduces unless a learner wants more or fewer


def amount_of(tally: Tally, deck: Deck) -> str:
    """How many cards there are, and how many days they take."""
    numbers = {"cards": tally.cards, "new": NEW_A_DAY, "days": days_of(tally)}
    shown = {name: show_number(number, deck.language) for name, number in numbers.items()}
    return filled(deck.labels["amount"], **shown)


def days_of(tally: Tally) -> int:
    """How many days it takes to meet all cards."""
    return -(-tally.cards // NEW_A_DAY)


def description(package: Package, deck: Deck, tally: Tally) -> str:
    """HTML: what is inside, how much and as of when; where to turn to; the licence.

    `tally` is of the package's notes.
    """
    labels = deck.labels
    date = show_date(deck.as_of, deck.language) if deck.as_of else ""
    as_of = sentence(filled(labels["as_of"], date=date)) if date else ""
    about = " ".join(filter(None, (package.about.strip(), amount_of(tally, deck), as_of)))
    turn_to = escape(labels["mistake_link" if deck.report else "mistake"])
    if deck.home:
        address = escape(deck.home)
        link = f'<a href="{address}">{address}</a>'
        turn_to = f"{filled(escape(labels['guide_at']), home=link)}<br>{turn_to}"
    first = f"<b>{escape(package.title)}</b> · {escape(about)}"
    text = "<br>".join(filter(None, (first, turn_to, escape(deck.licence))))
    said = attributes(deck.language, ENGLISH)
    return finished(f"<div{said}>{text}</div>" if said else text)
