"use strict";
// The page's behaviour: what is shown depends on `state`, which is kept in the address, and on `data`,
// which the builder wrote and, when it watches, sends anew.
(() => {
  const $ = (id) => document.getElementById(id);
  const frame = $("frame");
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  const DEFAULTS = {
    card: "", side: "front", view: "phone", mode: dark ? "dark" : "light",
    query: "", package: "", tag: "", troubled: "",
  };
  const state = { ...DEFAULTS };
  let data = JSON.parse($("data").textContent);
  let texts = []; // of each card: what a search looks at
  let shown = []; // numbers of the cards that pass the filters
  let place = 0; // of the current card in `shown`

  // Text

  const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', "#34": '"', "#39": "'", "#x27": "'", "#91": "[", "#123": "{", "#125": "}", "#58": ":" };

  function textOf(html) {
    return html
      .replace(/<[ou]l\b[^>]*>\s*<li\b[^>]*>/g, " ")
      .replace(/<li\b[^>]*>/g, " · ")
      .replace(/<[^>]*>/g, " ")
      .replace(/&(#?\w+);/g, (whole, name) => ENTITIES[name] ?? whole)
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

  function readAddress() {
    const given = new URLSearchParams(location.hash.slice(1));
    for (const name of Object.keys(DEFAULTS)) state[name] = given.get(name) ?? DEFAULTS[name];
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

  /** Finds the cards that pass; if the current one is not among them, the one at `near` takes over. */
  function filter(near) {
    const words = state.query.toLowerCase().split(/\s+/).filter(Boolean);
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
      if (words.length) {
        texts[number] ??= `${textOf(card.front)} ${textOf(card.back)} ${idOf(card)}`.toLowerCase();
        if (!words.every((word) => texts[number].includes(word))) return;
      }
      shown.push(number);
    });
    const found = shown.findIndex((number) => idOf(data.cards[number]) === state.card);
    place = found >= 0 ? found : Math.max(0, Math.min(near, shown.length - 1));
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

  // The card: as in Anki, one document stays, and its body's classes and content are exchanged.

  const PAGE =
    '<!doctype html><html><head><meta charset="utf-8"><base target="_blank"><style>' +
    "body{margin:20px;overflow-wrap:break-word}img{max-width:100%;max-height:95vh}" +
    '</style></head><body><div id="qa" dir="auto"></div></body></html>';

  function showCard(keepScroll) {
    const page = frame.contentDocument;
    const qa = page?.getElementById("qa");
    const card = data.cards[shown[place]];
    $("device").className = state.view;
    $("device").hidden = !card;
    if (!qa || !card) return;
    const phone = state.view === "phone";
    const night = state.mode === "dark" ? " nightMode night_mode" : "";
    page.documentElement.className = phone ? "mobile android linux js" : "";
    page.body.className = `card card${card.number}${phone ? "" : " isLin"}${night}`;
    const html = state.side === "back" ? card.back : card.front;
    qa.innerHTML = html.replace(/(<(?:img|audio|video)\b[^>]*?\bsrc=")([^"]+)/g, (whole, before, name) => before + (data.media[name] ?? name));
    qa.prepend(Object.assign(page.createElement("style"), { textContent: data.styles?.[card.type] ?? data.css }));
    frame.title = `The card: ${state.side}`;
    if (keepScroll) return;
    page.scrollingElement.scrollTop = 0;
    if (state.side === "back") {
      const asked = state.card;
      Promise.all([...page.images].map((image) => image.decode().catch(() => {}))).then(() => {
        if (asked !== state.card || state.side !== "back") return;
        const answer = page.getElementById("answer"); // Anki scrolls to it
        if (!answer) return;
        const margin = parseFloat(frame.contentWindow.getComputedStyle(answer).scrollMarginTop);
        page.scrollingElement.scrollTop = answer.getBoundingClientRect().top - margin;
      });
    }
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
    $("where").textContent = `Card ${place + 1} of ${shown.length}, ${state.side}; ${card.key}, card ${card.number} of its note`;
    $("edit").textContent = `${card.path}:${card.line}`;
    $("edit").href = editorLink(card.path, card.line);
    $("edit").title = "Open in VS Code";
    $("card-problems").replaceChildren(...card.problems.map((n) => problemItem(data.problems[n])));
    $("tags").replaceChildren(
      ...card.tags.map((n) => element("button", { type: "button", value: data.tags[n] }, data.tags[n])),
    );
    const titles = card.packages.map((n) => data.packages[n][0]).join(", ");
    $("packages").textContent = titles ? `In ${titles}` : "In no package";
    $("flip").textContent = state.side === "front" ? "Show answer" : "Show question";
    $("previous").disabled = place === 0;
    $("next").disabled = place === shown.length - 1;
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
    const many = shown.length === data.cards.length ? "" : ` of ${data.cards.length.toLocaleString("en")}`;
    $("count").textContent = `${shown.length.toLocaleString("en")}${many} cards`;
  }

  // What the user does

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

  function go(to) {
    if (to < 0 || to >= shown.length) return;
    place = to;
    state.card = idOf(data.cards[shown[place]]);
    state.side = "front";
    turnTo(false);
  }

  function flip() {
    state.side = state.side === "front" ? "back" : "front";
    turnTo(false);
  }

  function set(name, value) {
    state[name] = value;
    show({ keepScroll: name === "view" || name === "mode" });
  }

  function copy() {
    const text = $("edit").textContent;
    const done = () => {
      $("copy").textContent = "Copied";
      setTimeout(() => { $("copy").textContent = "Copy"; }, 1500);
    };
    // Without leave to copy, the place is selected, ready for Ctrl-C.
    const select = () => getSelection().selectAllChildren($("edit"));
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, select);
    else select();
  }

  const KEYS = {
    " ": flip,
    ArrowRight: () => go(place + 1),
    n: () => go(place + 1),
    ArrowLeft: () => go(place - 1),
    p: () => go(place - 1),
    Home: () => go(0),
    End: () => go(shown.length - 1),
    "/": () => {
      if (getComputedStyle($("side")).display === "none") openList(true);
      $("query").focus();
      $("query").select();
    },
    v: () => set("view", state.view === "phone" ? "desktop" : "phone"),
    d: () => set("mode", state.mode === "dark" ? "light" : "dark"),
    w: () => set("troubled", state.troubled ? "" : "1"),
    c: copy,
    "?": () => $("help").showModal(),
  };
  const LIST_KEYS = {
    ArrowDown: () => go(place + 1),
    ArrowUp: () => go(place - 1),
    PageDown: () => go(Math.min(shown.length - 1, place + 8)),
    PageUp: () => go(Math.max(0, place - 8)),
  };

  function onKey(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || $("help").open) return;
    const target = event.target;
    if (event.key === "Escape" && target === $("query")) target.blur();
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName)) return;
    if (event.key === " " && /^(BUTTON|A|SUMMARY)$/.test(target.tagName)) return;
    const action = (target === $("list") && LIST_KEYS[event.key]) || KEYS[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  function openList(open) {
    $("side").classList.toggle("open", open);
    $("open-list").setAttribute("aria-expanded", String(open));
    bringRowIntoSight();
    showRows();
  }

  document.addEventListener("keydown", onKey);
  frame.addEventListener("load", () => {
    const page = frame.contentDocument;
    page.addEventListener("keydown", onKey);
    page.addEventListener("click", (event) => {
      if (!event.target.closest("a") && page.getSelection().isCollapsed) flip();
    });
    showCard(false);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-set]");
    if (button) set(...button.dataset.set.split("="));
  });
  $("list").addEventListener("scroll", () => requestAnimationFrame(showRows), { passive: true });
  $("list").addEventListener("click", (event) => {
    const row = event.target.closest(".row");
    if (!row) return;
    if ($("side").classList.contains("open")) openList(false);
    go(Number(row.dataset.place));
  });
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  $("query").addEventListener("input", (event) => set("query", event.target.value));
  $("package").addEventListener("change", (event) => set("package", event.target.value));
  $("tag").addEventListener("change", (event) => set("tag", event.target.value));
  $("troubled").addEventListener("change", (event) => set("troubled", event.target.checked ? "1" : ""));
  $("tags").addEventListener("click", (event) => {
    if (event.target.value) set("tag", event.target.value);
  });
  $("previous").addEventListener("click", () => go(place - 1));
  $("next").addEventListener("click", () => go(place + 1));
  $("flip").addEventListener("click", flip);
  $("copy").addEventListener("click", copy);
  $("open-help").addEventListener("click", () => $("help").showModal());
  $("open-list").addEventListener("click", () => openList(!$("side").classList.contains("open")));
  window.addEventListener("resize", showRows);
  window.addEventListener("hashchange", () => { readAddress(); show(); });

  // When the builder watches, it answers as soon as there is something other than we have.
  async function watch() {
    const say = (words, name) => Object.assign($("live"), { textContent: words, className: name, hidden: false });
    say("watching", "");
    for (;;) {
      try {
        const answer = await fetch(`data?have=${data.version}`, { cache: "no-store" });
        say("watching", "");
        if (answer.status === 200) {
          data = await answer.json();
          texts = [];
          fillChoices();
          show({ keepScroll: true });
        }
      } catch {
        say("not watching any more", "lost");
        await new Promise((resolve) => { setTimeout(resolve, 1000); });
      }
    }
  }

  readAddress();
  fillChoices();
  show();
  frame.srcdoc = PAGE;
  if (data.version) watch();
})();
