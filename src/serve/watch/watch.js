// The pages of an issue while it is written elsewhere. What has not changed stays in its place.
"use strict";

const SVG = "http://www.w3.org/2000/svg";
const pages = document.getElementById("pages");
const findings = document.getElementById("findings");
const glyphs = document.querySelector("#glyphs defs");
const list = document.getElementById("issues");
let words = {};
let socket;
let wait = 250;

function word(id, args = {}) {
  return Object.entries(args).reduce((text, [name, value]) => text.replace(`{${name}}`, value), words[id] ?? id);
}

function parsed(text) {
  const holder = document.createElementNS(SVG, "svg");
  holder.innerHTML = text;
  return holder;
}

function showPages(message) {
  glyphs.append(...parsed(message.glyphs).childNodes);
  const old = new Map();
  for (const figure of pages.children) old.set(figure.dataset.key, figure);
  const figures = message.pages.map((page) => {
    const known = old.get(page.key);
    if (page.svg === undefined && known) {
      old.delete(page.key);
      return known;
    }
    const figure = document.createElement("figure");
    figure.dataset.key = page.key;
    figure.innerHTML = page.svg ?? "";
    const svg = figure.firstElementChild;
    svg?.setAttribute("role", "img");
    svg?.setAttribute("aria-label", word("watch-page", { page: page.n }));
    return figure;
  });
  // A page is put in the place of the one that it replaces, so that nothing moves.
  figures.forEach((figure, at) => {
    const there = pages.children[at];
    if (there === figure) return;
    if (there && !figures.includes(there)) there.replaceWith(figure);
    else pages.insertBefore(figure, there ?? null);
  });
  while (pages.children.length > figures.length) pages.lastElementChild.remove();
  pages.dataset.rev = message.rev;
}

function showFindings(message) {
  pages.classList.toggle("old", !message.pages);
  const items = message.findings.map((finding) => {
    const item = document.createElement("li");
    item.className = finding.severity;
    const place = finding.line ? `${finding.file ?? ""}${finding.line}:${finding.column} ` : "";
    item.append(`${place}[${finding.rule}] ${finding.message}`);
    for (const hint of finding.hints) {
      const small = document.createElement("small");
      small.textContent = hint;
      item.append(small);
    }
    return item;
  });
  const listed = document.createElement("ul");
  if (!message.pages) items.unshift(Object.assign(document.createElement("li"), { textContent: word("watch-old-pages") }));
  listed.append(...items);
  findings.replaceChildren(...(items.length ? [listed] : []));
}

function open(issue) {
  socket?.close();
  const own = new WebSocket(`ws://${location.host}/api/live`);
  socket = own;
  own.onopen = () => {
    wait = 250;
    glyphs.replaceChildren();
    own.send(JSON.stringify({ t: "open", issue }));
  };
  own.onmessage = ({ data }) => {
    if (own !== socket) return;
    const message = JSON.parse(data);
    if (message.t === "pages") showPages(message);
    if (message.t === "findings") showFindings(message);
    if (message.t === "error") findings.textContent = message.message;
  };
  own.onclose = () => {
    if (own !== socket) return;
    findings.textContent = word("watch-gone");
    setTimeout(() => own === socket && open(issue), (wait = Math.min(wait * 2, 5000)));
  };
}

function choose() {
  const asked = decodeURIComponent(location.hash.slice(1));
  const links = [...list.querySelectorAll("a")];
  const chosen = links.find((link) => link.textContent === asked) ?? (links.length === 1 ? links[0] : undefined);
  for (const link of links) link.toggleAttribute("aria-current", link === chosen);
  if (!chosen) return;
  document.title = `${chosen.textContent} · jianbao watch`;
  pages.replaceChildren();
  open(chosen.textContent);
}

async function begin() {
  const answer = await fetch("/api/issues");
  const project = await answer.json();
  if (!answer.ok) {
    findings.textContent = `${project.error.message}. ${project.error.hint ?? ""}`;
    return;
  }
  words = project.words;
  document.documentElement.lang = project.language === "zh" ? "zh-CN" : "en";
  list.setAttribute("aria-label", word("watch-choose"));
  list.hidden = project.issues.length < 2;
  list.append(...project.issues.map((issue) => {
    const link = document.createElement("a");
    link.href = `#${encodeURIComponent(issue)}`;
    link.textContent = issue;
    return link;
  }));
  addEventListener("hashchange", choose);
  choose();
}

begin();
