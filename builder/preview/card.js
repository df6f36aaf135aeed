"use strict";
// A card as Anki shows it: in frames of the screen, and on paper.
const cards = (() => {
  // As in Anki, one document stays, and its body's classes and content are exchanged.
  const PAGE =
    '<!doctype html><html><head><meta charset="utf-8"><base target="_blank"><style>' +
    "body{margin:20px;overflow-wrap:break-word}img,video{max-width:100%;max-height:95vh}" +
    "#typeans{box-sizing:border-box;width:100%;line-height:1.75}" +
    '</style></head><body><div id="qa" dir="auto"></div></body></html>';

  // What files hold takes the place of their names.
  const styleOf = (card, data) =>
    (data.styles?.[card.type] ?? data.css).replace(/_[a-z0-9.-]+/g, (name) => data.media[name] ?? name);
  const htmlOf = (card, side, data) =>
    card[side].replace(/(<(?:img|audio|video)\b[^>]*?\bsrc=")([^"]+)/g, (whole, before, name) => before + (data.media[name] ?? name));

  /** Typesets the formulas below an element of a document, if there are any. */
  function typeset(page, element) {
    if (!window.MathJax || !/\\[([]/.test(element.textContent)) return;
    const { handler, input, output } = window.MathJax.startup;
    const formulas = handler.create(page, { ...window.MathJax.config.options, InputJax: input, OutputJax: output });
    formulas.options.elements = [element];
    output.svgStyles = null; // or only the first document gets them
    formulas.render();
  }

  const SVG = "http://www.w3.org/2000/svg";
  const SHAPES = {
    rect: ({ left, top, width, height }) => ["rect", { x: left, y: top, width, height }],
    ellipse: ({ left, top, rx, ry }) => ["ellipse", { cx: Number(left) + Number(rx), cy: Number(top) + Number(ry), rx, ry }],
    polygon: ({ points }) => ["polygon", { points }],
  };
  const MASKS = { cloze: "active", "cloze-inactive": "inactive", "cloze-highlight": "highlight" };

  /** Draws what image occlusion hides, as the script does that Anki's note type runs. */
  function drawShapes(element) {
    const canvas = element.querySelector("#image-occlusion-canvas");
    if (!canvas) return;
    const drawing = document.createElementNS(SVG, "svg");
    for (const [name, value] of Object.entries({ id: canvas.id, viewBox: "0 0 1 1", preserveAspectRatio: "none" })) {
      drawing.setAttribute(name, value);
    }
    canvas.parentElement.style.cssText += "position: relative; display: inline-block; max-width: 100%";
    for (const image of canvas.parentElement.querySelectorAll("img")) image.style.display = "block";
    canvas.replaceWith(drawing);
    drawing.style.cssText = "position: absolute; inset: 0; width: 100%; height: 100%";
    const styles = getComputedStyle(drawing);
    for (const shape of element.querySelectorAll("[data-shape]")) {
      const mask = MASKS[shape.className];
      const make = SHAPES[shape.dataset.shape];
      if (!mask || !make || (mask === "inactive" && shape.dataset.occludeinactive !== "1")) continue;
      const [name, attributes] = make(shape.dataset);
      const drawn = document.createElementNS(SVG, name);
      const [width, colour] = styles.getPropertyValue(`--${mask}-shape-border`).trim().split(/\s+/);
      const fill = styles.getPropertyValue(`--${mask}-shape-color`);
      const all = { ...attributes, fill, stroke: colour, "stroke-width": width, "vector-effect": "non-scaling-stroke" };
      for (const [key, value] of Object.entries(all)) drawn.setAttribute(key, value);
      drawing.append(drawn);
    }
  }

  const filled = new WeakMap(); // frame → what it shows

  /** Shows a side in a frame, as a program for phones or for desktops does, by day or by night. */
  function show(frame, card, side, { data, phone, night, keepScroll }) {
    const page = frame.contentDocument;
    const qa = page?.getElementById("qa");
    if (!qa) return;
    frame.title = `The card: ${side}`;
    page.documentElement.className = phone ? "mobile android linux js" : "";
    page.body.className = `card card${card.number}${phone ? "" : " isLin"}${night ? " nightMode night_mode" : ""}`;
    const html = htmlOf(card, side, data);
    const style = styleOf(card, data);
    const wanted = `${card.key} ${card.number} ${side} ${style} ${html}`;
    if (filled.get(frame) !== wanted) {
      filled.set(frame, wanted);
      qa.innerHTML = html;
      qa.prepend(Object.assign(page.createElement("style"), { textContent: style }));
      drawShapes(qa);
      typeset(page, qa);
    }
    if (keepScroll) return;
    page.scrollingElement.scrollTop = 0;
    if (side === "front") return;
    Promise.all([...page.images].map((image) => image.decode().catch(() => {}))).then(() => {
      const answer = page.getElementById("answer"); // Anki scrolls to it
      if (!answer || filled.get(frame) !== wanted) return;
      const margin = parseFloat(frame.contentWindow.getComputedStyle(answer).scrollMarginTop);
      page.scrollingElement.scrollTop = answer.getBoundingClientRect().top - margin;
    });
  }

  /** Opens the hint that a link of a card is for, as the script does that Anki gives it. */
  function openHint(link) {
    link.style.display = "none";
    if (link.nextElementSibling) link.nextElementSibling.style.display = "block";
  }

  /** Does what a click on something asks for, in place of Anki's own scripts; whether it did. */
  function click(target, page) {
    const hint = target.closest("a.hint");
    const toggle = target.closest("#toggle") && page.getElementById("image-occlusion-canvas");
    if (hint) openHint(hint);
    else if (toggle) toggle.style.display = toggle.style.display ? "" : "none";
    return Boolean(hint || toggle);
  }

  // On paper a card is as wide as on a phone, as high as its text, and smaller.
  const ON_PAPER = "zoom: 0.65; min-height: 0; margin: 0; padding: 8px; background: none";

  /** Fills an element with the fronts and backs of cards, for paper. */
  function print(list, all, data) {
    const sheets = new Map(); // by style
    list.replaceChildren();
    for (const card of all) {
      const style = styleOf(card, data);
      if (!sheets.has(style)) {
        sheets.set(style, new CSSStyleSheet());
        sheets.get(style).replaceSync(style.replace(/:root\b/g, ":host"));
      }
      const row = document.createElement("section");
      row.append(Object.assign(document.createElement("h2"), { textContent: `${card.key}, card ${card.number}` }));
      list.append(row);
      for (const side of ["front", "back"]) {
        const host = document.createElement("div");
        row.append(host);
        // Styles of cards hold for them alone.
        const paper = host.attachShadow({ mode: "open" });
        paper.adoptedStyleSheets = [sheets.get(style)];
        paper.innerHTML = `<div class="card card${card.number}" dir="auto" style="${ON_PAPER}">${htmlOf(card, side, data)}</div>`;
        for (const link of paper.querySelectorAll("a.hint")) openHint(link);
        drawShapes(paper.firstElementChild);
        typeset(document, paper.firstElementChild);
        const drawn = document.getElementById("MJX-SVG-styles");
        if (drawn && paper.querySelector("mjx-container")) paper.append(drawn.cloneNode(true));
      }
    }
  }

  return { PAGE, click, print, show };
})();
