// Sends the files of a form while the rest of it is filled in.

import { Field } from "./field.js";
import { HandingIn } from "./handing-in.js";
import { Queue } from "./queue.js";
import * as remembered from "./remembered.js";
import { dropped, holdsFiles, pasted } from "./sources.js";

const form = document.getElementById("filling");
const notice = document.getElementById("earlier");

remembered.begin();
const queue = new Queue();
const fields = [];
const handingIn = new HandingIn(form, fields);
for (const element of form.querySelectorAll("[data-upload]")) {
  fields.push(new Field(element, queue, form.elements.csrf_token.value, () => handingIn.update()));
}

for (const field of fields) {
  field.restore().then((isAny) => {
    if (isAny) notice.hidden = false;
  });
}
notice.querySelector("button").addEventListener("click", () => {
  for (const field of fields) field.removeRestored();
});

/** The field that files are for: the one that holds the element, or the only one. */
function fieldAt(element) {
  const at = fields.find((field) => field.place.contains(element));
  return at ?? (fields.length === 1 ? fields[0] : null);
}

function mark(place) {
  for (const field of fields) field.place.classList.toggle("dropping", field === place);
}

addEventListener("dragover", (event) => {
  if (!holdsFiles(event.dataTransfer)) return;
  event.preventDefault(); // beside a field, the browser would leave the page for the file
  const field = fieldAt(event.target);
  event.dataTransfer.dropEffect = field ? "copy" : "none";
  mark(field);
});

addEventListener("dragleave", (event) => event.relatedTarget === null && mark(null));

addEventListener("drop", async (event) => {
  if (!holdsFiles(event.dataTransfer)) return;
  event.preventDefault();
  mark(null);
  const field = fieldAt(event.target);
  if (!field) return;
  const { files, isFolder } = await dropped(event.dataTransfer);
  field.add(files, isFolder);
});

addEventListener("paste", (event) => {
  const files = pasted(event);
  const field = files.length ? fieldAt(document.activeElement) : null;
  if (!field) return;
  event.preventDefault();
  field.add(files);
});
