// One file in a field's list: its name, how far it is, and what can be done with it.

import { announce } from "./announcer.js";
import { Speed } from "./pace.js";
import { left, percent, say, shown, size } from "./words.js";

const template = document.getElementById("file-row");
const SHOWN_EVERY_MS = 250;

let count = 0;

/** A line of the list. `act(row, what)` is called for "pause", "continue", "again" and "remove". */
export class Row {
  state = "";
  problem = null; // in words, where the file cannot be handed in as it is
  transfer = null;
  url = null; // of the upload, as soon as there is one
  expires = null;
  fingerprint = null;
  files = null; // where it stands for several that are left out
  isRefused = false; // by a rule: it makes way for what is chosen next
  isRestored = false; // from before the page was opened

  #speed = new Speed();
  #shownAt = 0;
  #later;
  #doing = "";

  constructor(name, bytes, act) {
    this.name = shown(name);
    this.bytes = bytes;
    this.element = template.content.firstElementChild.cloneNode(true);
    this.element.id = `file-${++count}`;
    this.element.querySelector("bdi").textContent = this.name;
    this.#part("size").textContent = bytes === null ? "" : size(bytes);
    this.#part("progress").setAttribute("aria-label", this.name);
    this.#part("remove").append(hidden(this.name));
    this.#part("remove").addEventListener("click", () => act(this, "remove"));
    this.#part("act").addEventListener("click", () => act(this, this.#doing));
  }

  #part(name) {
    return this.element.querySelector(`[data-part=${name}]`);
  }

  /** The file's place in what is handed in; null while it has none. */
  get input() {
    return this.element.querySelector("input[type=hidden]");
  }

  get buttons() {
    return [...this.element.querySelectorAll("button")].filter((button) => !button.hidden);
  }

  /** Shows where the transfer is. */
  follow(transfer) {
    this.transfer = transfer;
    const { state, sent } = transfer;
    if (state === "sending") this.#speed.add(sent);
    else this.#speed.reset();
    const now = Date.now();
    clearTimeout(this.#later);
    if (state === this.state && now - this.#shownAt < SHOWN_EVERY_MS && sent < this.bytes) {
      this.#later = setTimeout(() => this.follow(transfer), SHOWN_EVERY_MS);
      return;
    }
    this.#shownAt = now;
    if (state === "failed") {
      this.isRefused = transfer.isFinal;
      const problem = transfer.detail ?? say(transfer.failure, { name: this.name });
      return this.fail(problem, transfer.isFinal ? "" : "again");
    }
    if (state !== this.state) this.#tell(state);
    if (state === "done") return; // with its place in what is handed in: finish
    this.#show(state, { sent, said: this.#wayText(state, sent) });
  }

  #wayText(state, sent) {
    const done = { percent: percent(sent, this.bytes), size: size(this.bytes) };
    if (state !== "sending") return say(state, done);
    const speed = this.#speed.bytesPerSecond;
    const texts = [done.percent];
    if (speed) texts.push(say("speed", { size: size(speed) }), left((this.bytes - sent) / speed));
    return texts.join(" · ");
  }

  #tell(state) {
    const isNews = { sending: !this.state || this.state === "waiting", done: true, lost: true, paused: true };
    if (isNews[state]) announce(`${this.name}: ${say(`${state}News`)}`);
  }

  /** It is here, and waits to be handed in. */
  finish(input) {
    this.element.prepend(input);
    this.#show("done", {});
  }

  /** It cannot go on; `what` can be done about it besides removing it: "again", or nothing. */
  fail(problem, what = "") {
    this.problem = problem;
    if (this.state !== "failed") announce(problem);
    this.#show("failed", { what });
    this.#part("problem").textContent = problem;
  }

  /** A part of it is here, from before the page was opened; the person must choose it again. */
  wantFile(offset) {
    this.problem = say("chooseNews", { name: this.name });
    this.#show("choose", { sent: offset, said: say("choose", { percent: percent(offset, this.bytes) }) });
  }

  #show(state, { sent = null, said = "", what = ACTIONS[state] ?? "" }) {
    this.state = state;
    this.element.dataset.state = state;
    if (state !== "failed" && state !== "choose") this.problem = null;
    this.#part("way").hidden = sent === null;
    if (sent !== null) this.#part("progress").value = Math.floor((sent / this.bytes) * 100);
    this.#part("state").textContent = said;
    this.#part("error").hidden = state !== "failed";
    this.#offer(what);
  }

  #offer(what) {
    const button = this.#part("act");
    button.hidden = !what;
    if (!what || what === this.#doing) return;
    this.#doing = what;
    button.replaceChildren(say(`do${what[0].toUpperCase()}${what.slice(1)}`), hidden(this.name));
  }
}

const ACTIONS = {
  waiting: "pause", sending: "pause", lost: "pause", taken: "pause", paused: "continue",
};

function hidden(text) {
  const span = document.createElement("span");
  span.className = "visually-hidden";
  span.textContent = ` ${text}`;
  return span;
}
