"use strict";
// What the page shows: it depends on `state`, which is kept in the address, and on `data`, which the
// builder wrote and, when it watches, sends anew.
const $ = (id) => document.getElementById(id);
const frames = [$("frame"), $("other")];
const root = document.documentElement;
const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
const DEFAULTS = {
  card: "", side: "front", view: "phone", mode: dark ? "dark" : "light",
  query: "", package: "", tag: "", troubled: "", changed: "",
};
const CHOICES = { side: ["front", "back", "both"], view: ["phone", "desktop"], mode: ["light", "dark"] };
const state = { ...DEFAULTS };
const data = JSON.parse($("data").textContent);
const searched = new WeakMap(); // card → what a search looks at
let test = () => true; // of the last search that was valid
let shown = []; // numbers of the cards that pass the filters
let place = 0; // of the current card in `shown`

// Text

const ENTITIES = {}; // name → character, once it was met

function characterOf(whole, name) {
  ENTITIES[name] ??= new DOMParser().parseFromString(whole, "text/html").body.textContent;
  return ENTITIES[name];
}

function textOf(html) {
  return html
    .replace(/<(style|script)\b.*?<\/\1>/gs, " ")
    .replace(/<img\b[^>]*?\balt="([^"]*)"[^>]*>/g, " $1 ")
    .replace(/<[ou]l\b[^>]*>\s*<li\b[^>]*>/g, " ")
    .replace(/<li\b[^>]*>/g, " · ")
    .replace(/<[^>]*>/g, " ")
    .replace(/&(#?\w+);/g, characterOf)
    .replace(/\s+/g, " ")
    .trim();
}

const counted = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;
const idOf = (card) => `${card.key}~${card.number}`;
const worst = (numbers) => (numbers.some((n) => data.problems[n].severity === "error") ? "error" : "warning");

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

// The address

/** Takes over what the address says, and says what of it is not there. */
function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  const unknown = [];
  for (const name of Object.keys(DEFAULTS)) state[name] = given.get(name) ?? DEFAULTS[name];
  if (!data.cards.length) return; // until the sources are mended, nothing is there
  for (const [name, choices] of Object.entries({
    ...CHOICES,
    package: ["", ...data.packages.map(([one]) => one)],
    tag: ["", ...tagChoices().map(([tag]) => tag)],
  })) {
    if (choices.includes(state[name])) continue;
    unknown.push(`${name} “${state[name]}”`);
    state[name] = DEFAULTS[name];
  }
  const named = (card) => [idOf(card), card.key, card.fact].includes(state.card);
  const card = state.card && data.cards.find(named);
  if (card) state.card = idOf(card);
  else if (state.card) unknown.push(`card “${state.card}”`);
  const missing = unknown.length ? `Not here: ${unknown.join(", ")}; renamed or removed?` : "";
  const hidden = card && !filter(0) ? `“${state.card}” is not among the cards that match.` : "";
  notify(`${missing} ${hidden}`.trim());
}

function notify(words) {
  $("notice").textContent = words;
  $("notice").hidden = !words;
}

function writeAddress() {
  const kept = Object.entries(state).filter(([name, value]) => value !== DEFAULTS[name]);
  const hash = `#${new URLSearchParams(kept)}`;
  if (hash !== location.hash && (kept.length || location.hash)) history.replaceState(null, "", hash);
}

// Filters

/** The choices of the tag filter: every tag and those above it, with the number of cards. */
function tagChoices() {
  const counts = new Map();
  for (const card of data.cards) {
    const all = new Set();
    for (const number of card.tags) {
      const steps = data.tags[number].split("::");
      for (let n = 1; n <= steps.length; n += 1) all.add(steps.slice(0, n).join("::"));
    }
    for (const tag of all) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}

function fillChoices() {
  document.title = data.deck ? `${data.deck}: cards` : "Cards";
  $("title").textContent = document.title;
  const indent = (tag) => " ".repeat(tag.split("::").length - 1) + tag.split("::").pop();
  $("tag").replaceChildren(
    new Option("all", ""),
    ...tagChoices().map(([tag, count]) => new Option(`${indent(tag)} (${count})`, tag)),
  );
  $("package").replaceChildren(
    new Option("all", ""),
    ...data.packages.map(([name, title]) => new Option(`${title} (${name})`, name)),
  );
}

const searchable = (card) => {
  if (!searched.has(card)) {
    const text = search.fold(`${textOf(card.front)} ${textOf(card.back)} ${idOf(card)}`);
    searched.set(card, { text, tags: card.tags.map((n) => data.tags[n]) });
  }
  return searched.get(card);
};

/** Finds the cards that pass; if the current one is not among them, the one at `near` takes over. */
function filter(near) {
  const { wrong, test: found } = search.read(state.query);
  $("wrong").textContent = wrong ? `This search is not valid: ${wrong}.` : "";
  $("wrong").hidden = !wrong;
  $("query").setAttribute("aria-invalid", String(Boolean(wrong)));
  test = found ?? test;
  const chosen = data.packages.findIndex(([name]) => name === state.package);
  const tags = new Set();
  data.tags.forEach((tag, number) => {
    if (tag === state.tag || tag.startsWith(`${state.tag}::`)) tags.add(number);
  });
  shown = [];
  data.cards.forEach((card, number) => {
    if (state.package && !card.packages.includes(chosen)) return;
    if (state.tag && !card.tags.some((tag) => tags.has(tag))) return;
    if (state.troubled && !card.problems.length) return;
    if (state.changed && !card.since) return;
    if (state.query.trim() && !test(searchable(card))) return;
    shown.push(number);
  });
  const at = shown.findIndex((number) => idOf(data.cards[number]) === state.card);
  place = at >= 0 ? at : Math.max(0, Math.min(near, shown.length - 1));
  return at >= 0;
}

// The list: only the rows in sight exist, so it is as fast for 5,000 cards as for 50.

const rowHeight = () => 4.5 * parseFloat(getComputedStyle(root).fontSize);

function showRows() {
  const list = $("list");
  const height = rowHeight();
  const first = Math.max(0, Math.floor(list.scrollTop / height) - 5);
  const last = Math.min(shown.length, Math.ceil((list.scrollTop + list.clientHeight) / height) + 5);
  const rows = [];
  for (let n = first; n < last; n += 1) {
    const card = data.cards[shown[n]];
    const row = element("div", { id: `row-${n}`, className: "row" });
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", String(n === place));
    row.setAttribute("aria-setsize", String(shown.length));
    row.setAttribute("aria-posinset", String(n + 1));
    row.style.top = `${n * height}px`;
    row.dataset.place = String(n);
    const key = element("div", { className: "key" }, card.key);
    if (card.problems.length) {
      const severity = worst(card.problems);
      key.prepend(element("span", { className: `mark ${severity}` }, `▲ ${severity}`), " ");
    }
    row.append(element("div", { className: "text", dir: "auto" }, textOf(card.front)), key);
    rows.push(row);
  }
  $("rows").replaceChildren(...rows);
  if (shown.length) list.setAttribute("aria-activedescendant", `row-${place}`);
  else list.removeAttribute("aria-activedescendant");
}

function bringRowIntoSight() {
  const list = $("list");
  const top = place * rowHeight();
  if (top < list.scrollTop) list.scrollTop = top;
  const under = top + rowHeight() - list.clientHeight;
  if (under > list.scrollTop) list.scrollTop = under;
}

// The card

function showCard(keepScroll) {
  const card = data.cards[shown[place]];
  const both = state.side === "both";
  $("show").className = `${state.view}${both ? " both" : ""}`;
  $("show").hidden = !card;
  frames[1].parentElement.hidden = !both;
  if (!card) return;
  const how = { data, keepScroll, phone: state.view === "phone", night: state.mode === "dark" };
  cards.show(frames[0], card, both ? "front" : state.side, how);
  if (both) cards.show(frames[1], card, "back", how);
}

function problemItem(problem) {
  return element(
    "li",
    { className: problem.severity },
    element("a", { href: editorLink(problem.path, problem.line) }, `${problem.path}:${problem.line}`),
    ` ${problem.severity}: ${problem.message} [${problem.rule}]`,
  );
}

const editorLink = (path, line) =>
  `vscode://file${encodeURI(`${path.startsWith("/") ? "" : `${data.folder}/`}${path}`)}:${line}`;

function showFacts() {
  const card = data.cards[shown[place]];
  $("facts").hidden = !card;
  document.querySelector(".controls").hidden = !card;
  $("none").hidden = Boolean(card) || !data.cards.length;
  if (!card) return;
  const fact = data.facts[card.fact];
  const since = card.since && `, ${card.since} since the last build`;
  const side = state.side === "both" ? "both sides" : state.side;
  $("where").textContent = `Card ${place + 1} of ${shown.length}, ${side}; ${card.key}, card ${card.number} of its note${since}`;
  $("edit").textContent = `${fact.path}:${fact.line}`;
  $("edit").href = editorLink(fact.path, fact.line);
  $("edit").title = "Open in VS Code";
  $("card-problems").replaceChildren(...card.problems.map((n) => problemItem(data.problems[n])));
  $("tags").replaceChildren(
    ...card.tags.map((n) => element("button", { type: "button", value: data.tags[n] }, data.tags[n])),
  );
  const titles = card.packages.map((n) => data.packages[n][0]).join(", ");
  $("packages").textContent = titles ? `In ${titles}` : "In no package";
  $("sources").replaceChildren(...fact.sources.map(sourceItem));
  $("written").textContent = fact.written;
  $("flip").textContent = state.side === "front" ? "Show answer" : "Show question";
  $("flip").disabled = state.side === "both";
  $("both").setAttribute("aria-pressed", String(state.side === "both"));
  $("previous").disabled = place === 0;
  $("next").disabled = place === shown.length - 1;
}

function sourceItem([title, at, url]) {
  const link = /^https?:/.test(url) ? element("a", { href: url, target: "_blank", rel: "noreferrer" }, url) : url;
  return element("li", {}, at ? `${title}, ${at}` : title, ...(url ? [" ", link] : []));
}

function showProblems() {
  const errors = data.problems.filter((problem) => problem.severity === "error").length;
  const others = data.problems.length - errors;
  $("all").hidden = !data.problems.length;
  const all = [counted(errors, "error"), counted(others, "warning")];
  $("all").firstElementChild.textContent = `All problems: ${all.join(", ")}`;
  $("all").lastElementChild.replaceChildren(...data.problems.map(problemItem));
  $("banner").hidden = !data.broken;
  $("banner").textContent = data.cards.length
    ? `${counted(errors, "error")} in the sources: these are the last good cards.`
    : `${counted(errors, "error")} in the sources: no cards yet.`;
  if (data.broken) $("all").open = true;
  const troubled = data.cards.filter((card) => card.problems.length).length;
  $("troubled-label").lastElementChild.textContent = `only cards with problems (${troubled})`;
  const changed = data.cards.filter((card) => card.since).length;
  $("changed-label").lastElementChild.textContent = `only changed since the last build (${changed})`;
}

function showSwitches() {
  root.className = state.mode === "dark" ? "dark" : "";
  for (const button of document.querySelectorAll("[data-set]")) {
    const [name, value] = button.dataset.set.split("=");
    button.setAttribute("aria-pressed", String(state[name] === value));
  }
  if ($("query").value !== state.query) $("query").value = state.query;
  $("package").value = state.package;
  $("tag").value = state.tag;
  $("troubled").checked = Boolean(state.troubled);
  $("changed").checked = Boolean(state.changed);
  const some = shown.length === data.cards.length ? "" : `${shown.length.toLocaleString("en")} of `;
  $("count").textContent = some + counted(data.cards.length, "card");
}

/** Shows everything anew. */
function show({ keepScroll = false } = {}) {
  filter(keepScroll ? place : 0);
  showSwitches();
  showProblems();
  if (shown.length) state.card = idOf(data.cards[shown[place]]);
  turnTo(keepScroll);
}

/** Shows the current card and where it is. */
function turnTo(keepScroll) {
  $("rows").style.height = `${shown.length * rowHeight()}px`;
  if (!keepScroll) bringRowIntoSight();
  showRows();
  showCard(keepScroll);
  showFacts();
  writeAddress();
}
