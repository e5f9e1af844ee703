// Pressing Hand in while files are on their way: it waits for them, and says so.

import { announce } from "./announcer.js";
import { say } from "./words.js";

export class HandingIn {
  #form;
  #fields;
  #notice = document.getElementById("handing-in");
  #button;
  #isWaiting = false;
  #submitter = null;

  constructor(form, fields) {
    this.#form = form;
    this.#fields = fields;
    this.#button = form.querySelector(".hand-in");
    form.addEventListener("submit", (event) => this.#submit(event));
    this.#notice.querySelector("button").addEventListener("click", () => this.#cancel());
    addEventListener("beforeunload", (event) => this.#leave(event));
    addEventListener("pageshow", (event) => event.persisted && this.#show(false));
  }

  /** The files that are handed in; not those of questions that are not shown. */
  get #rows() {
    const shown = this.#fields.filter((field) => !field.place.closest("[hidden]"));
    return shown.flatMap((field) => field.rows);
  }

  get #underWay() {
    return this.#rows.filter((row) => !["done", "failed", "choose"].includes(row.state));
  }

  #submit(event) {
    // another language: nothing is handed in
    if (event.submitter?.name && !event.submitter.dataset.waits) return;
    const problems = this.#rows.filter((row) => row.problem !== null);
    if (problems.length || this.#underWay.length) event.preventDefault();
    if (problems.length) return this.#tell(problems);
    if (this.#underWay.length) this.#wait(event.submitter);
  }

  #wait(submitter) {
    this.#submitter = submitter;
    for (const field of this.#fields) field.goOn();
    const words = submitter?.dataset.waits ?? say("handingIn");
    this.#notice.querySelector("p").textContent = words;
    this.#show(true);
    this.#notice.querySelector("button").focus();
    announce(words);
  }

  /** A file's state is another: perhaps it was the last that was waited for. */
  update() {
    if (!this.#isWaiting) return;
    const problems = this.#rows.filter((row) => row.problem !== null);
    if (problems.length) {
      this.#show(false);
      this.#tell(problems);
    } else if (!this.#underWay.length) {
      this.#show(false);
      this.#form.requestSubmit(this.#submitter);
    }
  }

  #cancel() {
    this.#show(false);
    announce(say("cancelled"));
    this.#button.querySelector("button").focus();
  }

  #show(isWaiting) {
    this.#isWaiting = isWaiting;
    this.#notice.hidden = !isWaiting;
    this.#button.hidden = isWaiting;
  }

  /** The summary that the server would show: what is wrong, with ways to where it can be mended. */
  #tell(problems) {
    document.querySelector("main > .problems")?.remove();
    const summary = document.getElementById("file-problems").content.firstElementChild.cloneNode(true);
    const list = summary.querySelector("ul");
    list.append(...problems.map((row) => problemOf(row)));
    document.querySelector("h1").before(summary);
    summary.focus();
  }

  /** Asks before what is on its way is lost with the page. */
  #leave(event) {
    if (this.#underWay.length) event.preventDefault();
  }
}

function problemOf(row) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.href = `#${row.element.id}`;
  link.dir = "auto";
  link.textContent = row.problem;
  item.append(link);
  return item;
}
