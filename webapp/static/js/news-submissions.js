// Puts submissions that come in on top of the list, and says how many there are.

import { fetchPart, poll } from "./polling.js";

const table = document.querySelector("table[data-news]");

function add(part) {
  const rows = part.querySelector("tbody").children;
  table.tBodies[0].prepend(...rows);
  table.dataset.after = part.querySelector("table").dataset.after;
  table.querySelector("[data-total]").textContent = part.querySelector("[data-total]").textContent;
  document.querySelector("[data-list]").hidden = false;
  document.querySelector("[data-tools]").hidden = false;
  document.querySelector("[data-empty]")?.remove();
  document.querySelector("main [data-said]").textContent =
    part.querySelector("[data-said]").textContent;
}

if (table) {
  poll(async () => {
    const part = await fetchPart(`${table.dataset.news}?after=${table.dataset.after}`);
    if (part) add(part);
  });
}
