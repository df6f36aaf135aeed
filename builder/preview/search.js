"use strict";
// A search, as it is written in Anki's browser → a test of a card: words, `tag:x`, `-`, `and`, `or`,
// brackets, quotes, the wildcards `*` and `_`, escapes with `\`. What `tag:` selects here is what
// builder/anki/query.py selects.
const search = (() => {
  const MAX_CHARACTERS = 10000;
  const MAX_PARTS = 900; // terms, and wildcards in one
  const MAX_DEPTH = 50;

  // Unicode's White_Space, which Anki takes for spaces and for which no wildcard stands.
  const SPACE = "\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
  const SPACES = new RegExp(`[${SPACE}]`, "gu");
  const TOKEN = new RegExp(
    '(?<close>\\))|(?<minus>-?)(?:(?<open>\\()|"(?<quoted>(?:[^"\\\\]|\\\\.)+)"' +
      '|(?<key>(?:[^"(): \\\\]|\\\\[^ ])+):"(?<value>(?:[^"\\\\]|\\\\.)+)"' +
      '|(?<word>(?:[^"() \\\\]|\\\\[^ ])+))',
    "suy",
  );
  const KEYED = /^((?:[^:\\]|\\.)+):(.*)$/su;
  const SPECIAL = /[\\^$.*+?()[\]{}|]/g;

  // What else Anki searches by, which a page of cards knows nothing of.
  const OTHER_KEYS = new Set(
    "added card cid deck did dupe edited flag has-cd introduced is mid nc nid note preset prop rated re resched sc w".split(" "),
  );

  // Letters that Unicode does not take apart.
  const LETTERS = { æ: "ae", đ: "d", ð: "d", ħ: "h", ı: "i", ł: "l", ø: "o", œ: "oe", ß: "ss", þ: "th", ŧ: "t", ς: "σ" };
  const PLAIN = [
    [/[‘’‚‛‹›′ʹʻʼʽ`´＇]/g, "'"],
    [/[“”„‟«»″〝〞＂]/g, '"'],
    [/[\p{Pd}\u2212]/gu, "-"],
    [/[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]/g, ""],
  ];
  // Accents of Latin, Greek and Cyrillic, points of Hebrew, vowels of Arabic; not the vowels of Indic
  // scripts, nor the marks by which kana differ.
  const ACCENTS = /[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u0652\u0670]/g;

  /** The text as words are compared: without case, accents, and kinds of dashes, quotes and spaces. */
  function fold(text) {
    let plain = text;
    for (const [pattern, substitute] of PLAIN) plain = plain.replace(pattern, substitute);
    return plain
      .normalize("NFKD")
      .toLowerCase()
      .replace(ACCENTS, "")
      .replace(/[æđðħıłøœßþŧς]/g, (letter) => LETTERS[letter])
      .normalize("NFC")
      .replace(SPACES, " ");
  }

  class Wrong extends Error {}

  /** What a search is made of, from left to right. */
  function tokensOf(query) {
    const text = query.replace(SPACES, " ");
    if ([...text].length > MAX_CHARACTERS) throw new Wrong(`more than ${MAX_CHARACTERS.toLocaleString("en")} characters`);
    const tokens = [];
    for (let at = 0; ; at = TOKEN.lastIndex) {
      while (text[at] === " ") at += 1;
      if (at >= text.length) break;
      TOKEN.lastIndex = at;
      const match = TOKEN.exec(text);
      if (!match) throw new Wrong(unreadable(text.slice(at)));
      tokens.push(tokenOf(match));
    }
    if (tokens.filter(({ kind }) => kind === "term").length > MAX_PARTS) throw new Wrong(`more than ${MAX_PARTS} terms`);
    return tokens;
  }

  /** Why no term begins here. */
  function unreadable(rest) {
    if (rest.startsWith("\\")) return "expected a character after the backslash; write \\\\ for a backslash";
    return rest[1] === '"' ? "nothing between the quotes" : "this quote is never closed";
  }

  function tokenOf(match) {
    let { key, value } = match.groups;
    const { close, minus, open, quoted, word } = match.groups;
    const negated = Boolean(minus);
    if (close) return { kind: ")" };
    if (open) return { kind: "(", negated };
    if (word && /^(and|or)$/i.test(word)) {
      if (negated) throw new Wrong("expected a term after “-”");
      return { kind: word.toLowerCase() };
    }
    const named = key === undefined && KEYED.exec(word ?? quoted);
    if (named) [, key, value] = named;
    if (key?.toLowerCase() === "tag") return { kind: "term", negated, test: tagTest(value) };
    if (OTHER_KEYS.has(key?.toLowerCase())) {
      throw new Wrong(`“${match[0]}” is not supported here; only words and tag: are`);
    }
    const said = word ?? quoted ?? `${key}:${value}`;
    return { kind: "term", negated, test: wordTest(said) };
  }

  function check(value) {
    if (value.split(/[*_]/).length - 1 > MAX_PARTS) throw new Wrong(`more than ${MAX_PARTS} wildcards`);
    for (const [written, wrong] of value.matchAll(/\\(?:[\\":*_()-]|(.?))/gsu)) {
      if (wrong !== undefined) throw new Wrong(`“${written}” is not a valid escape; write \\\\ for a backslash`);
    }
  }

  /** Reads tokens by Anki's grammar, as query.py does. */
  function parse(tokens) {
    let at = 0;
    const kind = () => tokens[at]?.kind ?? "end";
    const skip = (wanted) => {
      const skipped = kind() === wanted;
      if (skipped) at += 1;
      return skipped;
    };

    function anyOf(depth) {
      const tests = [allOf(depth)];
      while (skip("or")) tests.push(allOf(depth));
      return (card) => tests.some((test) => test(card));
    }

    function allOf(depth) {
      const tests = [one(depth)];
      while (skip("and") || kind() === "(" || kind() === "term") tests.push(one(depth));
      return (card) => tests.every((test) => test(card));
    }

    function one(depth) {
      const token = tokens[at];
      if (kind() === "and" || kind() === "or") throw new Wrong(`expected a term before “${kind()}”`);
      if (kind() === ")" && at === 0) throw new Wrong("unmatched “)”");
      if (kind() === ")" || kind() === "end") throw new Wrong(`expected a term after “${tokens[at - 1].kind}”`);
      at += 1;
      const test = token.kind === "(" ? group(depth) : token.test;
      return token.negated ? (card) => !test(card) : test;
    }

    function group(depth) {
      if (depth === MAX_DEPTH) throw new Wrong(`brackets more than ${MAX_DEPTH} deep`);
      if (kind() === ")") throw new Wrong("nothing between the brackets");
      const test = kind() === "end" ? null : anyOf(depth + 1);
      if (!skip(")")) throw new Wrong("“(” is never closed");
      return test;
    }

    if (!tokens.length) return () => true;
    const test = anyOf(0);
    if (kind() === ")") throw new Wrong("unmatched “)”");
    return test;
  }

  /** The test of `tag:value`. */
  function tagTest(given) {
    if (/^(re|nc):/.test(given)) {
      throw new Wrong(`“tag:${given.slice(0, 3)}” is not supported here; use the wildcards * and _`);
    }
    check(given);
    const value = given.replace(/(\\[\\*_])|\\([":()-])/g, (_, kept, plain) => kept ?? plain).normalize("NFC");
    if (value === "none") return ({ tags }) => !tags.length;
    if (value === "*") return () => true;
    if (value.includes(" ")) return () => false;
    // Two letters that differ in case alone are the same to such an expression as they are to Anki. A
    // part that has been found stays where it is: otherwise many wildcards would take for ever.
    const [first, ...rest] = partsOf(value, `[^${SPACE}]`, (run) => run);
    const last = rest.pop();
    const middle = rest.map((part, n) => `(?=([^${SPACE}]*?${part}))\\${n + 1}`).join("");
    const end = last === undefined ? "" : `[^${SPACE}]*${last}`;
    const pattern = new RegExp(`^${first}${middle}${end}(?:::.*)?$`, "ius");
    return ({ tags }) => tags.some((tag) => pattern.test(tag));
  }

  /** The test of a word, or of words between quotes, which may stand anywhere on the card. */
  function wordTest(given) {
    check(given);
    const [first, ...rest] = partsOf(given, ".", fold);
    const more = rest.map((part, n) => `(?=(.*?${part}))\\${n + 1}`).join("");
    const pattern = new RegExp(first + more, "su");
    return ({ text }) => pattern.test(text);
  }

  /** What stands between the wildcards `*`, as regular expressions; `one` is what `_` stands for. */
  function partsOf(value, one, foldRun) {
    const parts = [""];
    for (const [piece] of value.matchAll(/[*_]|(?:\\.|[^*_\\])+/gsu)) {
      if (piece === "*") parts.push("");
      else if (piece === "_") parts[parts.length - 1] += one;
      else parts[parts.length - 1] += foldRun(piece.replace(/\\(.)/gsu, "$1")).replace(SPECIAL, "\\$&");
    }
    return parts;
  }

  /** The test of a card's `{tags, text}`, where `text` is folded; or what is wrong with the search. */
  function read(query) {
    try {
      return { test: parse(tokensOf(query)) };
    } catch (error) {
      if (!(error instanceof Wrong)) throw error;
      return { wrong: error.message };
    }
  }

  return { fold, read };
})();
