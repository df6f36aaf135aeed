"""The maps and the timeline: what they show is seen by day, by night and by the colour-blind."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

MEDIA = Path(__file__).parent.parent / "cards_src" / "media"
PICTURES = sorted(MEDIA.glob("*.svg"))
MAPS = [path for path in PICTURES if path.name.startswith("map-")]
# The card's ground, and what `style.css` does to pictures at night.
DAY, NIGHT, DIMMED = "#fcfbf8", "#171a1d", 0.9
Colour = tuple[float, float, float]

a_map = pytest.mark.parametrize("path", MAPS, ids=lambda path: path.stem)
a_picture = pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
day_and_night = pytest.mark.parametrize(
    ("ground", "brightness"), [(DAY, 1), (NIGHT, DIMMED)], ids=["day", "night"]
)


def light(colour: str, brightness: float = 1) -> Colour:
    """A colour as amounts of light, after the filter `brightness()`."""
    assert re.fullmatch("#[0-9a-f]{6}|#fff", colour)
    digits = colour[1:] if len(colour) == 7 else "f" * 6
    shares = [int(digits[n : n + 2], 16) / 255 * brightness for n in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares)
    return red, green, blue


def deuteranope(colour: Colour) -> Colour:
    """What someone without the receptors for green sees (Viénot, Brettel and Mollon 1999)."""
    red, green, blue = colour
    yellow = 0.29275 * red + 0.70725 * green
    return yellow, yellow, max(0, -0.02234 * red + 0.02234 * green + blue)


def contrast(one: Colour, other: Colour) -> float:
    """The contrast ratio by WCAG's formula."""
    dark, bright = sorted(
        0.2126 * red + 0.7152 * green + 0.0722 * blue for red, green, blue in (one, other)
    )
    return (bright + 0.05) / (dark + 0.05)


class Picture:
    """An SVG of `scripts/maps.py`: its size, its ground and its layers."""

    def __init__(self, path: Path) -> None:
        self.root = ET.parse(path).getroot()  # noqa: S314 - our own file
        for element in self.root.iter():
            element.tag = element.tag.removeprefix("{http://www.w3.org/2000/svg}")
        _, _, self.width, self.height = map(int, self.root.attrib["viewBox"].split())
        self.ground = self.root[0]

    def layer(self, name: str) -> ET.Element:
        (found,) = self.root.findall(f"g[@class='{name}']")
        return found

    def beside(self) -> list[str]:
        """The colours of all that is not highlighted."""
        fills = [self.layer(name).attrib["fill"] for name in ("land", "members")]
        return [self.ground.attrib["fill"], *fills]

    def points(self, name: str) -> list[tuple[int, int]]:
        """The corners of a layer's areas, its dots among them."""
        found = []
        for path in self.layer(name).iter("path"):
            for start, steps in re.findall(r"M(\d+ \d+|[-\d ]+)l([^Z]*)Z", path.attrib["d"]):
                x, y = map(int, start.split())
                found.append((x, y))
                for dx, dy in re.findall(r"([+-]?\d+)([+-]\d+)", steps):
                    x, y = x + int(dx), y + int(dy)
                    found.append((x, y))
        found += [(int(c.attrib["cx"]), int(c.attrib["cy"])) for c in self.root.iter("circle")]
        return found


def alts() -> dict[str, str]:
    text = (MEDIA / "sources.yaml").read_text("utf-8")
    return dict(re.findall(r'^(\S+\.svg): .*\balt: "(.*)"\}$', text, re.MULTILINE))


@a_map
@day_and_night
def test_what_is_highlighted_stands_out_from_land_sea_and_card(
    path: Path, ground: str, brightness: float
) -> None:
    picture = Picture(path)
    highlighted = light(picture.layer("highlighted").attrib["fill"], brightness)
    for colour in picture.beside():
        assert contrast(highlighted, light(colour, brightness)) >= 3
    assert contrast(highlighted, light(ground)) >= 3


@a_map
@pytest.mark.parametrize("brightness", [1, DIMMED], ids=["day", "night"])
def test_what_is_highlighted_stands_out_for_the_colour_blind(path: Path, brightness: float) -> None:
    picture = Picture(path)
    highlighted = deuteranope(light(picture.layer("highlighted").attrib["fill"], brightness))
    for colour in picture.beside()[1:]:
        assert contrast(highlighted, deuteranope(light(colour, brightness))) >= 3


@a_map
def test_what_is_highlighted_has_an_outline_besides_its_colour(path: Path) -> None:
    picture = Picture(path)
    highlighted, members = picture.layer("highlighted").attrib, picture.layer("members").attrib
    assert float(highlighted["stroke-width"]) >= 2 * float(members["stroke-width"])
    for colour in picture.beside():
        assert contrast(light(highlighted["stroke"]), light(colour)) >= 7


@a_picture
def test_a_picture_has_an_opaque_ground_of_its_own(path: Path) -> None:
    picture = Picture(path)
    size = {"width": str(picture.width), "height": str(picture.height)}
    assert picture.ground.tag == "rect"
    assert picture.ground.attrib == {**size, "fill": picture.ground.attrib["fill"]}
    for element in picture.root.iter():
        assert not {"opacity", "fill-opacity"} & element.attrib.keys()


@a_picture
def test_a_picture_is_small(path: Path) -> None:
    assert path.stat().st_size < 60_000


@a_map
def test_no_member_is_cut_at_the_frame_and_other_land_fades_out(path: Path) -> None:
    picture = Picture(path)
    for name in ("members", "highlighted"):
        for x, y in picture.points(name):
            assert 5 < x < picture.width - 5
            assert 5 < y < picture.height - 5
    land, *later = list(picture.root)[1:]
    fades = [element for element in later if element.attrib.get("fill", "").startswith("url(#")]
    assert land is picture.layer("land")
    assert len(fades) == 4
    for gradient in picture.root.iter("linearGradient"):
        stops = [stop.attrib["stop-color"] for stop in gradient]
        assert stops == [picture.ground.attrib["fill"]] * 2


@pytest.mark.parametrize(
    ("name", "pointers"),
    [
        *[(name, 1) for name in ("brunei-darussalam", "singapore", "timor-leste")],
        *[("founding-five", 1), ("bimp-eaga", 1), ("asean", 3), ("admm-plus", 3)],
        *[(name, 0) for name in ("acmecs", "clmv", "imt-gt", "indonesia", "viet-nam")],
    ],
)
def test_a_pointer_shows_each_highlighted_small_state(name: str, pointers: int) -> None:
    root = Picture(MEDIA / f"map-{name}.svg").root
    assert len(root.findall("path[@class='pointer']")) == pointers


def test_the_growth_areas_are_not_drawn_as_whole_countries() -> None:
    def span(name: str) -> tuple[int, int]:
        xs = [x for x, _ in Picture(MEDIA / f"map-{name}.svg").points("highlighted")]
        return min(xs), max(xs)

    borneo = Picture(MEDIA / "map-brunei-darussalam.svg").points("highlighted")[0][0]
    singapore = Picture(MEDIA / "map-singapore.svg").points("highlighted")[-1][0]
    assert span("indonesia")[0] < singapore < borneo < span("indonesia")[1]
    assert span("imt-gt")[1] < borneo
    assert span("bimp-eaga")[0] > singapore


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        *[(p.stem.removeprefix("map-"), p.stem.removeprefix("map-").split("-")[0]) for p in MAPS],
        ("founding-five", "1967"),
        ("admm-plus", "defence"),
    ],
)
def test_a_map_on_a_front_does_not_say_its_answer(name: str, answer: str) -> None:
    alt = alts()[f"map-{name}.svg"]
    assert alt.startswith("Map of ")
    assert name == "asean" or answer not in alt.lower()


@pytest.mark.parametrize("brightness", [1, DIMMED], ids=["day", "night"])
def test_the_timeline_is_readable(brightness: float) -> None:
    picture = Picture(MEDIA / "timeline-enlargement.svg")
    (group,) = picture.root.findall("g")
    text, paper = group.attrib["fill"], picture.ground.attrib["fill"]
    assert contrast(light(text, brightness), light(paper, brightness)) >= 7


def test_the_alt_text_of_the_timeline_says_its_years_and_names() -> None:
    alt = alts()["timeline-enlargement.svg"]
    drawn = " ".join(t.text or "" for t in Picture(MEDIA / "timeline-enlargement.svg").root.iter())
    years = re.findall(r"\b\d{4}\b", drawn)
    assert years == ["1967", "1984", "1995", "1997", "1999", "2025"]
    assert years == re.findall(r"\b\d{4}\b", alt)
    for name in re.findall(r"[A-Z][a-z]+(?:[ -][A-Z]\w+)?", drawn.split("Members")[1]):
        assert name in alt
