"use strict";
// What a reader would notice on a card, measured in the browser that shows it.

async function fill(card, side, { css, styles, media }) {
  const style = (styles[card.type] ?? css).replace(/_[a-z0-9.-]+/g, (name) => media[name] ?? name);
  const qa = document.getElementById("qa");
  qa.innerHTML = card[side].replace(/(<(?:img|audio|video)\b[^>]*?\bsrc=")([^"]+)/g, (whole, before, name) => before + media[name]);
  qa.prepend(Object.assign(document.createElement("style"), { textContent: style }));
  await Promise.all([...qa.querySelectorAll("img")].map((image) => image.decode()));
  return qa;
}

// Red, green, blue and opacity of a colour, as the browser computes it.
const parsed = new Map();
const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
function parse(colour) {
  if (!parsed.has(colour)) {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    parsed.set(colour, [r, g, b, a / 255]);
  }
  return parsed.get(colour);
}

function over([r, g, b, a], [R, G, B]) {
  return [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
}

function ground(element) {
  const layers = [];
  for (let at = element; at; at = at.parentElement) {
    const colour = parse(getComputedStyle(at).backgroundColor);
    if (colour[3] > 0) layers.push(colour);
    if (colour[3] === 1) break;
  }
  return layers.reverse().reduce((under, layer) => over(layer, under), [255, 255, 255, 1]);
}

// Relative luminance and contrast, as WCAG 2 defines them.
function luminance(colour) {
  const [r, g, b] = colour.slice(0, 3).map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(colour, under) {
  const [light, dark] = [luminance(over(colour, under)), luminance(under)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function lookAt(qa, say) {
  const page = document.scrollingElement;
  const width = document.documentElement.clientWidth;
  if (page.scrollWidth > width) say(`the page is ${page.scrollWidth} wide on ${width}`);
  for (const element of qa.querySelectorAll("*:not(style)")) {
    const name = `<${element.tagName.toLowerCase()} ${element.className || ""}>`;
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    if (style.position === "absolute" && box.width <= 1 && box.height <= 1) continue; // for listeners
    const scrolled = element.closest("table"); // a wide one is scrolled
    if (!scrolled && (box.left < -0.5 || box.right > width + 0.5)) say(`${name} sticks out`);
    const hidden = /hidden|clip/;
    if (hidden.test(style.overflowX) && element.scrollWidth > element.clientWidth + 1) say(`${name} is cut off`);
    if (hidden.test(style.overflowY) && element.scrollHeight > element.clientHeight + 1) say(`${name} is cut off`);
    if (style.opacity !== "1") say(`${name} is not opaque`);
    if (element.tagName === "IMG" && !(box.width > 50 && box.height > 50)) say(`${name} is too small`);
    for (const pseudo of ["::before", "::after"]) {
      const made = getComputedStyle(element, pseudo);
      if (/\w|!/.test(made.content.replace(/^none$|^normal$/, ""))) {
        const own = parse(made.backgroundColor);
        const under = over(own, ground(element));
        const ratio = contrast(parse(made.color), under);
        if (ratio < 4.5) say(`${name}${pseudo} has a contrast of ${ratio.toFixed(2)}`);
      }
    }
  }
  const walker = document.createTreeWalker(qa, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const element = text.parentElement;
    if (!text.data.trim() || element.tagName === "STYLE") continue;
    const ratio = contrast(parse(getComputedStyle(element).color), ground(element));
    if (ratio < 4.5) say(`“${text.data.trim().slice(0, 30)}” has a contrast of ${ratio.toFixed(2)}`);
  }
}

async function measure(given) {
  const found = [];
  document.documentElement.style.fontSize = given.scale;
  for (const card of given.cards) {
    for (const side of ["front", "back"]) {
      const qa = await fill(card, side, given);
      for (const folded of qa.querySelectorAll("details")) folded.open = true;
      for (const mode of given.modes) {
        document.body.className = `card card${card.number} ${mode}`;
        lookAt(qa, (what) => found.push(`${card.key} ${card.number}, ${side}, ${mode}: ${what}`));
      }
    }
  }
  return found;
}

async function read(given) {
  const found = [];
  for (const card of given.cards) {
    document.body.className = `card card${card.number}`;
    const front = await fill(card, "front", given);
    const pictures = [...front.querySelectorAll("img")].map((image) => image.alt);
    const shown = [front.innerText, ...pictures].join(" ");
    const back = await fill(card, "back", given);
    const answers = [...back.querySelectorAll(".answer, .cloze")].map((answer) => answer.innerText);
    found.push({ key: card.key, number: card.number, front: shown, answers, back: back.innerText });
  }
  return found;
}
