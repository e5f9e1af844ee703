// What was typed into a form survives a reload; it is forgotten with the receipt, or with Start afresh.

import { HANDING_IN, SESSION, read, remove, write } from "./keeping.js";

const MOST_MS = 2 * 24 * 3600_000; // as long as the server keeps files that were not handed in
const SAVED_AFTER_MS = 300;
const NOT_KEPT = "[type=hidden], [type=file], [type=password], [autocomplete=off], [data-not-kept]";

const form = document.getElementById("filling");
// without the query: a private link's key has no place in what the browser keeps
const key = `intray.answers:${form.getAttribute("action").split("?")[0]}`;

function controls() {
  const all = [...form.elements].filter((one) => one.name && one.matches("input, select, textarea"));
  return all.filter((one) => !one.matches(NOT_KEPT));
}

function isTicked(control) {
  return control.matches("[type=checkbox], [type=radio]");
}

function isUntouched(control) {
  if (isTicked(control)) return control.checked === control.defaultChecked;
  return control.value === control.defaultValue;
}

function save() {
  const answers = {};
  for (const control of controls()) {
    if (isTicked(control) ? !control.checked : !control.value) continue;
    (answers[control.name] ??= []).push(control.value);
  }
  if (Object.keys(answers).length) write(key, { at: Date.now(), answers });
  else remove(key);
}

/** Fills in what was typed before; tells whether there was anything. */
function restore() {
  const kept = read(key);
  if (!kept || Date.now() - kept.at > MOST_MS) {
    remove(key);
    return false;
  }
  // the browser, too, may have brought it back, or the server
  if (!("fresh" in form.dataset) || !controls().every(isUntouched)) return false;
  for (const control of controls()) {
    const values = kept.answers[control.name] ?? [];
    if (isTicked(control)) control.checked = values.includes(control.value);
    else control.value = values[0] ?? "";
  }
  return !controls().every(isUntouched);
}

function begin() {
  remove(HANDING_IN, SESSION);
  const notice = document.getElementById("earlier");
  if (restore()) notice.hidden = false;
  notice.querySelector("button").addEventListener("click", () => {
    form.reset();
    remove(key);
    notice.hidden = true;
    document.getElementById("afresh").hidden = false;
    document.getElementById("main").focus();
  });
  let timer;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(save, SAVED_AFTER_MS);
  });
  addEventListener("pagehide", () => {
    if (timer) save();
  });
  form.addEventListener("submit", () => {
    write(HANDING_IN, { key, form: form.dataset.kept ?? form.dataset.form }, SESSION);
  });
}

begin();
