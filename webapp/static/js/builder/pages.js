// Asking the server for a change, and taking over from the page that it answers what is new in it.

const PARTS = ["told", "state", "questions"]; // the ids of what a change can alter

/** Posts what a form would send, one at a time, and gives the page that comes of it as a document, with
 *  `status`. Throws where there is no such page. */
let turn = Promise.resolve();

export function post(action, values) {
  const mine = turn.then(() => send(action, values()));
  turn = mine.catch(() => {});
  return mine;
}

async function send(action, body) {
  const answer = await fetch(action, { method: "POST", body });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!page.querySelector("input[name=revision]")) throw new Error(`${action}: ${answer.status}`);
  return { page, status: answer.status };
}

/** What of the form is sent for a change, with further values. */
export function valuesOf(form, more = {}) {
  const values = new FormData(form);
  for (const [name, value] of Object.entries(more)) values.set(name, value);
  return values;
}

/** The revision that the next change is made on. */
export function takeRevision(page) {
  const { value } = page.querySelector("input[name=revision]");
  for (const input of document.querySelectorAll("input[name=revision]")) input.value = value;
}

/** Puts the page's parts in place of ours; what is typed is in none of them. */
export function takeParts(page, parts = PARTS) {
  for (const id of parts) {
    const [ours, theirs] = [document.getElementById(id), page.getElementById(id)];
    if (ours && theirs) ours.replaceChildren(...theirs.childNodes);
  }
}

/** What the page says was done. */
export function wordsOf(page) {
  return [...page.querySelectorAll(".said p")].map((one) => one.textContent.trim()).join(" ");
}

/** What the page says is wrong. */
export function problemsOf(page) {
  return [...page.querySelectorAll(".problems li, .problems h2 + p")].map((one) => one.textContent.trim());
}

const told = document.createElement("div");
told.className = "visually-hidden";
told.setAttribute("role", "status");
document.body.append(told);

/** Says it politely, also where it is the same as before. */
export function announce(words) {
  told.replaceChildren();
  setTimeout(() => (told.textContent = words), 50);
}
