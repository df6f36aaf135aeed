r"""What a formula on a card may say: mathematics, and nothing that acts.

Anki gives what stands between `\( … \)` or `\[ … \]` to MathJax, with its packages base, ams,
mathtools and mhchem, and those that load themselves. Beside mathematics they have links, styles,
attributes, definitions and boxes of any size. So a formula is typeset only if every command in it
is listed here; whatever else has a backslash is shown as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

# A formula, in a text or in HTML, where `[` may be a reference; none begins within another. What
# stands after a backslash belongs to it, as in MathJax: `\\)` ends no formula.
FORMULA = re.compile(
    r"\\(?:\(|(?P<display>\[|&#91;))"
    r"(?:[^\\]|\\(?![()\[\]]|&#91;|\{\{c\d).)*+"
    r"\\(?(display)\]|\))",
    re.DOTALL,
)
_COMMAND = re.compile(r"\\(?:([A-Za-z]+)|&[#\w]+;|.)", re.DOTALL)
_ENVIRONMENT = re.compile(r"\s*\{([A-Za-z]+\*?)(?:\}|&#125;)")
# What may keep its backslash outside of a formula: it may be that a card template has a formula
# around a field. Two backslashes before a bracket would begin one.
_HARMLESS = r"\\(?:(?P<name>[A-Za-z]++)(?!\{\{c\d)|[,:;>!|%$#_ )\]]|\\(?![(\[\\]|&#91;|\{\{c\d))"
_BACKSLASH = re.compile(rf"(?P<formula>{FORMULA.pattern})|{_HARMLESS}|\\", re.DOTALL)
# Keeps a backslash from what stands after it: MathJax takes no tag for a part of a formula.
SHIELDED = "\\<span></span>"
# A tag; MathJax looks into no code. Each text between them is a run.
_TAG = re.compile(r"(<[^<>]*>)")
_CODE = re.compile(r"<(/?)(?:code|pre)\b")


def not_mathematics(formula: str) -> str:
    """The first command of a formula, in a text or in HTML, that is not listed; else nothing."""
    for command in _COMMAND.finditer(formula, 2, len(formula) - 2):
        said, name = unescape(command[0]), command[1]
        if name in ("begin", "end"):
            environment = _ENVIRONMENT.match(formula, command.end())
            if environment is None or environment[1] not in ENVIRONMENTS:
                return f"{said}{{{environment[1]}}}" if environment else said
        elif name not in COMMANDS if name else said[1] not in SIGNS:
            return said
    return ""


def formulas(text: str) -> Iterator[str]:
    """The formulas in a text."""
    return (found[0] for found in FORMULA.finditer(text))


def shield_backslashes(html: str, revealed: str = "") -> str:
    """The HTML of a field in which MathJax finds only formulas that are mathematics.

    `revealed` is the same with all its gaps opened, if it has some: Anki puts a command together
    whose parts stand in and beside a gap.
    """
    runs, opened = list(_runs(html)), list(_runs(revealed))
    fine = all(not not_mathematics(formula) for run, _ in opened for formula in formulas(run))
    shield = _shield if fine else _shield_all
    return "".join(shield(run) + tag for run, tag in runs)


def _runs(html: str) -> Iterator[tuple[str, str]]:
    """Each run of text, with what stands behind it and is no text of a formula: a tag, code."""
    texts = _TAG.split(html)
    at, end = 0, len(texts)
    while at < end:
        run, tags = texts[at], texts[at + 1 : at + 2]
        at += 2
        if tags and (code := _CODE.match(tags[0])) and not code[1]:
            while at < end:
                tags += texts[at : at + 2]
                at += 2
                if (code := _CODE.match(tags[-1])) and code[1]:
                    break
        yield run, "".join(tags)


def _shield(run: str) -> str:
    return _BACKSLASH.sub(_shielded, run) if "\\" in run else run


def _shield_all(run: str) -> str:
    return run.replace("\\", SHIELDED)


def _shielded(found: re.Match[str]) -> str:
    """What becomes of a formula, or of a backslash with what belongs to it."""
    formula, name = found["formula"], found["name"]
    if formula:
        return _shield_all(formula) if not_mathematics(formula) else formula
    if name and name not in COMMANDS and name not in ("begin", "end"):
        return found[0].replace("\\", SHIELDED)
    at_end = found.end() == len(found.string)  # a tag follows, or the end of the field
    return found[0] if name or len(found[0]) > 1 else found[0] if at_end else SHIELDED


# What stands after a backslash and is no letter.
SIGNS = frozenset(" \n\xa0!#$%&,./:;<>\\_{|}")

# The names in MathJax's tables of symbols and macros.
COMMANDS = frozenset(
    """
    And Bbbk Box Bumpeq Cap Cup Delta Diamond Doteq Finv Game Gamma Im Join Lambda Leftarrow
    Leftrightarrow Lleftarrow Longleftarrow Longleftrightarrow Longrightarrow Lsh Omega Phi Pi
    Psi Re Rightarrow Rrightarrow Rsh S Sigma Subset Supset Theta Upsilon Vdash Vvdash Xi aleph
    alpha amalg angle approx approxeq ast asymp backepsilon backprime backsim backsimeq
    backslash barwedge because beta beth between bigcap bigcirc bigcup bigodot bigoplus
    bigotimes bigsqcup bigstar bigtriangledown bigtriangleup biguplus bigvee bigwedge
    blacklozenge blacksquare blacktriangle blacktriangledown blacktriangleleft
    blacktriangleright bot bowtie boxdot boxminus boxplus boxtimes bullet bumpeq cap cdot cdotp
    cdots celsius centerdot checkmark chi circ circeq circlearrowleft circlearrowright circledR
    circledS circledast circledcirc circleddash clubsuit colon complement cong coprod cup
    curlyeqprec curlyeqsucc curlyvee curlywedge curvearrowleft curvearrowright dagger daleth
    dashleftarrow dashrightarrow dashv ddagger ddots degree delta diagdown diagup diamond
    diamondsuit digamma div divideontimes divsymbol doteq doteqdot dotplus dotsb dotsc dotsi
    dotsm dotso doublebarwedge doublecap doublecup downdownarrows downharpoonleft
    downharpoonright ell emptyset epsilon eqcirc eqsim eqslantgtr eqslantless equiv eta eth
    exists fallingdotseq flat forall frown gamma ge geq geqq geqslant gets gg ggg gggtr gimel
    gnapprox gneq gneqq gnsim gt gtrapprox gtrdot gtreqless gtreqqless gtrless gtrsim gvertneqq
    hbar heartsuit hookleftarrow hookrightarrow hslash iiiint iiint iint imath in infty int
    intercal intop iota jmath kappa lambda land ldotp ldots le leadsto leftarrow leftarrowtail
    leftharpoondown leftharpoonup leftleftarrows leftrightarrow leftrightarrows
    leftrightharpoons leftrightsquigarrow leftthreetimes leq leqq leqslant lessapprox lessdot
    lesseqgtr lesseqqgtr lessgtr lesssim lhd ll lll llless lnapprox lneq lneqq lnot lnsim
    longleftarrow longleftrightarrow longmapsto longrightarrow looparrowleft looparrowright lor
    lozenge lt ltimes lvertneqq maltese mapsto measuredangle mho micro mid models mp mu multimap
    nLeftarrow nLeftrightarrow nRightarrow nVDash nVdash nabla natural ncong ne nearrow neg neq
    nexists ngeq ngeqq ngeqslant ngtr ni nleftarrow nleftrightarrow nleq nleqq nleqslant nless
    nmid notChar notin nparallel nprec npreceq nrightarrow nshortmid nshortparallel nsim
    nsubseteq nsubseteqq nsucc nsucceq nsupseteq nsupseteqq ntriangleleft ntrianglelefteq
    ntriangleright ntrianglerighteq nu nvDash nvdash nwarrow odot ohm oint omega omicron ominus
    oplus oslash otimes owns parallel partial perp perthousand phi pi pitchfork pm prec
    precapprox preccurlyeq preceq precnapprox precneqq precnsim precsim prime prod propto psi
    restriction rhd rho rightarrow rightarrowtail rightharpoondown rightharpoonup
    rightleftarrows rightleftharpoons rightrightarrows rightsquigarrow rightthreetimes
    risingdotseq rtimes searrow setminus sharp shortmid shortparallel sigma sim simeq smallfrown
    smallint smallsetminus smallsmile smile spadesuit sphericalangle sqcap sqcup sqsubset
    sqsubseteq sqsupset sqsupseteq square star subset subseteq subseteqq subsetneq subsetneqq
    succ succapprox succcurlyeq succeq succnapprox succneqq succnsim succsim sum supset supseteq
    supseteqq supsetneq supsetneqq surd swarrow tau therefore theta thickapprox thicksim times
    to top triangle triangledown triangleleft trianglelefteq triangleq triangleright
    trianglerighteq twoheadleftarrow twoheadrightarrow unlhd unrhd upharpoonleft upharpoonright
    uplus upsilon upuparrows vDash varDelta varGamma varLambda varOmega varPhi varPi varPsi
    varSigma varTheta varUpsilon varXi varepsilon varkappa varnothing varphi varpi varpropto
    varrho varsigma varsubsetneq varsubsetneqq varsupsetneq varsupsetneqq vartheta vartriangle
    vartriangleleft vartriangleright vdash vdots vee veebar wedge wp wr xi yen zeta
    Arrowvert Downarrow Uparrow Updownarrow Vert arrowvert bracevert downarrow lVert langle
    lbrace lbrack lceil lfloor lgroup llcorner lmoustache lparen lrcorner lvert rVert rangle
    rbrace rbrack rceil rfloor rgroup rmoustache rparen rvert ulcorner uparrow updownarrow
    urcorner vert
    Bbb Big Bigg Biggl Biggm Biggr Bigl Bigm Bigr Bra Braket Colonapprox Coloneq Coloneqq
    Colonsim Eqcolon Eqqcolon Huge Ket Ketbra LARGE LaTeX Large Pr Set TeX Tiny above
    abovewithdelims acute arccos arcsin arctan arg array atop atopwithdelims bar bbFont bcancel
    bf big bigg biggl biggm biggr bigl bigm bigr bigtimes binom bmod boldsymbol bond boxed bra
    brace brack braket breve cal cancel cancelto cases ce centercolon cfrac check choose clap
    colonapprox coloneq coloneqq colonsim color cos cosh cot coth cr cramped crampedclap
    crampedllap crampedrlap crampedsubstack csc dbinom dblcolon ddddot dddot ddot deg det dfrac
    dim displaylines displaystyle dot dots enspace eqalign eqalignno eqcolon eqqcolon exp fbox
    frac frak gcd genfrac grave hat hbox hdashline hline hom hphantom hskip hspace huge idotsint
    iff impliedby implies inf injlim it ker kern ket ketbra large left leftroot leqalignno lg
    lim liminf limits limsup llap ln log mathbb mathbf mathbfcal mathbffrak mathbfit mathbfscr
    mathbfsf mathbfsfit mathbfsfup mathbfup mathbin mathcal mathclap mathclose mathfrak
    mathinner mathit mathllap mathnormal mathop mathopen mathord mathpunct mathrel mathring
    mathrlap mathrm mathscr mathsf mathsfit mathsfup mathstrut mathtt mathup matrix max mbox
    middle min mit mkern mod mskip mspace ndownarrow negmedspace negthickspace negthinspace
    newline nobreakspace nolimits nonumber normalsize not notag nuparrow oldstyle operatorname
    ordinarycolon over overbrace overbracket overleftarrow overleftrightarrow overline overparen
    overrightarrow overset overunderset overwithdelims phantom pmatrix pmb pmod pod prescript
    projlim pu qquad quad right rlap rm root scr scriptscriptstyle scriptsize scriptstyle sec
    set sf shoveleft shoveright sideset sin sinh skew small smash space splitdfrac splitfrac
    sqrt stackbin stackrel strut substack sup symbb symbf symbfcal symbffrak symbfit symbfscr
    symbfsf symbfsfit symbfsfup symbfup symcal symfrak symit symnormal symrm symscr symsf
    symsfit symsfup symtt symup tag tan tanh tbinom text textbf textclap textcolor textit
    textllap textnormal textrlap textrm textsf textstyle texttt textup tfrac thinspace tilde
    tiny tt underbrace underbracket underleftarrow underleftrightarrow underline underparen
    underrightarrow underset uproot varinjlim varliminf varlimsup varprojlim vcenter vec
    vphantom widehat widetilde xLeftarrow xLeftrightarrow xRightarrow xcancel xhookleftarrow
    xhookrightarrow xleftarrow xleftharpoondown xleftharpoonup xleftrightarrow
    xleftrightharpoons xlongequal xmapsto xmathstrut xrightarrow xrightharpoondown
    xrightharpoonup xrightleftharpoons xtofrom xtwoheadleftarrow xtwoheadrightarrow
    """.split()  # noqa: SIM905 - a table of names
)

ENVIRONMENTS = frozenset(
    """
    Bmatrix Bmatrix* Bsmallmatrix Bsmallmatrix* CD Vmatrix Vmatrix* Vsmallmatrix Vsmallmatrix*
    align align* alignat alignat* aligned alignedat array bmatrix bmatrix* bsmallmatrix
    bsmallmatrix* cases cases* crampedsubarray dcases dcases* drcases drcases* eqnarray
    eqnarray* equation equation* flalign flalign* gather gather* gathered lgathered matrix
    matrix* multline multline* multlined pmatrix pmatrix* psmallmatrix psmallmatrix* rcases
    rcases* rgathered smallmatrix smallmatrix* split subarray vmatrix vmatrix* vsmallmatrix
    vsmallmatrix* xalignat xalignat* xxalignat
    """.split()  # noqa: SIM905 - a table of names
)
