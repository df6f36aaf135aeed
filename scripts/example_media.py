"""Numbers → the sounds and pictures of the decks in `examples/`.

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    mv package world-atlas
    python -m scripts.example_media world-atlas/countries-50m.json

Building the decks does not need this; the files are committed. The map's geometry is Natural
Earth's (public domain). Vowels are made as a throat makes them: a buzz, in which a few resonances
stand out, the formants. A word of vowels alone glides from one to the next.
"""

from __future__ import annotations

import array
import math
import sys
import wave
from itertools import pairwise
from pathlib import Path

from scripts.maps import BORDER, INK, LAND, MEMBER, Atlas, Frame, plate_carree, svg

EXAMPLES = Path(__file__).parent.parent / "examples"

RATE = 11_025
# Hertz: the first three formants of a man's Spanish vowels, and how broad they are.
FORMANTS = {
    "a": (700, 1300, 2500),
    "e": (450, 1950, 2550),
    "i": (290, 2300, 3000),
    "o": (460, 900, 2450),
    "u": (310, 750, 2400),
}
WIDTHS = (80, 100, 140)
# The vowels that are heard in a word, and when each is reached, in seconds.
SPOKEN = {vowel: [(vowel, 0.0), (vowel, 0.45)] for vowel in FORMANTS} | {
    "hay": [("a", 0.0), ("a", 0.22), ("i", 0.38), ("i", 0.5)],
    "hoy": [("o", 0.0), ("o", 0.22), ("i", 0.38), ("i", 0.5)],
    "ahi": [("a", 0.0), ("a", 0.16), ("i", 0.26), ("i", 0.6)],
}


def spoken(vowels: list[tuple[str, float]]) -> bytes:
    """A sound, as the bytes of its samples."""
    length = vowels[-1][1]
    samples = []
    past = [[0.0, 0.0] for _ in WIDTHS]
    phase = 0.0
    for n in range(int(length * RATE)):
        now = n / RATE
        phase += (135 - 30 * now / length) / RATE
        sound = 1.0 if phase >= 1 else 0.0
        phase %= 1
        for formant, width, before in zip(formants(vowels, now), WIDTHS, past, strict=True):
            r = math.exp(-math.pi * width / RATE)
            turn = 2 * r * math.cos(2 * math.pi * formant / RATE)
            sound = sound * (1 - turn + r * r) + turn * before[0] - r * r * before[1]
            before[:] = sound, before[0]
        samples.append(sound * min(1, now / 0.03, (length - now) / 0.08))
    loudest = max(map(abs, samples))
    return array.array("h", [round(24_000 * sample / loudest) for sample in samples]).tobytes()


def formants(vowels: list[tuple[str, float]], now: float) -> list[float]:
    """The formants at a time."""
    for (one, start), (other, end) in pairwise(vowels):
        if now <= end:
            part = (now - start) / (end - start)
            both = zip(FORMANTS[one], FORMANTS[other], strict=True)
            return [(1 - part) * low + part * high for low, high in both]
    raise ValueError(now)


# 200 by 150 units, on the ground that all pictures of the decks have.
DRAWN = {
    "sun": '<g stroke="#26313a" stroke-width="5" stroke-linecap="round">'
    + "".join(
        f'<path d="M{100 + 44 * math.cos(n * math.pi / 4):.0f}'
        f" {75 + 44 * math.sin(n * math.pi / 4):.0f}"
        f"L{100 + 60 * math.cos(n * math.pi / 4):.0f}"
        f' {75 + 60 * math.sin(n * math.pi / 4):.0f}"/>'
        for n in range(8)
    )
    + '<circle cx="100" cy="75" r="32" fill="#f2b134"/></g>',
    "moon": '<path d="M118 22A56 56 0 1 0 118 128A44 53 0 1 1 118 22Z" fill="#f8f4ea"'
    ' stroke="#26313a" stroke-width="5" stroke-linejoin="round"/>',
    "house": '<g stroke="#26313a" stroke-width="5" stroke-linejoin="round">'
    '<path d="M58 72h84v58h-84Z" fill="#f8f4ea"/><path d="M46 74L100 24l54 50Z" fill="#c2500f"/>'
    '<path d="M90 130v-34h20v34Z" fill="#7e8d98"/></g>',
    "tree": '<g stroke="#26313a" stroke-width="5" stroke-linejoin="round">'
    '<path d="M92 92h16v42h-16Z" fill="#8a5a33"/>'
    '<path d="M100 14c26 0 44 20 44 42s-18 42-44 42-44-20-44-42 18-42 44-42Z" fill="#4f8f5b"/></g>',
    "fish": '<g stroke="#26313a" stroke-width="5" stroke-linejoin="round">'
    '<path d="M128 75l36-28v56Z" fill="#c2500f"/>'
    '<path d="M36 75c22-44 76-44 100 0c-24 44-78 44-100 0Z" fill="#f2b134"/>'
    '<circle cx="66" cy="68" r="4" fill="#26313a"/></g>',
}

# Name → where it stands on the map, in per cent of its width and height.
CENTRAL_AMERICA = {
    "Guatemala": (14, 31),
    "Belize": (38, 12),
    "El Salvador": (18, 52),
    "Honduras": (39, 29),
    "Nicaragua": (49, 45),
    "Costa Rica": (45, 82),
    "Panama": (76, 74),
}
AROUND = ("Mexico", "Colombia", "Cuba", "Jamaica", "Cayman Is.", "Ecuador")
TEXT = 30


def central_america(atlas: Atlas) -> str:
    """A map with the names of the countries on it."""
    frame = Frame(
        west=-93, south=6.6, east=-76.5, north=18.6, width=1000, centre=0, project=plate_carree
    )
    w, h = frame.width, frame.height
    land = "".join(
        f'<path d="{path}" fill="{fill}"/>'
        for names, fill in ((AROUND, LAND), (CENTRAL_AMERICA, MEMBER))
        for name in names
        if name in atlas.names and (path := frame.path(atlas.area([name])))
    )
    drawn = f'<g stroke="{BORDER}" stroke-width="2" stroke-linejoin="round">{land}</g>'
    names = "".join(
        f'<text x="{x * w / 100:.0f}" y="{y * h / 100 + TEXT * 0.35:.0f}">{name}</text>'
        for name, (x, y) in CENTRAL_AMERICA.items()
    )
    words = f'<g font-family="sans-serif" font-size="{TEXT}" text-anchor="middle" fill="{INK}">'
    # Anki's image occlusion asks a picture for its size.
    sized = svg(w, h, f"{drawn}{words}{names}</g>")
    return sized.replace(" viewBox", f' width="{w}" height="{h}" viewBox', 1)


def main(countries: Path) -> None:
    spanish = EXAMPLES / "spanish" / "cards_src" / "media"
    capitals = EXAMPLES / "capitals" / "cards_src" / "media"
    for folder in (spanish, capitals):
        folder.mkdir(exist_ok=True)
    for name, vowels in SPOKEN.items():
        with wave.open(str(spanish / f"{name}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(spoken(vowels))
    for name, body in DRAWN.items():
        (spanish / f"{name}.svg").write_text(svg(200, 150, body), "utf-8")
    map_ = central_america(Atlas(countries, tolerance=0.03))
    (capitals / "central-america.svg").write_text(map_, "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
