// A question's page: the preview shows it as it is typed, and it is saved a moment later; a new one when
// it is added.

import { warns } from "./leaving.js";
import { isSeen, show } from "./phone.js";
import { saves } from "./saving.js";

const SHOWN_AFTER_MS = 400;
const form = document.getElementById("editing");
let [timer, asked] = [0, 0];

/** The server shows it, and keeps nothing. An answer that comes late is not shown. */
async function preview() {
  if (!isSeen()) return;
  const mine = ++asked;
  const values = new FormData(form);
  values.delete("rule-new");
  const answer = await fetch(form.dataset.preview, { method: "POST", body: values });
  const html = await answer.text();
  if (mine === asked && answer.ok) show(html);
}

const tryPreview = () => preview().catch(() => {}); // the next letter asks again

form.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(tryPreview, SHOWN_AFTER_MS);
});
tryPreview();

if ("saves" in form.dataset) {
  saves(form, { takes: (name) => name !== "rule-new", parts: [], onSaved: () => {} });
} else {
  const typed = () => JSON.stringify([...new FormData(form)]);
  const empty = "typed" in form.dataset ? "" : typed();
  warns(form, () => typed() === empty);
}
