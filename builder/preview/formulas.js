"use strict";
// MathJax as Anki sets it up: these packages, those that Anki loads when a formula needs them, and no
// others. It draws with paths instead of fonts, since the page has no files beside it.
window.MathJax = {
  tex: {
    displayMath: [["\\[", "\\]"]],
    processEscapes: false,
    processEnvironments: false,
    processRefs: false,
    packages: [
      "base", "action", "ams", "configmacros", "mathtools", "mhchem", "newcommand", "noundefined",
      "amscd", "bbox", "boldsymbol", "braket", "bussproofs", "cancel", "cases", "centernot", "color",
      "colortbl", "empheq", "enclose", "extpfeil", "gensymb", "html", "textcomp", "unicode", "upgreek",
      "verb",
    ],
    macros: { require: ["", 1] }, // all are there
  },
  options: { enableMenu: false },
  startup: { typeset: false },
};
