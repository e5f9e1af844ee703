// The rules of a files field that can be told before anything is sent. The server asks them again.

import { fill, shown, size } from "./words.js";

// What systems put into folders for themselves.
const NOT_MEANT = /^(\.ds_store|thumbs\.db|desktop\.ini|\._.*)$/i;

export class Rules {
  /** Of a field's element: its data-… hold the rules, and what to say where they are broken. */
  constructor({ dataset }) {
    this.maxFiles = Number(dataset.maxFiles);
    this.maxBytes = Number(dataset.maxBytes);
    this.accept = dataset.accept ? dataset.accept.split(",") : [];
    this.#words = dataset;
  }
  #words;

  /** What is wrong with the file, in words; null if nothing is. */
  problemOf(file) {
    const values = { name: shown(file.name), most: size(this.maxBytes) };
    if (file.size === 0) return fill(this.#words.empty, values);
    if (file.size > this.maxBytes) return fill(this.#words.tooLarge, values);
    if (!this.accepts(file.name)) return fill(this.#words.wrongType, values);
    return null;
  }

  get tooMany() {
    return this.#words.tooMany;
  }

  accepts(name) {
    const plain = name.normalize("NFKC").toLowerCase().replace(/[. ]+$/, "");
    return !this.accept.length || this.accept.some((ending) => plain.endsWith(ending));
  }

  /** Those of a folder's files that are meant: of the types that are asked for, and no system's own. */
  meant(files) {
    return files.filter((file) => !NOT_MEANT.test(file.name) && this.accepts(file.name));
  }
}
