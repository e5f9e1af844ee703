// Saves what is typed a moment later, by the form's own way, and says whether it is saved. Nothing that
// is typed is ever replaced.

import { warns } from "./leaving.js";
import { post, problemsOf, takeParts, takeRevision, valuesOf } from "./pages.js";

const AFTER_MS = 1000;
const AGAIN_MS = 10_000;

/** `takes` says which inputs are sent, `parts` which of the page's parts are made anew; `onSaved` is called
 *  when it is saved. Gives what the page needs to save by other means. */
export function saves(form, { takes, onSaved, parts }) {
  const line = document.getElementById("saving");
  let [timer, isStale] = [0, false];
  let saved = "typed" in form.dataset ? "" : textOf(); // the page may bring back what was refused

  function values() {
    const all = valuesOf(form);
    for (const name of [...all.keys()]) if (!takes(name)) all.delete(name);
    return all;
  }

  function textOf() {
    const own = [...valuesOf(form).entries()].filter(([name]) => takes(name) && name !== "revision");
    return JSON.stringify(own);
  }

  function say(name, problems = []) {
    line.hidden = false;
    line.textContent = line.dataset[name].replace("{problems}", problems.join("; "));
  }

  const isSaved = () => textOf() === saved;
  const leaving = warns(form, isSaved);

  function later(after) {
    clearTimeout(timer);
    if (isStale || isSaved()) return;
    timer = setTimeout(save, after);
  }

  async function save() {
    if (isStale || isSaved() || leaving.isMeant) return;
    let sent = "";
    try {
      const { page, status } = await post(form.action, () => {
        sent = textOf();
        return values();
      });
      if (!leaving.isMeant) take(page, status, sent);
    } catch {
      say("failed");
      later(AGAIN_MS);
    }
  }

  function take(page, status, sent) {
    if (status === 422) return say("refused", problemsOf(page));
    takeRevision(page);
    if (status === 409) return stop(page);
    saved = sent;
    takeParts(page, parts);
    onSaved();
    if (isSaved()) say("saved");
    else later(AFTER_MS);
  }

  /** The other window's change is shown beside what is typed here; from now on a person saves. */
  function stop(page) {
    isStale = true;
    say("stale");
    takeParts(page, ["told"]);
    for (const theirs of page.querySelectorAll("form .field > .hint, form .option-hint[id]")) {
      const ours = document.getElementById(theirs.id);
      if (ours) ours.replaceChildren(...theirs.childNodes);
      else placeHint(theirs);
    }
  }

  function placeHint(theirs) {
    const tick = theirs.closest("label")?.control;
    if (tick) document.getElementById(tick.id)?.nextElementSibling.append(theirs);
    else document.getElementById(theirs.nextElementSibling?.id)?.before(theirs);
  }

  form.addEventListener("input", (event) => {
    if (!takes(event.target.name)) return;
    if (!isSaved() && !isStale) say("unsaved");
    if (!event.target.matches("[name=choices], [name=rows]")) later(AFTER_MS);
  });
  // Lines that are cut here to be put in elsewhere must not be taken for removed in between.
  form.addEventListener("change", () => later(0));
  return {
    textOf,
    stop,
    /** That this was saved by other means. */
    note(text) {
      [saved, isStale, line.hidden] = [text, false, true];
      later(AFTER_MS);
    },
  };
}
