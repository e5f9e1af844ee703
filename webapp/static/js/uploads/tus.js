// One file on its way, by tus 1.0.0 (https://tus.io/protocols/resumable-upload), until it is there whole.

import { crc32, toBase64 } from "./crc32.js";
import { ChunkSize } from "./pace.js";
import { ConnectionLost, Stopped, rest, send } from "./request.js";

const VERSION = { "Tus-Resumable": "1.0.0" };
const CONTENT_TYPE = "application/offset+octet-stream";
const WITH_CREATION = 256 * 1024; // bytes: smaller files go in one request
const PIECE = 2 * 1024 * 1024; // bytes read at once
const FIRST_REST_MS = 500;
const LONGEST_REST_MS = 10_000;
const LONGEST_WAIT_S = 60; // a server that says to come back later than that is told to the person
const CHECK_MS = 1_500;
const MOST_ANEW = 3;
const MOST_REFUSALS = 8; // of what a bad line may have spoilt
const PASSING = new Set([400, 408, 425, 429, 460, 500, 502, 503, 504]);

/** An answer that is no success. */
class Refused extends Error {
  constructor(answer) {
    super(`${answer.status}`);
    this.status = answer.status;
    this.detail = answer.problem.detail;
    this.retryAfter = Number(answer.header("Retry-After")) || 0;
  }
}

/** The file cannot be read any more: it was changed, moved or removed meanwhile. */
class Unreadable extends Error {}

/**
 * Sends one file. `state` is one of
 *   waiting, sending, lost (it goes on by itself), taken (another window sends it), checking,
 *   paused, done, failed (`failure` says why: "unreadable", "refused" with `detail`).
 * `onChange` is called whenever something is different.
 */
export class Transfer {
  state = "waiting";
  sent = 0; // bytes
  url = null;
  expires = null; // a Date's text, as the server says it
  failure = null;
  detail = null;
  isFinal = false; // it broke a rule, which it would break again

  #offset = 0; // null: the server is to be asked
  #isChecking = false;
  #isUnsure = false; // an upload may have been begun of which we do not know
  #anew = 0;
  #chunk = new ChunkSize();
  #stop = new AbortController();
  #endpoint;
  #metadata;
  #page;

  /** `metadata` is what the server is told of the file; `page`, which it counts the files of, is left out
   *  where its count may hold one too many. */
  constructor(file, endpoint, metadata, page, onChange) {
    this.file = file;
    this.onChange = onChange;
    this.#endpoint = endpoint;
    this.#metadata = metadata;
    this.#page = page;
  }

  /** Goes on with an upload that was begun before. */
  resume(url) {
    this.url = url;
    this.#offset = null;
  }

  get isUnderWay() {
    return !["paused", "done", "failed"].includes(this.state);
  }

  get id() {
    return this.url.split("/").pop();
  }

  /** Returns when the file is there, has failed, or has been paused. */
  async start() {
    this.#stop = new AbortController();
    this.failure = this.detail = null;
    this.#set("sending");
    try {
      await this.#send();
      this.#set("done");
    } catch (error) {
      if (error instanceof Stopped) return;
      if (this.url) this.#offset = null;
      this.failure = error instanceof Unreadable ? "unreadable" : "refused";
      this.detail = error.detail;
      this.isFinal = error.status === 422;
      this.#set("failed");
      if (!(error instanceof Refused || error instanceof Unreadable)) reportError(error);
    }
  }

  pause() {
    this.#stop.abort();
    if (this.url) this.#offset = null;
    this.#set("paused");
  }

  /** It waits for its turn again. */
  wait() {
    this.#set("waiting");
  }

  /** Stops, and has the server forget what it has; false where it cannot be told. */
  async remove() {
    this.#stop.abort();
    return !this.#isUnsure && (this.url === null || (await terminate(this.url)));
  }

  #set(state, sent = this.sent) {
    if (this.#stop.signal.aborted && state !== "paused" && state !== "waiting") return;
    this.state = state;
    this.sent = sent;
    this.onChange(this);
  }

  async #send() {
    let failures = 0;
    while (!this.#isWhole) {
      try {
        if (await this.#step()) failures = 0;
      } catch (error) {
        failures += 1;
        await this.#recover(error, failures);
      }
    }
  }

  get #isWhole() {
    return this.url !== null && this.#offset === this.file.size && !this.#isChecking;
  }

  /** Does what comes next, and tells whether the file has got further by it. */
  async #step() {
    if (this.url === null) return this.#create();
    if (this.#offset === null) return this.#ask();
    if (this.#offset < this.file.size) return this.#sendChunk();
    this.#set("checking");
    await rest(CHECK_MS, this.#stop.signal);
    return this.#ask();
  }

  async #create() {
    const isSmall = this.file.size <= WITH_CREATION;
    const headers = {
      "Upload-Length": String(this.file.size),
      "Upload-Metadata": this.#encodedMetadata(),
    };
    this.#set("sending", 0);
    const bytes = isSmall ? this.file.size : 0;
    const answer = await this.#sure(this.#request("POST", this.#endpoint, headers, bytes));
    this.url = new URL(answer.header("Location"), location.href).pathname;
    return this.#take(answer);
  }

  /** Unsure for as long as there is no answer. */
  async #sure(request) {
    const wasUnsure = this.#isUnsure;
    this.#isUnsure = true;
    try {
      const answer = await request;
      this.#isUnsure = false;
      return answer;
    } catch (error) {
      if (error instanceof Refused) this.#isUnsure = wasUnsure;
      throw error;
    }
  }

  #encodedMetadata() {
    const page = this.#isUnsure ? {} : { page: this.#page };
    const values = Object.entries({ ...this.#metadata, ...page }).filter(([, value]) => value);
    return values.map(([key, value]) => `${key} ${base64(value)}`).join(",");
  }

  async #ask() {
    const answer = await this.#request("HEAD", this.url, {});
    if (Number(answer.header("Upload-Length")) !== this.file.size) return this.#beginAnew();
    this.#take(answer);
    return this.#isWhole;
  }

  async #sendChunk() {
    const bytes = Math.min(this.#chunk.bytes, this.file.size - this.#offset);
    const begun = performance.now();
    const headers = { "Upload-Offset": String(this.#offset) };
    const answer = await this.#request("PATCH", this.url, headers, bytes);
    this.#chunk.arrived(bytes, (performance.now() - begun) / 1000);
    return this.#take(answer);
  }

  /** Sends a request with the next `bytes` of the file, verified on the other side. */
  async #request(method, url, headers, bytes = 0) {
    const signal = this.#stop.signal;
    const more = {};
    const from = this.#offset ?? 0;
    const body = bytes ? this.file.slice(from, from + bytes) : null;
    if (body) {
      more["Content-Type"] = CONTENT_TYPE;
      more["Upload-Checksum"] = `crc32 ${toBase64(await crcOf(body))}`;
    }
    const onProgress = (loaded) => this.#set("sending", from + Math.min(loaded, bytes));
    const all = { ...VERSION, ...headers, ...more };
    const answer = await send(method, url, { headers: all, body, signal, onProgress });
    if (answer.status < 200 || answer.status > 299) throw new Refused(answer);
    return answer;
  }

  #take(answer) {
    this.#offset = Number(answer.header("Upload-Offset"));
    this.#isChecking = answer.header("Intray-Checking") !== null;
    this.expires = answer.header("Upload-Expires");
    this.#set("sending", this.#offset);
    return true;
  }

  #beginAnew() {
    this.url = null;
    this.#offset = 0;
    this.#anew += 1;
    return false;
  }

  /** Makes ready for the next try, or throws the error again where trying again is of no use. */
  async #recover(error, failures) {
    if (error instanceof ConnectionLost) return this.#recoverConnection(failures);
    if (!(error instanceof Refused)) throw error;
    const isGone = this.url !== null && [404, 410].includes(error.status);
    if (isGone && this.#anew < MOST_ANEW) return this.#beginAnew();
    if (this.url !== null) this.#offset = null;
    if (error.status === 423) return this.#restAs("taken", error.retryAfter * 1000 || 2_000);
    if (error.status === 409 && failures < MOST_REFUSALS) return this.#rest(failures - 1);
    if (!PASSING.has(error.status) || error.retryAfter > LONGEST_WAIT_S) throw error;
    if (error.status === 400 && failures > MOST_REFUSALS) throw error;
    if (error.status >= 500) this.#set("lost");
    await this.#rest(failures, error.retryAfter);
  }

  async #recoverConnection(failures) {
    if (this.url !== null) this.#offset = null;
    this.#chunk.broke();
    this.#set("lost");
    await this.#rest(failures);
  }

  async #restAs(state, ms) {
    this.#set(state);
    await rest(ms, this.#stop.signal);
  }

  /** Longer after each failure, and never all at the same moment. */
  async #rest(failures, least = 0) {
    if (failures < 1) return;
    const longest = Math.min(FIRST_REST_MS * 2 ** (failures - 1), LONGEST_REST_MS);
    await rest(Math.max(longest * (0.5 + Math.random() / 2), least * 1000), this.#stop.signal);
  }
}

/** The CRC-32 of a part of a file. It is read piece by piece, so that memory stays free and the page can be
 *  used meanwhile; what is sent the browser reads by itself. Throws Unreadable. */
async function crcOf(part) {
  let crc = 0;
  for (let at = 0; at < part.size; at += PIECE) {
    try {
      crc = crc32(new Uint8Array(await part.slice(at, at + PIECE).arrayBuffer()), crc);
    } catch {
      throw new Unreadable();
    }
  }
  return crc;
}

function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

/** Has the server forget an upload; tells whether it has. */
export async function terminate(url) {
  for (let tries = 1; tries < 5; tries++) {
    try {
      const { status } = await send("DELETE", url, { headers: VERSION });
      if (status === 204 || status === 404 || status === 410) return true;
    } catch {
      // as where it is busy with what was just cut off
    }
    await new Promise((resolve) => setTimeout(resolve, tries * 300));
  }
  return false;
}

/** What the server has of an upload: `{ size, offset }`; null where it has none. Throws ConnectionLost
 *  where it cannot be told. */
export async function look(url) {
  const answer = await send("HEAD", url, { headers: VERSION });
  if ([404, 410].includes(answer.status)) return null;
  if (answer.status !== 200) throw new ConnectionLost(answer.status);
  return {
    size: Number(answer.header("Upload-Length")),
    offset: Number(answer.header("Upload-Offset")),
  };
}
