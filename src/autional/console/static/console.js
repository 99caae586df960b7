// Live numbers, the panel beside a list, times in the reader's zone, copying, choice of columns, and the secret of a sign-in
// link. Pages and forms work without it.
"use strict";

const body = document.body;

const thisYear = new Date().getFullYear();

function localTime(at, second = "2-digit") {
  const year = at.getFullYear() === thisYear ? undefined : "numeric";
  const parts = { year, month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: second || undefined, hourCycle: "h23" };
  return at.toLocaleString(document.documentElement.lang, parts);
}

function showTimes(root) {
  for (const time of root.querySelectorAll("time:not([data-shown])")) {
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.getTime())) {
      time.textContent = localTime(at);
      time.dataset.shown = "";
    }
  }
}

function showScaleTimes(root) {
  for (const text of root.querySelectorAll("[data-at]")) text.textContent = localTime(new Date(text.dataset.at), null);
}

function say(text) {
  const status = document.querySelector("dialog[open] .heard") || document.getElementById("message");
  if (status) {
    status.textContent = text;
    if (text) setTimeout(() => { status.textContent = ""; }, 3000);
  }
}

async function part(address, kind) {
  return fetch(address, { headers: { "X-Part": kind }, redirect: "manual" });
}

// New content; what had the focus keeps it.
function replace(element, html) {
  const focused = element.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  element.innerHTML = html;
  showTimes(element);
  if (focused) element.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
}

// Live parts: read again and again, rarely while hidden, and less often while the service does not answer.
function keepLive(element) {
  const every = Number(element.dataset.every);
  let pause = every;
  let last = "";
  async function round() {
    if (!document.hidden && !element.dataset.paused) {
      try {
        const answer = await part(element.dataset.live, "live");
        const html = await answer.text();
        if ([401, 403, 404].includes(answer.status)) {
          element.innerHTML = html;
          return;
        }
        if (!answer.ok) throw new Error("no answer");
        pause = every;
        if (html !== last) {
          last = html;
          replace(element, html);
        }
        if (element.querySelector("[data-finished]")) {
          location.reload();
          return;
        }
      } catch {
        say(body.dataset.lost);
        pause = Math.min(pause * 2, 30000);
      }
    }
    setTimeout(round, pause);
  }
  setTimeout(round, every);
}

// A link to a session opens beside the list; with a modifier key, or on failure, it is a link.
async function openPanel(link) {
  const panel = document.getElementById("panel");
  panel.textContent = body.dataset.loading;
  if (!panel.open) panel.showModal();
  try {
    const answer = await part(link.href, "panel");
    if (!answer.ok) throw new Error("refused");
    panel.innerHTML = await answer.text();
  } catch {
    location.assign(link.href);
    return;
  }
  const close = document.createElement("button");
  close.className = "close";
  close.type = "button";
  close.textContent = body.dataset.close;
  close.addEventListener("click", () => panel.close());
  const heard = document.createElement("span");
  heard.className = "heard";
  heard.role = "status";
  panel.prepend(close, heard);
  showTimes(panel);
  close.focus();
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== except) menu.open = false;
}

document.addEventListener("keydown", (event) => { if (event.key === "Escape") closeMenus(null); });
document.addEventListener("click", (event) => {
  closeMenus(event.target.closest("details.menu"));
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    navigator.clipboard.writeText(copy.dataset.copy).then(() => say(body.dataset.copied));
    return;
  }
  const link = event.target.closest("a[data-panel]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
    event.preventDefault();
    openPanel(link);
  }
});

// Choice of columns, kept in this browser.
function chooseColumns(chooser) {
  const table = document.getElementById(chooser.dataset.columns);
  const key = `columns of ${chooser.dataset.columns}`;
  const usual = innerWidth < 1500 ? chooser.dataset.hiddenNarrow : chooser.dataset.hidden;
  let hidden = new Set(JSON.parse(usual));
  try {
    hidden = new Set(JSON.parse(localStorage.getItem(key) || usual));
  } catch {
    localStorage.removeItem(key);
  }
  function apply() {
    for (const cell of table.querySelectorAll("[data-column]")) cell.hidden = hidden.has(cell.dataset.column);
  }
  for (const box of chooser.querySelectorAll("input")) {
    box.checked = !hidden.has(box.value);
    box.addEventListener("change", () => {
      if (box.checked) hidden.delete(box.value); else hidden.add(box.value);
      localStorage.setItem(key, JSON.stringify([...hidden]));
      apply();
    });
  }
  apply();
}

// On a phone each row of a list stands below the other, its cells under the names of their columns.
function nameCells(table) {
  const names = [...table.tHead.rows[0].cells].map((cell) => cell.innerText.replace(/[▲▼]/g, "").trim());
  for (const row of table.tBodies[0].rows) {
    [...row.cells].forEach((cell, place) => { cell.dataset.name = names[place] || ""; });
  }
  table.classList.add("named");
}

// How many are selected, and all of a page at once.
function countSelected(form) {
  const boxes = [...form.querySelectorAll("input[name=session_id]")];
  const all = form.querySelector("[data-all]");
  const button = form.querySelector("[data-selected]");
  function update() {
    const chosen = boxes.filter((box) => box.checked).length;
    button.disabled = chosen === 0;
    button.textContent = button.dataset.selected.replace("#", chosen);
    all.checked = chosen === boxes.length && chosen > 0;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  }
  all.hidden = false;
  form.addEventListener("keydown", (event) => {  // only the button ends anything
    if (event.key === "Enter" && event.target.tagName === "INPUT") event.preventDefault();
  });
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    update();
  });
  form.addEventListener("change", update);
  update();
}

showTimes(document);
showScaleTimes(document);
for (const element of document.querySelectorAll("[data-live]")) keepLive(element);
for (const button of document.querySelectorAll("[data-pause]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const live = document.querySelector("[data-live]");
    const paused = !live.dataset.paused;
    live.dataset.paused = paused ? "yes" : "";
    button.setAttribute("aria-pressed", String(paused));
  });
}
for (const chooser of document.querySelectorAll("[data-columns]")) chooseColumns(chooser);
for (const table of document.querySelectorAll(".scroll.all table")) nameCells(table);
for (const form of document.querySelectorAll("form[data-selection]:has([data-all])")) countSelected(form);
const secret = document.querySelector("[data-from-fragment]");
function takeSecret() {
  if (secret && location.hash.length > 1) {
    secret.value = location.hash.slice(1);
    history.replaceState(null, "", location.pathname);
  }
}
takeSecret();
window.addEventListener("hashchange", takeSecret);
for (const zone of document.querySelectorAll("[data-zone]")) zone.textContent = Intl.DateTimeFormat().resolvedOptions().timeZone;
