// Keeps the overview's counts as they are now. What has the focus keeps it.

import { fetchPart, poll } from "./polling.js";

const table = document.querySelector("table[data-news]");

function show(part) {
  const now = part.querySelector("tbody");
  const body = table.tBodies[0];
  if (now.textContent === body.textContent) return;
  const focused = body.contains(document.activeElement) ? document.activeElement.href : null;
  body.replaceChildren(...now.children);
  if (focused) [...body.querySelectorAll("a")].find((link) => link.href === focused)?.focus();
}

if (table) poll(async () => show(await fetchPart(table.dataset.news)));
