// How much room is left in a text: seen at once, and read out when nothing was typed for a while. Nothing
// is cut: what is too long can be pasted, and shortened.

import { length } from "./cleaning.js";

const SAID_AFTER_MS = 1000;

function words(line, left) {
  const name = left < 0 ? "over" : "left";
  const count = Math.abs(left);
  const text = line.dataset[count === 1 ? `${name}One` : name];
  return text.replace("{n}", new Intl.NumberFormat(document.documentElement.lang).format(count));
}

function count(line) {
  const control = document.getElementById(line.dataset.countOf);
  const said = document.createElement("p");
  said.className = "visually-hidden";
  said.setAttribute("role", "status");
  line.after(said);
  line.setAttribute("aria-hidden", "true");
  let timer;

  function show() {
    const used = length(control.value, "lines" in line.dataset);
    const left = Number(line.dataset.most) - used;
    const text = used >= Number(line.dataset.from) ? words(line, left) : "";
    line.textContent = text;
    line.hidden = !text;
    line.classList.toggle("too-many", left < 0);
    return text;
  }

  control.addEventListener("input", () => {
    const text = show();
    clearTimeout(timer);
    timer = setTimeout(() => (said.textContent = text), SAID_AFTER_MS);
  });
  control.form?.addEventListener("reset", () => setTimeout(show));
  addEventListener("pageshow", show);
  show();
}

for (const line of document.querySelectorAll("[data-count-of]")) count(line);
