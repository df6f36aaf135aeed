"use strict";
// What the user does, and what the builder sends while it watches; then the page begins.

function go(to) {
  if (to < 0 || to >= shown.length) return;
  notify("");
  place = to;
  state.card = idOf(data.cards[shown[place]]);
  turnTo(false);
}

function turn(side) {
  state.side = side;
  turnTo(false);
}

const flip = () => state.side !== "both" && turn(state.side === "front" ? "back" : "front");
const turnBoth = () => turn(state.side === "both" ? "front" : "both");

function set(name, value) {
  notify("");
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
  b: turnBoth,
  ...Object.fromEntries(["ArrowRight", "n", "j"].map((key) => [key, () => go(place + 1)])),
  ...Object.fromEntries(["ArrowLeft", "p", "k"].map((key) => [key, () => go(place - 1)])),
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
  m: () => set("changed", state.changed ? "" : "1"),
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
  const field = /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName) && target.type !== "checkbox";
  if (event.key === "Escape" && field) {
    event.preventDefault(); // which would empty the field
    target.blur();
    $("list").focus();
  }
  if (event.key === "Enter" && target.id === "typeans") flip();
  if (field) return;
  if (event.key === " " && /^(BUTTON|A|SUMMARY|INPUT|AUDIO|VIDEO)$/.test(target.tagName)) return;
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
for (const frame of frames) {
  frame.addEventListener("load", () => {
    const page = frame.contentDocument;
    page.addEventListener("keydown", onKey);
    page.addEventListener("click", (event) => {
      if (cards.click(event.target, page)) event.preventDefault();
      else if (!event.target.closest("a, audio, button, input, summary, video") && page.getSelection().isCollapsed) flip();
    });
    showCard(false);
  });
}
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
for (const name of ["query", "package", "tag"]) {
  $(name).addEventListener("input", (event) => set(name, event.target.value));
}
for (const name of ["troubled", "changed"]) {
  $(name).addEventListener("input", (event) => set(name, event.target.checked ? "1" : ""));
}
const CLICKS = {
  tags: (event) => event.target.value && set("tag", event.target.value),
  previous: () => go(place - 1),
  next: () => go(place + 1),
  flip,
  both: turnBoth,
  copy,
  "open-help": () => $("help").showModal(),
  "open-list": () => openList(!$("side").classList.contains("open")),
};
for (const [id, action] of Object.entries(CLICKS)) $(id).addEventListener("click", action);
window.addEventListener("resize", showRows);
window.addEventListener("hashchange", () => { readAddress(); show(); });

// On paper, there are all cards that the filters leave.
window.addEventListener("beforeprint", () => cards.print($("print"), shown.map((n) => data.cards[n]), data));
window.addEventListener("afterprint", () => $("print").replaceChildren());

/** Takes over what changed; a number in place of a card stands for the one that had it. */
function take({ cards: now, ...news }) {
  data.cards = now.map((card) => (typeof card === "number" ? data.cards[card] : card));
  for (const [name, value] of Object.entries(news)) {
    const more = value?.constructor === Object;
    data[name] = more ? Object.assign(data[name] ?? {}, value) : value;
  }
}

// When the builder watches, it answers as soon as there is something other than we have.
async function watch() {
  const say = (words, name) => Object.assign($("live"), { textContent: words, className: name, hidden: false });
  say("watching", "");
  for (;;) {
    try {
      const answer = await fetch(`data?have=${data.version}`, { cache: "no-store" });
      say("watching", "");
      if (answer.status === 200) {
        take(await answer.json());
        // Only a page that came with formulas has MathJax.
        if (data.formulas && !window.MathJax) location.reload();
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
for (const frame of frames) frame.srcdoc = cards.PAGE;
if (data.version) watch();
