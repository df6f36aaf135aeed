"""A template that only shows fields comes out as Jinja2 fills it, which does not see it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.effort import sample
from tests.public import (
    FAILURES,
    NoField,
    Numbering,
    Place,
    Text,
    compile_template,
    fill_template,
    makers_of,
    simple_parts,
    values_of,
)
from tests.sources import HEAD, project_of

KIND = r"""
    about: All that a template may show.
    fields:
      a: {type: text}
      b: {type: plain, language: fr}
      day: {type: date}
      items: {type: list}
      gaps: {type: cloze}
      lacking: {type: text}
      not: {type: text}
      self: {type: text}
    prompts: {ask: {front: "{{ a }}?", back: "{{ b }}"}}
    """
FACT = r"""
  - id: one
    kind: all
    a: " *x* & {y} \\\\("
    b: éa {{
    day: 1994-07
    items: [one, 'two::', {item: three, hint: h}, {item: four, context: 'not {item}, {item}'}]
    gaps: "{{c1::A}} and {{c3::b::hint}}"
    not: n
    self: s
"""
NAMES = ("a", "b", "day", "items", "gaps", "lacking", "not", "self", "as_of", "unknown", "loop")
FILTERS = (
    *("capitalize", "cloze", "escape", "lower", "numbered", "reverse", "title", "trim", "upper"),
    *("when", "length", "uper", "default('')", "cloze(b)"),
)
# Around a field, and where a text may seem to begin or end one.
SIGNS = (
    "{",
    "}",
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    "-",
    "|",
    "\\",
    "\\(",
    "\n",
    "\r\n",
    " ",
    "::",
)

fields = st.builds(
    "{{{{{}{}{}{}}}}}".format,
    st.sampled_from(("", " ", "\n", "- ")),
    st.sampled_from(NAMES),
    st.lists(st.sampled_from(FILTERS), max_size=3).map(
        lambda names: "".join(f" | {name}" for name in names)
    ),
    st.sampled_from(("", " ", "\t")),
)
texts = st.one_of(st.sampled_from(SIGNS), st.text("aé<{}%# \n", max_size=4))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Any:  # noqa: ANN401 - a function
    """What comes of a template, filled with a fact's values."""
    project = project_of(tmp_path_factory.mktemp("all"), {"kinds/all.yaml": KIND}, a=HEAD + FACT)
    (fact,) = project.facts
    kind = project.vocabulary.kinds["all"]
    assert kind
    values = values_of(fact, kind, makers_of(kind, {}))

    def fill(source: str) -> tuple[object, ...]:
        text = Text(source)
        text.place = Place("kinds/all.yaml", 1, 1)
        template, problems = compile_template(text, kind.fields)
        if template is None:
            return tuple(map(str, problems))
        numbering = Numbering(fact, kind, project.vocabulary.labels)
        try:
            html: object = fill_template(template, values, numbering)
        except (NoField, *FAILURES) as failure:
            html = str(failure)
        names = template.uses, template.needs, *map(str, problems)
        return html, numbering.numbers, numbering.hidden, names

    return fill


@settings(max_examples=sample(5000))
@given(st.lists(st.one_of(fields, fields, texts), max_size=5).map("".join))
@example("What does {{ a }} ({{b|upper}}) do?")
@example("{{ items | cloze | numbered }}{{ gaps }}")
@example("{{ lacking | trim }}")
@example("{{ a }}" * 200)
def test_a_simple_template_comes_out_as_jinja2_fills_it(
    filled: Any,  # noqa: ANN401 - a function
    source: str,
) -> None:
    through_jinja2 = "{# no longer simple #}" + source
    assert simple_parts(through_jinja2) is None
    if simple_parts(source):
        assert filled(source) == filled(through_jinja2)


@pytest.mark.parametrize(
    ("source", "simple"),
    [
        ("What is {{ term }}?", True),
        ("{{ signed | when }} was {{name|title}} {{ verb }}?\n", True),
        ("{{ list }}: {{ items | cloze | numbered }}", True),
        ("no field", True),
        ("{{ a }}{% if b %}{{ b }}{% endif %}", False),
        ("{{ a ~ b }}", False),
        ("{{ a | cloze(b) }}", False),
        (r"{{ a }} \(\ce{H2O}\)", False),
    ],
)
def test_a_template_is_simple_if_it_only_shows_fields(source: str, *, simple: bool) -> None:
    assert (simple_parts(source) is not None) == simple
