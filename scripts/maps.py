"""Natural Earth's countries → the locator maps and the timeline in `cards_src/media/`.

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python scripts/maps.py package/countries-50m.json

Building the decks does not need this; the pictures are committed. The geometry is Natural Earth's
(1:50m, public domain), as the npm package world-atlas ships it, in TopoJSON.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

MEDIA = Path(__file__).parent.parent / "cards_src" / "media"

Point = tuple[float, float]
Ring = list[Point]

# Colours that can be told apart on light and on dark ground.
OTHER = "#8b949e"
HIGHLIGHT = "#2f9e83"

MEMBERS = {
    "Brunei": 1984,
    "Cambodia": 1999,
    "Indonesia": 1967,
    "Laos": 1997,
    "Malaysia": 1967,
    "Myanmar": 1997,
    "Philippines": 1967,
    "Singapore": 1967,
    "Thailand": 1967,
    "Timor-Leste": 2025,
    "Vietnam": 1995,
}
SLUGS = {
    "Brunei": "brunei-darussalam",
    "Cambodia": "cambodia",
    "Indonesia": "indonesia",
    "Laos": "lao-pdr",
    "Malaysia": "malaysia",
    "Myanmar": "myanmar",
    "Philippines": "philippines",
    "Singapore": "singapore",
    "Thailand": "thailand",
    "Timor-Leste": "timor-leste",
    "Vietnam": "viet-nam",
}
GROUPS = {
    "founding-five": [name for name, year in MEMBERS.items() if year == 1967],
    "clmv": ["Cambodia", "Laos", "Myanmar", "Vietnam"],
    "imt-gt": ["Indonesia", "Malaysia", "Thailand"],
    "bimp-eaga": ["Brunei", "Indonesia", "Malaysia", "Philippines"],
    "acmecs": ["Cambodia", "Laos", "Myanmar", "Thailand", "Vietnam"],
    "asean": list(MEMBERS),
}
PLUS = [
    "Australia",
    "China",
    "India",
    "Japan",
    "New Zealand",
    "Russia",
    "South Korea",
    "United States of America",
]
# Too small to be seen at this scale: a ring is drawn around them.
NEAR = 8  # units a degree: on maps of a larger scale only
SMALL = {"Singapore": (103.82, 1.35), "Brunei": (114.7, 4.5), "Timor-Leste": (125.9, -8.8)}


class Atlas:
    """The countries of a TopoJSON file, as rings of longitude and latitude."""

    def __init__(self, path: Path) -> None:
        topology = json.loads(path.read_text("utf-8"))
        (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
        self.arcs = []
        for arc in topology["arcs"]:
            x = y = 0
            points = []
            for dx, dy in arc:
                x, y = x + dx, y + dy
                points.append((x * sx + tx, y * sy + ty))
            self.arcs.append(points)
        self.countries = {
            country["properties"]["name"]: list(self._rings(country))
            for country in topology["objects"]["countries"]["geometries"]
            if country["type"]
        }

    def _rings(self, geometry: dict[str, object]) -> Iterator[Ring]:
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        for polygon in polygons:  # type: ignore[attr-defined]
            for numbers in polygon:
                ring: Ring = []
                for number in numbers:
                    arc = self.arcs[number] if number >= 0 else self.arcs[~number][::-1]
                    ring += arc if not ring else arc[1:]
                yield ring


def unwrapped(ring: Ring) -> Ring:
    """A ring that goes on beyond 180° where it crosses the date line."""
    points: Ring = []
    for lon, lat in ring:
        before = points[-1][0] if points else lon
        points.append((lon + 360 * round((before - lon) / 360), lat))
    return points


def simplify(ring: Ring, tolerance: float) -> Ring:
    """A ring with fewer points (Ramer–Douglas–Peucker), none moved by more than `tolerance`."""
    if len(ring) < 3:
        return ring
    (x1, y1), (x2, y2) = ring[0], ring[-1]
    length = math.hypot(x2 - x1, y2 - y1)
    farthest, index = 0.0, 0
    for n, (x, y) in enumerate(ring[1:-1], 1):
        if length:
            distance = abs((x2 - x1) * (y1 - y) - (x1 - x) * (y2 - y1)) / length
        else:
            distance = math.hypot(x - x1, y - y1)
        if distance > farthest:
            farthest, index = distance, n
    if farthest <= tolerance:
        return [ring[0], ring[-1]]
    return simplify(ring[: index + 1], tolerance)[:-1] + simplify(ring[index:], tolerance)


class Frame:
    """A map section: west, south, east, north in degrees, drawn `width` units wide."""

    def __init__(self, west: float, south: float, east: float, north: float, width: int) -> None:
        self.bounds = west, south, east, north
        self.scale = width / (east - west)
        self.width, self.height = width, round((north - south) * self.scale)

    def place(self, point: Point) -> Point:
        west, _, _, north = self.bounds
        return (point[0] - west) * self.scale, (north - point[1]) * self.scale

    def path(self, rings: Iterable[Ring]) -> str:
        """The rings that reach into the frame, as an SVG path in tenths of a unit."""
        parts = []
        for ring in map(unwrapped, rings):
            # A ring wholly west of the frame may show in its east, beyond the date line.
            turn = 360 if max(lon for lon, _ in ring) < self.bounds[0] else 0
            points = simplify([self.place((lon + turn, lat)) for lon, lat in ring], 0.8)
            xs, ys = [p[0] for p in points], [p[1] for p in points]
            outside = max(xs) < 0 or min(xs) > self.width or max(ys) < 0 or min(ys) > self.height
            speck = max(xs) - min(xs) < 1.5 and max(ys) - min(ys) < 1.5
            if outside or speck or len(points) < 4:
                continue
            margin = 20
            clipped = [
                (
                    min(max(x, -margin), self.width + margin),
                    min(max(y, -margin), self.height + margin),
                )
                for x, y in points
            ]
            parts.append(relative(clipped))
        return "".join(parts)


def relative(ring: Ring) -> str:
    """A ring as the shortest SVG path of whole units: a start, then steps."""
    points = [(round(x), round(y)) for x, y in ring]
    steps = [(x2 - x1, y2 - y1) for (x1, y1), (x2, y2) in pairwise(points)]
    path = "".join(
        f"{dx:+d}{dy:+d}" if n else f"{dx}{dy:+d}"
        for n, (dx, dy) in enumerate(step for step in steps if step != (0, 0))
    )
    return f"M{points[0][0]} {points[0][1]}l{path}Z"


def svg(width: int, height: int, body: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">{body}</svg>\n'


def draw(atlas: Atlas, frame: Frame, highlighted: Iterable[str], around: Iterable[str]) -> str:
    """A map on which some countries stand out; `around` are shown fully, all others faintly."""
    chosen = set(highlighted)
    layers: dict[str, list[str]] = {"faint": [], "member": [], "chosen": []}
    for name, rings in sorted(atlas.countries.items()):
        layer = "chosen" if name in chosen else "member" if name in set(around) else "faint"
        layers[layer].append(frame.path(rings))
    style = f'stroke="#fff" stroke-opacity=".7" stroke-width="1" fill="{OTHER}"'
    body = (
        f'<g {style} fill-opacity=".28"><path d="{"".join(layers["faint"])}"/></g>'
        f'<g {style} fill-opacity=".75"><path d="{"".join(layers["member"])}"/></g>'
        f'<g {style.replace(OTHER, HIGHLIGHT)}><path d="{"".join(layers["chosen"])}"/></g>'
    )
    for name, point in SMALL.items():
        if name in chosen and frame.scale > NEAR:
            x, y = frame.place(point)
            body += (
                f'<circle cx="{x:.0f}" cy="{y:.0f}" r="15" fill="{HIGHLIGHT}" fill-opacity=".3"'
                f' stroke="{HIGHLIGHT}" stroke-width="5"/>'
            )
    return svg(frame.width, frame.height, body)


def timeline() -> str:
    """The enlargement of ASEAN, a row for each year of accession."""
    names = {"Laos": "Lao PDR", "Vietnam": "Viet Nam", "Brunei": "Brunei Darussalam"}
    years = sorted(set(MEMBERS.values()))
    rows = []
    count = 0
    for row, year in enumerate(years):
        joined = sorted(names.get(name, name) for name, when in MEMBERS.items() if when == year)
        count += len(joined)
        y = 30 + row * 62
        lines = [", ".join(joined[:3]) + ("," if len(joined) > 3 else ""), ", ".join(joined[3:])]
        rows.append(
            f'<circle cx="90" cy="{y}" r="9" fill="{HIGHLIGHT}"/>'
            f'<text x="66" y="{y + 7}" text-anchor="end" font-weight="700">{year}</text>'
            f'<text x="116" y="{y + 7}">{lines[0]}</text>'
            f'<text x="116" y="{y + 29}">{lines[1]}</text>'
            f'<text x="470" y="{y + 7}" text-anchor="end">{count}</text>'
        )
    height = 30 + len(years) * 62
    line = f'<path d="M90 30V{height - 62}" stroke="{HIGHLIGHT}" stroke-width="4"/>'
    # Its own ground, since no colour of text reads well on light and on dark.
    ground = f'<rect width="480" height="{height}" rx="12" fill="#fbfaf7"/>'
    style = 'font-family="sans-serif" font-size="20" fill="#22262b"'
    return svg(480, height, f"{ground}<g {style}>{line}{''.join(rows)}</g>")


def main(path: Path) -> None:
    atlas = Atlas(path)
    region = Frame(90, -12, 143, 29, 700)
    for name, slug in SLUGS.items():
        (MEDIA / f"map-{slug}.svg").write_text(draw(atlas, region, [name], MEMBERS), "utf-8")
    for slug, names in GROUPS.items():
        (MEDIA / f"map-{slug}.svg").write_text(draw(atlas, region, names, MEMBERS), "utf-8")
    pacific = Frame(25, -50, 300, 80, 900)
    participants = [*MEMBERS, *PLUS]
    (MEDIA / "map-admm-plus.svg").write_text(draw(atlas, pacific, participants, []), "utf-8")
    (MEDIA / "timeline-enlargement.svg").write_text(timeline(), "utf-8")
    for file in sorted(MEDIA.glob("*.svg")):
        print(f"{file.stat().st_size / 1000:6.1f} kB  {file.name}")  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
