// One files field: its list, and the place where more files are chosen, dropped or pasted.

import { announce } from "./announcer.js";
import * as remembered from "./remembered.js";
import { Row } from "./row.js";
import { Rules } from "./rules.js";
import * as sources from "./sources.js";
import { ConnectionLost } from "./request.js";
import { Transfer, look, terminate } from "./tus.js";
import { say, shown } from "./words.js";

const NAMED = 3; // of many files that are left out

export class Field {
  rows = [];

  #element;
  #queue;
  #form;
  #kept; // under which name this browser remembers what it sends: a personal link's is its own
  #credential;
  #key;
  #endpoint;
  #token;
  #rules;
  #onChange;
  #input;
  #chooser;
  #list;
  #full;
  #removals = new Set();
  #isCounted = true; // whether the server's count of this page's files is what we see

  /** `onChange` is called whenever a file's state is another. */
  constructor(element, queue, token, onChange) {
    this.#element = element;
    this.#queue = queue;
    this.#token = token;
    this.#onChange = onChange;
    const { upload, form, field } = element.dataset;
    this.#endpoint = upload;
    this.#form = form;
    const { kept, credential } = element.closest("form").dataset;
    this.#kept = kept ?? form;
    this.#credential = credential;
    this.#key = field;
    this.#rules = new Rules(element);
    this.#build();
    this.#adopt();
    this.#arrange();
  }

  /** The part of the page that files can be dropped onto. */
  get place() {
    return this.#element.closest(".question");
  }

  #build() {
    const inside = this.#element;
    this.#input = inside.querySelector("input[type=file]") ?? templated(inside);
    this.#list = inside.querySelector(".files") ?? document.createElement("ul");
    this.#list.className = "files";
    this.#list.removeAttribute("id"); // links from the error summary lead to what can be done
    this.#full = inside.querySelector(".full");
    this.#chooser = document.getElementById("file-chooser").content.firstElementChild.cloneNode(true);
    inside.querySelector(".choose")?.remove();
    const label = this.#chooser.querySelector("label");
    label.htmlFor = this.#input.id;
    label.textContent = say(this.#rules.maxFiles > 1 ? "chooseFiles" : "chooseFile");
    label.before(this.#input);
    this.#input.multiple = this.#rules.maxFiles > 1;
    this.#input.className = "visually-hidden";
    this.#input.addEventListener("change", () => this.#take());
    for (const source of sources.buttonsFor(this.#rules)) this.#offer(source);
    inside.replaceChildren(this.#list, this.#full, this.#chooser);
  }

  #offer(source) {
    const button = this.#chooser.querySelector(`[data-source=${source}]`);
    button.hidden = false;
    button.addEventListener("click", () =>
      sources.open(source, (files, isFolder) => this.add(files, isFolder)),
    );
  }

  /** The files that the server has listed, since they came with an earlier attempt. */
  #adopt() {
    for (const item of [...this.#list.children]) {
      const input = item.querySelector("input");
      const row = this.#newRow(item.querySelector("bdi").textContent, null);
      row.element.querySelector(".file-size").textContent = item.querySelector(".file-size").textContent;
      row.finish(input);
      row.url = `${this.#endpoint}/${input.value.replace("upload:", "")}`;
      row.fingerprint = remembered.ofForm(this.#kept).find(({ url }) => url === row.url)?.fingerprint;
      item.replaceWith(row.element);
    }
  }

  /** Lists what was sent before the page was opened anew; tells whether there is any. */
  async restore() {
    const known = new Set(this.rows.map(({ url }) => url));
    const entries = remembered.ofForm(this.#kept).filter((entry) => entry.field === this.#key);
    const asked = entries.filter(({ url }) => !known.has(url));
    const there = await Promise.all(asked.map(lookAt));
    const restored = asked.filter((entry, at) => this.#restoreOne(entry, there[at]));
    this.#arrange();
    return restored.length > 0;
  }

  #restoreOne(entry, there) {
    if (there === undefined) return false; // it is still remembered when the file is chosen
    if (there?.size !== entry.size) {
      remembered.forget(entry.fingerprint);
      return false;
    }
    if (this.#hasRow(entry.fingerprint) || !this.#room) return false;
    const row = this.#newRow(entry.name, entry.size);
    row.url = entry.url;
    row.fingerprint = entry.fingerprint;
    row.isRestored = true;
    remembered.remember(entry.fingerprint, entry);
    this.#list.append(row.element);
    if (there.offset === there.size) row.finish(this.#hiddenInput(entry.url));
    else row.wantFile(there.offset);
    return true;
  }

  #hiddenInput(url) {
    const input = document.createElement("input");
    input.type = "hidden";
    input.name = this.#key;
    input.value = `upload:${url.split("/").pop()}`;
    return input;
  }

  #newRow(name, bytes) {
    const row = new Row(name, bytes, (row, what) => this.#act(row, what));
    this.rows.push(row);
    return row;
  }

  #take() {
    const files = [...this.#input.files];
    this.#input.value = ""; // they go by themselves, and not once more with the form
    this.add(files);
  }

  /** Files that the person has given; of a folder's, those that are meant. */
  add(given, isFolder = false) {
    this.#clearRefused();
    const files = isFolder ? this.#rules.meant(given) : given;
    if (files.length < given.length) {
      announce(say("leftOut", { n: given.length - files.length }));
    }
    const tooMany = files.filter((file) => !this.#addOne(file));
    if (tooMany.length) this.#refuseMany(tooMany);
    this.#arrange();
  }

  /** What was refused before makes way for what is chosen now. */
  #clearRefused() {
    for (const row of this.rows.filter((row) => row.isRefused)) {
      this.#drop(row);
      this.#forget(row);
    }
  }

  /** False if there is no room for it. */
  #addOne(file) {
    const fingerprint = remembered.fingerprintOf(file, this.#kept, this.#key);
    const known = this.rows.find((row) => row.fingerprint === fingerprint);
    if (known) {
      this.#chosenAgain(known, file);
      return true;
    }
    const problem = this.#rules.problemOf(file);
    if (problem === null && !this.#room) return false;
    const row = this.#newRow(file.webkitRelativePath || file.name, file.size);
    this.#list.append(row.element);
    if (problem === null) this.#send(row, file, fingerprint);
    else this.#refuse(row, problem);
    return true;
  }

  #chosenAgain(row, file) {
    if (row.state === "choose") this.#send(row, file, row.fingerprint);
    else if (row.state === "failed") this.#act(row, "again");
    else announce(say("listed", { name: row.name }));
  }

  #refuse(row, problem, what = "") {
    row.isRefused = true;
    row.fail(problem, what);
  }

  #refuseMany(files) {
    const names = files.slice(0, NAMED).map((file) => shown(file.name)).join(", ");
    const more = files.length - NAMED;
    const row = this.#newRow(more > 0 ? say("several", { names, n: more }) : names, null);
    row.files = files;
    this.#list.append(row.element);
    this.#refuse(row, this.#rules.tooMany, "again");
  }

  async #send(row, file, fingerprint) {
    row.fingerprint = fingerprint;
    row.isRestored = false;
    const metadata = {
      form: this.#form,
      credential: this.#credential,
      field: this.#key,
      filename: file.webkitRelativePath || file.name,
      filetype: file.type,
    };
    const page = this.#isCounted ? this.#token : "";
    const transfer = new Transfer(file, this.#endpoint, metadata, page, () => this.#moved(row));
    const earlier = remembered.find(fingerprint);
    if (earlier) transfer.resume(earlier.url);
    row.follow(transfer);
    await Promise.all(this.#removals); // or the server would count one too many
    if (this.rows.includes(row) && row.transfer === transfer) this.#queue.add(transfer);
  }

  #moved(row) {
    const { transfer, fingerprint } = row;
    if (transfer.url !== row.url) {
      row.url = transfer.url;
      if (row.url === null) remembered.forget(fingerprint);
    }
    if (row.url !== null && transfer.expires !== row.expires) {
      row.expires = transfer.expires;
      this.#remember(row);
    }
    const isNew = row.state !== transfer.state;
    row.follow(transfer);
    if (transfer.state === "done" && isNew) row.finish(this.#hiddenInput(row.url));
    if (isNew) this.#arrange();
  }

  #remember({ name, bytes, url, expires, fingerprint }) {
    const entry = { form: this.#kept, field: this.#key, name, size: bytes, url, expires };
    remembered.remember(fingerprint, entry);
  }

  #hasRow(fingerprint) {
    return this.rows.some((row) => row.fingerprint === fingerprint);
  }

  /** How many more files there may be. */
  get #room() {
    return this.#rules.maxFiles - this.rows.filter((row) => !row.isRefused).length;
  }

  #act(row, what) {
    if (what === "remove") return this.#remove(row);
    if (what === "pause") this.#pause(row.transfer);
    if (what === "continue") this.#queue.add(row.transfer);
    if (what === "again" && row.files) this.#addAgain(row);
    else if (what === "again") this.#queue.add(row.transfer);
  }

  #pause(transfer) {
    this.#queue.drop(transfer);
    transfer.pause();
  }

  #addAgain(row) {
    this.#drop(row);
    this.add(row.files);
  }

  /** Goes on with what was paused. */
  goOn() {
    for (const { state, transfer } of this.rows) if (state === "paused") this.#queue.add(transfer);
  }

  #remove(row) {
    const neighbour = this.rows[this.rows.indexOf(row) + 1] ?? this.rows[this.rows.indexOf(row) - 1];
    this.#drop(row);
    this.#forget(row);
    announce(say("removed", { name: row.name }));
    this.#arrange();
    (neighbour?.buttons.at(-1) ?? this.#input).focus();
  }

  /** Takes away what was listed from before the page was opened. */
  removeRestored() {
    for (const row of this.rows.filter((row) => row.isRestored)) {
      this.#drop(row);
      this.#forget(row);
    }
    this.#arrange();
  }

  #drop(row) {
    this.rows = this.rows.filter((other) => other !== row);
    row.element.remove();
  }

  #forget({ transfer, url, fingerprint }) {
    if (fingerprint) remembered.forget(fingerprint);
    if (!transfer && !url) return;
    if (transfer) this.#queue.drop(transfer);
    const removal = (transfer ? transfer.remove() : terminate(url)).then((isGone) => {
      this.#isCounted &&= isGone;
      this.#removals.delete(removal);
    });
    this.#removals.add(removal);
  }

  /** Shows what there is a use for now. */
  #arrange() {
    const hadFocus = this.#chooser.contains(document.activeElement);
    this.#list.hidden = !this.rows.length;
    this.#chooser.hidden = this.#room < 1;
    this.#full.hidden = this.#room > 0;
    if (hadFocus && this.#chooser.hidden) this.rows.at(-1).buttons[0]?.focus();
    this.#element.dispatchEvent(new Event("change", { bubbles: true })); // rules may ask for a file
    this.#onChange();
  }
}

/** What the server has of what is remembered; undefined where it does not answer. */
async function lookAt({ url }) {
  try {
    return await look(url);
  } catch (error) {
    if (!(error instanceof ConnectionLost)) throw error;
  }
}

/** Where no more files could be chosen, the chooser waits in a template. */
function templated(element) {
  return element.querySelector("template").content.querySelector("input");
}
