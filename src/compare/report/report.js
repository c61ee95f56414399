"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const words = data.words;
const at = id => document.getElementById(id);
const make = (tag, props, ...inside) => {
  const element = Object.assign(document.createElement(tag), props);
  element.append(...inside);
  return element;
};

const MODES = ["side", "overlay", "blink", "slider"];
const ZOOMS = [0, 1400, 2400];
let mode = "side", zoom = 0, outlines = true, chosen = -1, difference = -1, cut = 50, timer = 0;
let shown = [];

document.querySelector("h1").textContent = words.title;
at("summary").textContent = data.summary;
at("notes").append(...data.notes.map(note => make("li", { textContent: note })));
at("size-label").textContent = words["filter-size"];
at("kind-label").textContent = words["filter-kind"];

// The list holds words only; the pictures of a page are asked for when it is chosen.
const rows = data.pages.map((page, index) => {
  const names = [...new Set(page.differences.map(d => d.name))].join("、");
  const button = make("button", { type: "button" }, page.name,
    make("small", { textContent: `${page.area} mm²　${names}` }));
  button.addEventListener("click", () => choose(index));
  const row = make("li", {}, button);
  at("pages").append(row);
  return row;
});

const kinds = new Map(data.pages.flatMap(page => page.differences.map(d => [d.kind, d.name])));
at("kind").append(make("option", { value: "", textContent: words["all-kinds"] }),
  ...[...kinds].map(([value, textContent]) => make("option", { value, textContent })));
at("size").addEventListener("input", filter);
at("kind").addEventListener("change", filter);
document.querySelector("form").addEventListener("submit", event => event.preventDefault());

const tools = MODES.map(name => {
  const button = make("button", { type: "button", id: name, textContent: words[name] });
  button.addEventListener("click", () => { mode = name; show(); });
  return button;
});
const lines = make("button", { type: "button", id: "outlines", textContent: words.outlines });
lines.addEventListener("click", () => { outlines = !outlines; show(); });
const closer = make("button", { type: "button", id: "zoom", textContent: words.zoom });
closer.addEventListener("click", () => { zoom = (zoom + 1) % ZOOMS.length; show(); });
const range = make("input", { type: "range", id: "cut", min: 0, max: 100, value: cut, ariaLabel: words.slider });
range.addEventListener("input", () => { cut = range.value; slide(); });
at("tools").append(...tools, lines, closer, range);

at("keys").append(words.keys + " ", ...[
  ["j k ↓ ↑", "key-page"], ["n p", "key-difference"], ["1 2 3 4", "key-mode"],
  ["o", "key-outlines"], ["z", "key-zoom"],
].flatMap(([keys, name]) => [make("kbd", { textContent: keys }), ` ${words[name]}　`]));

/** A page passes with one difference of the kind and size that are asked for. */
function filter() {
  const least = Number(at("size").value) || 0, kind = at("kind").value;
  const passes = page => kind
    ? page.differences.some(d => d.kind === kind && d.area >= least)
    : Math.max(page.area, ...page.differences.map(d => d.area)) >= least;
  shown = data.pages.flatMap((page, index) => passes(page) ? [index] : []);
  const visible = new Set(shown);
  rows.forEach((row, index) => { row.hidden = !visible.has(index); });
  at("count").textContent = words.shown.replace("#", shown.length).replace("#", data.pages.length);
  if (!visible.has(chosen)) choose(shown[0] ?? -1);
}

function choose(index, which = -1) {
  rows[chosen]?.firstChild.removeAttribute("aria-current");
  chosen = index;
  difference = which;
  rows[chosen]?.firstChild.setAttribute("aria-current", "true");
  rows[chosen]?.scrollIntoView({ block: "nearest" });
  show();
}

function sheet(page, sides, name) {
  const element = make("div", { className: `sheet ${name}` });
  element.style.setProperty("--ratio", page.ratio);
  element.append(...sides.filter(side => page[side]).map(side =>
    make("img", { src: page[side], alt: words[side], loading: "lazy", decoding: "async" })));
  if (!element.childElementCount) {
    element.classList.add("absent");
    element.append(words[`none-${sides[0]}`]);
    return element;
  }
  page.differences.forEach((d, index) => {
    for (const side of sides) {
      if (!d[side]) continue;
      const outline = make("div", { className: "outline", title: d.text });
      if (index === difference) outline.classList.add("chosen");
      ["left", "top", "width", "height"].forEach((edge, i) => { outline.style[edge] = `${d[side][i]}%`; });
      element.append(outline);
    }
  });
  return element;
}

function show() {
  clearInterval(timer);
  const stage = at("stage"), page = data.pages[chosen];
  tools.forEach(tool => tool.setAttribute("aria-pressed", String(tool.id === mode)));
  lines.setAttribute("aria-pressed", String(outlines));
  range.hidden = mode !== "slider";
  stage.className = outlines ? "" : "bare";
  if (!page) {
    at("facts").textContent = words.nothing;
    at("differences").replaceChildren();
    stage.replaceChildren();
    return;
  }
  at("facts").textContent =
    `${page.name}　${words.area} ${page.area} mm²　${words.likeness} ${page.likeness}`;
  at("differences").replaceChildren(...page.differences.map((d, index) => {
    const button = make("button", { type: "button", textContent: `${d.text}　${d.area} mm²` });
    if (index === difference) button.setAttribute("aria-current", "true");
    button.addEventListener("click", () => { difference = index; show(); });
    return make("li", {}, button);
  }));
  const fits = Math.max(stage.clientHeight - 60, 300);
  stage.style.setProperty("--zoom", ZOOMS[zoom] || fits);
  const both = ["before", "now"];
  if (mode === "side" || !page.before || !page.now) {
    stage.replaceChildren(...both.map(side => make("figure", {}, sheet(page, [side], "side"),
      make("figcaption", { textContent: words[side] }))));
  } else {
    const one = sheet(page, both, mode);
    stage.replaceChildren(make("figure", {}, one));
    if (mode === "blink") timer = setInterval(() => one.classList.toggle("turned"), 700);
    if (mode === "slider") {
      const drag = event => {
        if (!event.buttons) return;
        const box = one.getBoundingClientRect();
        cut = Math.min(100, Math.max(0, (event.clientX - box.left) / box.width * 100));
        range.value = cut;
        slide();
      };
      one.addEventListener("pointerdown", drag);
      one.addEventListener("pointermove", drag);
      slide();
    }
  }
  document.querySelector(".outline.chosen")?.scrollIntoView({ block: "center", inline: "center" });
}

function slide() {
  document.querySelector(".slider")?.style.setProperty("--cut", `${cut}%`);
}

function step(by) {
  const place = shown.indexOf(chosen) + by;
  if (place >= 0 && place < shown.length) choose(shown[place]);
}

/** The next difference, on the next page where this one has no more. */
function stepDifference(by) {
  const next = difference + by, count = data.pages[chosen]?.differences.length ?? 0;
  if (next >= 0 && next < count) { difference = next; show(); return; }
  const place = shown.indexOf(chosen) + by;
  if (place < 0 || place >= shown.length) return;
  choose(shown[place], by > 0 ? 0 : data.pages[shown[place]].differences.length - 1);
}

addEventListener("keydown", event => {
  if (event.target.matches("input[type=number], select") || event.ctrlKey || event.metaKey || event.altKey) return;
  const keys = {
    j: () => step(1), ArrowDown: () => step(1), k: () => step(-1), ArrowUp: () => step(-1),
    n: () => stepDifference(1), p: () => stepDifference(-1),
    o: () => lines.click(), z: () => closer.click(),
    1: () => tools[0].click(), 2: () => tools[1].click(), 3: () => tools[2].click(), 4: () => tools[3].click(),
  };
  if (keys[event.key]) { event.preventDefault(); keys[event.key](); }
});
addEventListener("resize", show);

filter();
