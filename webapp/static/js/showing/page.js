// Shows and hides parts of the form while it is filled in, by the rules that the server has written beside
// them. What is hidden is not sent; what was typed in it is there again when it is shown.

import { holds } from "./conditions.js";

const NAMED = 3; // of many parts that come or go at once

const form = document.getElementById("filling");
const news = document.getElementById("showing-news");
const parts = [...form.querySelectorAll("[data-show-if]")].map((element) => {
  return { element, rules: JSON.parse(element.dataset.showIf) };
});

/** What the inputs of a question would send; nothing where it is hidden. The text beside *Other* is none
 * of the choices. */
function textsOf({ field, reads }) {
  const question = document.getElementById(`f-${field}-question`);
  if (!question || isHidden(question)) return [];
  const controls = [...question.querySelectorAll("input, select, textarea")];
  return controls.filter((one) => reads !== "choice" || one.name === field).flatMap(textsIn);
}

function textsIn(control) {
  if (!control.name) return [];
  if (control.matches("[type=checkbox], [type=radio]")) return control.checked ? [control.value] : [];
  if (control.matches("[type=file]")) return [...control.files].map((file) => file.name);
  if (control.matches("select[multiple]")) return [...control.selectedOptions].map((one) => one.value);
  return control.value ? [control.value] : [];
}

function isHidden(element) {
  return element.closest("[data-show-if][hidden]") !== null;
}

/** Rules are of earlier questions only, so one way through the page is enough. Gives what has changed. */
function arrange() {
  return parts.filter(({ element, rules }) => {
    const hides = !rules.every((rule) => holds(rule, textsOf(rule)));
    if (element.hidden === hides) return false;
    element.hidden = element.disabled = hides;
    return true;
  });
}

function update() {
  const changed = arrange();
  if (changed.length) clearProblems();
  return changed;
}

/** What is wrong with a question that is hidden need not be mended. */
function clearProblems() {
  const summary = document.querySelector("main > .problems");
  const items = [...(summary?.querySelectorAll("li") ?? [])];
  for (const item of items) {
    const target = document.getElementById(item.querySelector("a").hash.slice(1));
    item.hidden = target !== null && isHidden(target);
  }
  if (items.length) summary.hidden = items.every((item) => item.hidden);
}

function announce(changed) {
  const shown = changed.filter(({ element }) => !isHidden(element)).map(nameOf);
  const hidden = changed.filter(({ element }) => element.hidden).map(nameOf);
  const told = [sentence(news.dataset.shown, shown), sentence(news.dataset.hidden, hidden)];
  if (told.some(Boolean)) news.textContent = told.filter(Boolean).join(" ");
}

function sentence(words, names) {
  const more = names.length > NAMED ? " …" : "";
  return names.length ? words.replace("{names}", names.slice(0, NAMED).join(", ") + more) : "";
}

function nameOf({ element }) {
  return (element.querySelector(".part-title, .label, .option") ?? element).textContent.trim();
}

for (const hint of form.querySelectorAll(".rule")) hint.hidden = true; // it is seen to now
update();
for (const type of ["input", "change"]) form.addEventListener(type, () => announce(update()));
form.addEventListener("reset", () => setTimeout(update)); // when it is empty
addEventListener("pageshow", update); // the browser may have filled it in
