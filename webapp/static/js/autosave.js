// Saves a page of a draft a moment after something was typed, and says so quietly. It never stands in the way
// of the page's own buttons, and never undoes what another window has saved.

const AFTER_MS = 2000; // typing has paused
const APART_MS = 5000; // between two requests
const AGAIN_MS = 15_000; // after one that failed

const form = document.getElementById("filling");
const line = document.getElementById("autosave");
const news = document.getElementById("autosave-news");

let revision = form.getAttribute("data-revision"); // not by its properties: a question may be called so
// What was typed before this script was there, or was filled in by the browser, is still to be saved.
let saved = [...form.querySelectorAll("input, select, textarea")].some(isTouched) ? null : textOf();
let last = 0;
let timer;
let request = null;
let isOver = false; // another window goes on, or it was handed in
let isLeaving = false;

function values() {
  const all = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && name !== "csrf_token") all.append(name, value);
  }
  return all;
}

function isTouched(control) {
  if (control.matches("[type=checkbox], [type=radio]")) return control.checked !== control.defaultChecked;
  if (!control.matches("select")) return !control.matches("[type=file]") && control.value !== control.defaultValue;
  const first = [...control.options].findIndex((one) => one.defaultSelected);
  return control.selectedIndex !== Math.max(first, 0);
}

function textOf() {
  return values().toString();
}

/** What is read out is said once, until it is something else. */
function say(name, isNews = true) {
  line.hidden = false;
  line.textContent = line.dataset[name];
  if (isNews && news.textContent !== line.textContent) news.textContent = line.textContent;
}

function later(after = AFTER_MS) {
  clearTimeout(timer);
  if (isOver || isLeaving || textOf() === saved) return;
  timer = setTimeout(save, Math.max(after, last + APART_MS - Date.now()));
}

function send(text, more = {}) {
  const body = new URLSearchParams(text);
  body.append("save-on-top-of", revision);
  return fetch(form.getAttribute("action"), { method: "POST", body, redirect: "manual", ...more });
}

async function save() {
  const text = textOf();
  if (isOver || isLeaving || request || text === saved) return;
  request = new AbortController();
  last = Date.now();
  let after = AFTER_MS;
  try {
    await take(await send(text, { signal: request.signal }), text);
  } catch {
    if (!isLeaving) say("failed");
    after = AGAIN_MS;
  } finally {
    request = null;
  }
  later(after);
}

async function take(answer, text) {
  const isOurs = (answer.headers.get("content-type") ?? "").startsWith("application/json");
  if (answer.status >= 500 || answer.status === 429) throw new Error("not now");
  const told = isOurs ? await answer.json() : {};
  if (answer.status !== 200 || !isOurs) {
    isOver = true;
    return say(answer.status === 409 ? "stale" : "gone");
  }
  revision = told.revision;
  saved = text;
  if (textOf() === saved) say("saved");
}

function changed() {
  if (isOver || textOf() === saved) return;
  say("unsaved", false);
  later();
}

form.addEventListener("input", changed);
form.addEventListener("change", changed);
// A file that has arrived is a new input.
new MutationObserver(() => later()).observe(form, { childList: true, subtree: true });

// A phone may never wake this page up again.
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "hidden" || isOver || isLeaving || request) return;
  const text = textOf();
  if (text === saved) return;
  clearTimeout(timer);
  last = Date.now();
  send(text, { keepalive: true })
    .then((answer) => take(answer, text))
    .catch(() => later());
});

// The page goes on its own way, with all that is on it; unless it waits for files first.
form.addEventListener("submit", (event) => {
  setTimeout(() => {
    if (event.defaultPrevented) return;
    isLeaving = true;
    request?.abort();
  });
});
addEventListener("pageshow", () => (isLeaving = false));
// A page that a button was answered with: Back and Reload would send again what was saved since, or fail.
history.replaceState(history.state, "", form.getAttribute("action"));
changed();
