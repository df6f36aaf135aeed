"""An SVG file → why it is more than a picture, or nothing.

A WebView that opens an SVG by itself runs its scripts and fetches what it refers to. So only what
draws is taken: the elements and attributes listed here, and references within the file.
"""

from __future__ import annotations

import re
from xml.parsers import expat

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_XML = "http://www.w3.org/XML/1998/namespace"
# What drawing programs note for themselves; no browser acts upon it.
_NOTES = (
    "http://www.inkscape.org/namespaces/inkscape",
    "http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "http://creativecommons.org/ns#",
    "http://web.resource.org/cc/",
    "http://purl.org/dc/elements/1.1/",
)
# In another encoding a browser could read what expat does not.
_ENCODINGS = ("utf-8", "utf-16", "us-ascii")

_ELEMENTS = frozenset(
    """
    circle clipPath defs desc ellipse feBlend feColorMatrix feComponentTransfer feComposite
    feConvolveMatrix feDiffuseLighting feDisplacementMap feDistantLight feDropShadow feFlood feFuncA
    feFuncB feFuncG feFuncR feGaussianBlur feMerge feMergeNode feMorphology feOffset fePointLight
    feSpecularLighting feSpotLight feTile feTurbulence filter g line linearGradient marker mask
    metadata path pattern polygon polyline radialGradient rect stop style svg switch symbol text
    textPath title tspan use
    """.split()  # noqa: SIM905 - a table of names
)
# Attributes whose values are names or words, and those that begin so.
_WORDS = ("class", "id", "lang", "role", "version", "baseProfile", "xml:space", "xml:lang")
_WORDS_BEGIN = ("aria-", "data-")
# Attributes that place and paint; they may have values of CSS.
_ATTRIBUTES = frozenset(
    """
    alignment-baseline amplitude azimuth baseFrequency baseline-shift bias clip clip-path clip-rule
    clipPathUnits color color-interpolation color-interpolation-filters color-rendering cursor cx cy
    d diffuseConstant direction display divisor dominant-baseline dx dy edgeMode elevation
    enable-background exponent fill fill-opacity fill-rule filter filterUnits flood-color
    flood-opacity font font-family font-feature-settings font-kerning font-size font-size-adjust
    font-stretch font-style font-variant font-variant-caps font-variant-ligatures font-weight fr fx
    fy gradientTransform gradientUnits height image-rendering in in2 intercept isolation k1 k2 k3 k4
    kernelMatrix kernelUnitLength kerning lengthAdjust letter-spacing lighting-color
    limitingConeAngle line-height marker marker-end marker-mid marker-start markerHeight markerUnits
    markerWidth mask mask-type maskContentUnits maskUnits method mix-blend-mode mode numOctaves
    offset opacity operator order orient overflow paint-order pathLength patternContentUnits
    patternTransform patternUnits pointer-events points pointsAtX pointsAtY pointsAtZ preserveAlpha
    preserveAspectRatio primitiveUnits r radius refX refY result rotate rx ry scale seed
    shape-rendering side slope spacing specularConstant specularExponent spreadMethod startOffset
    stdDeviation stitchTiles stop-color stop-opacity stroke stroke-dasharray stroke-dashoffset
    stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width style surfaceScale
    systemLanguage tableValues targetX targetY text-align text-anchor text-decoration
    text-orientation text-rendering textLength transform transform-box transform-origin type
    unicode-bidi values vector-effect viewBox viewTarget visibility white-space width word-spacing
    writing-mode x x1 x2 xChannelSelector y y1 y2 yChannelSelector z
    """.split()  # noqa: SIM905 - a table of names
)
_LOCAL = re.compile(r"#[^\s#]+")
_IN_FILE = re.compile(r"""url\(\s*(["']?)#[^\s"'()]+\1\s*\)""", re.IGNORECASE)
# What could fetch something in CSS: an escape hides a name, a rule or a function may name a file.
_SUSPECT = re.compile(r"\\|@(?!media\b)[\w-]*|[\w-]+\(", re.IGNORECASE)
_FUNCTIONS = frozenset(
    """
    and( blur( brightness( calc( circle( clamp( contrast( cubic-bezier( drop-shadow( ellipse(
    grayscale( hsl( hsla( hue-rotate( inset( invert( is( lab( lch( matrix( matrix3d( max( min( not(
    nth-child( nth-last-child( nth-of-type( oklab( oklch( opacity( or( path( polygon( rgb( rgba(
    rotate( rotate3d( saturate( scale( scale3d( scalex( scaley( sepia( skew( skewx( skewy(
    translate( translate3d( translatex( translatey( var( where(
    """.split()  # noqa: SIM905 - a table of names
)


class _Refused(Exception):  # noqa: N818 - it is no error of ours
    """The file has what no picture needs; caught by `more_than_a_picture`."""


def more_than_a_picture(data: bytes) -> str:
    """What an SVG file has that a picture must not have, or why it is none; nothing if all is well.

    To be read after the file's name.
    """
    # Namespaces are told apart by a space, which none has.
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    depth = styles = 0
    style: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, styles
        if not depth and name != f"{_SVG} svg":
            reason = f'is no SVG: its root must be <svg xmlns="{_SVG}">'
            raise _Refused(reason)
        depth += 1
        styles += name == f"{_SVG} style"
        _check_element(name)
        for key, value in attributes.items():
            _check_attribute(name, key, value)

    def text(said: str) -> None:
        if styles:
            style.append(said)

    def end(name: str) -> None:
        nonlocal depth, styles
        depth -= 1
        if name == f"{_SVG} style":
            styles -= 1
            _check_css("".join(style), "<style>")
            style.clear()

    def xml(_version: str, encoding: str | None, _standalone: int) -> None:
        if encoding and encoding.lower() not in _ENCODINGS:
            raise _Refused(f"is in the encoding {encoding}; save it as UTF-8")

    def doctype(*_: object) -> None:
        raise _Refused("is more than a picture: it has <!DOCTYPE; delete that declaration")

    def instruction(target: str, _data: str) -> None:
        raise _Refused(f"is more than a picture: it has <?{target}")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = text
    parser.XmlDeclHandler, parser.StartDoctypeDeclHandler = xml, doctype
    parser.ProcessingInstructionHandler = instruction
    try:
        parser.Parse(data, True)  # noqa: FBT003 - expat takes no names
    except _Refused as refused:
        return str(refused)
    except (expat.ExpatError, LookupError, ValueError) as error:
        return f"is no SVG: {error}"
    return ""


def _check_element(name: str) -> None:
    namespace, _, local = name.rpartition(" ")
    if namespace not in _NOTES and not (namespace == _SVG and local in _ELEMENTS):
        raise _Refused(f"is more than a picture: it has <{local}>")


def _check_attribute(element: str, name: str, value: str) -> None:
    namespace, _, local = name.rpartition(" ")
    if namespace in _NOTES or element.rpartition(" ")[0] in _NOTES:
        return
    if local == "href" and namespace in ("", _XLINK):
        if not _LOCAL.fullmatch(value):
            raise _Refused(f"is more than a picture: it has href={value[:50]}")
        return
    if namespace == _XML:
        local = f"xml:{local}"
    if local in _WORDS or (not namespace and local.startswith(_WORDS_BEGIN)):
        return
    if (namespace and namespace != _XML) or local not in _ATTRIBUTES:
        raise _Refused(f"is more than a picture: it has {local}=")
    _check_css(value, f"{local}=")


def _check_css(css: str, where: str) -> None:
    """Refuses CSS that refers to another file, or could."""
    for found in _SUSPECT.findall(_IN_FILE.sub(" ", css)):
        if found.lower() not in _FUNCTIONS:
            raise _Refused(f"is more than a picture: it has {found} in {where}")
