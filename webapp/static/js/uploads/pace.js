// How fast it goes: how much to send at once, and how long it will still take.

const LEAST = 64 * 1024;
const FIRST = 1024 * 1024;
const MOST = 32 * 1024 * 1024;
const WANTED_SECONDS = 3; // for one chunk: as much is sent again where a connection breaks
const REMEMBERED_MS = 15_000;

/** The size of the next chunk: as much as goes in a few seconds, less where connections break. */
export class ChunkSize {
  bytes = FIRST;

  arrived(bytes, seconds) {
    if (bytes < this.bytes) return; // a file's last bytes tell little
    const wanted = (bytes / Math.max(seconds, 0.001)) * WANTED_SECONDS;
    this.bytes = clamp(Math.min(wanted, this.bytes * 2));
  }

  broke() {
    this.bytes = clamp(this.bytes / 2);
  }
}

function clamp(bytes) {
  return Math.round(Math.min(Math.max(bytes, LEAST), MOST));
}

/** The bytes per second of the last seconds. */
export class Speed {
  #seen = [];

  /** So many bytes are through now. */
  add(bytes, now = Date.now()) {
    const last = this.#seen.at(-1);
    if (last && bytes < last.bytes) this.#seen = []; // it goes on from further back
    this.#seen.push({ bytes, now });
    while (now - this.#seen[0].now > REMEMBERED_MS) this.#seen.shift();
  }

  /** Bytes per second; null until it can be told. */
  get bytesPerSecond() {
    const first = this.#seen[0];
    const last = this.#seen.at(-1);
    if (!first || last.now - first.now < 1_000) return null;
    return ((last.bytes - first.bytes) * 1000) / (last.now - first.now) || null;
  }

  reset() {
    this.#seen = [];
  }
}
