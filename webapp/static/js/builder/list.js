// The list of questions: its buttons act without a new page, rows are dragged, and title and introduction
// are saved as they are typed. All goes the way that it goes without JavaScript.

import { drags } from "./dragging.js";
import { announce, post, problemsOf, takeParts, takeRevision, valuesOf, wordsOf } from "./pages.js";
import { refresh } from "./phone.js";
import { saves } from "./saving.js";

const form = document.getElementById("editing");
const told = document.getElementById("told");
const section = document.getElementById("questions");
const ACTING = ["up", "down", "duplicate", "remove"];

const saving = saves(form, {
  takes: (name) => ["title", "description", "revision", "csrf_token"].includes(name),
  parts: ["state"],
  onSaved: () => {
    document.querySelector("h1").textContent = form.elements.title.value;
    refresh();
  },
});

function arrange() {
  const list = section.querySelector(".question-rows");
  if (list) drags(list, section.dataset.handle, drop);
}

async function act(action, values, focus) {
  let typed = "";
  try {
    const { page, status } = await post(action, () => {
      typed = saving.textOf();
      return values();
    });
    take(page, status);
    if (status === 200 && action === form.action) saving.note(typed);
    focus(status);
  } catch {
    location.reload(); // signed out, or no server: the page itself says so
  }
}

function take(page, status) {
  takeRevision(page);
  takeParts(page);
  document.querySelector("main > .said")?.remove(); // it told of what was done before
  arrange();
  if (status === 200) {
    announce(wordsOf(page));
    refresh();
  } else {
    announce(problemsOf(page).join(" "));
    if (status === 409) saving.stop(page);
  }
}

function drop(row, place) {
  const values = () => valuesOf(form, { drop: row.dataset.id, place });
  act(form.action, values, (status) => focusOn(status === 200 ? rowOf(row.dataset.id) : problem()));
}

function press(button) {
  const { name, value } = button;
  const row = button.closest("li");
  const next = row.nextElementSibling ?? row.previousElementSibling;
  act(form.action, () => valuesOf(form, { [name]: value }), (status) => {
    if (status !== 200) return focusOn(problem());
    if (name === "remove") return focusOn(told.querySelector(".removed button") ?? rowOf(next?.dataset.id));
    const same = rowOf(value)?.querySelector(`button[name=${name}]`);
    focusOn(same?.disabled ? rowOf(value) : same);
  });
}

const rowOf = (id) => document.getElementById(`question-${id}`);
const problem = () => told.querySelector(".problems");

function focusOn(found) {
  const element = found ?? section;
  const isSticky = element.closest(".removed") !== null; // always in sight: the list stays where it is
  element.focus({ preventScroll: isSticky });
  if (!isSticky) element.scrollIntoView({ block: "nearest" });
}

form.addEventListener("submit", (event) => {
  if (!ACTING.includes(event.submitter?.name)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  press(event.submitter);
}, { capture: true });

told.addEventListener("submit", (event) => {
  if (!event.target.matches(".removed")) return;
  event.preventDefault();
  const values = () => valuesOf(event.target);
  const known = new Set([...section.querySelectorAll("li")].map((row) => row.id));
  act(event.target.action, values, () => {
    const rows = [...section.querySelectorAll(".question-rows > li")];
    focusOn(rows.find((row) => !known.has(row.id)));
  });
});

arrange();
