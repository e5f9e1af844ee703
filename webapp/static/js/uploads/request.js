// One request with what fetch cannot do: telling how far its body has come, and giving up when nothing moves.

const STALLED_MS = 60_000; // without any progress of the body
const ANSWER_MS = 120_000; // from the last byte to the answer: slow lines still hold much in their buffers
const TICK_MS = 1_000;
const ASLEEP_MS = 20_000; // ticks that come so late: the computer has slept
const AWAKE_MS = 10_000; // for the connection to show that it has lived on

/** The connection failed, or nothing moved on it. */
export class ConnectionLost extends Error {}

/** Somebody has aborted the signal. */
export class Stopped extends Error {}

/** What the server said: `status`, `header(name)`, and in `problem` the fields of RFC 9457, if any. */
class Answer {
  constructor(xhr) {
    this.status = xhr.status;
    this.header = (name) => xhr.getResponseHeader(name);
    this.problem = readProblem(xhr.responseText);
  }
}

function readProblem(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {}; // no body, or a page of a server in between
  }
}

/** Sends a request; `onProgress` is told how many bytes of the body are out.
 *  Throws ConnectionLost and Stopped. */
export function send(method, url, { headers, body, signal, onProgress } = {}) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(new Stopped());
    const xhr = new XMLHttpRequest();
    const watch = new Watch(() => giveUp(new ConnectionLost("stalled")));
    const stop = () => giveUp(new Stopped());

    function end(settle, value) {
      watch.end();
      signal?.removeEventListener("abort", stop);
      settle(value);
    }
    function giveUp(error) {
      end(reject, error);
      xhr.abort();
    }

    xhr.open(method, url);
    for (const [name, value] of Object.entries(headers ?? {})) xhr.setRequestHeader(name, value);
    xhr.upload.onprogress = (event) => {
      watch.moved();
      onProgress?.(event.loaded);
    };
    xhr.upload.onload = () => watch.allSent();
    xhr.onload = () => end(resolve, new Answer(xhr));
    xhr.onerror = () => end(reject, new ConnectionLost("failed"));
    signal?.addEventListener("abort", stop);
    if (!body) watch.allSent();
    xhr.send(body);
  });
}

/** Calls `giveUp` once when nothing has moved for too long, or after a sleep that the connection did not
 *  survive. */
class Watch {
  #limit = STALLED_MS;
  #last = Date.now();
  #tick = Date.now();
  #timer;

  constructor(giveUp) {
    this.#timer = setInterval(() => {
      const now = Date.now();
      if (now - this.#tick > ASLEEP_MS) {
        this.#last = Math.min(this.#last, now - this.#limit + AWAKE_MS);
      }
      this.#tick = now;
      if (now - this.#last > this.#limit) giveUp();
    }, TICK_MS);
  }

  moved() {
    this.#last = Date.now();
  }

  allSent() {
    this.#limit = ANSWER_MS;
    this.moved();
  }

  end() {
    clearInterval(this.#timer);
  }
}

/** Returns after the time, or earlier when the connection or the person is back. Throws Stopped. */
export function rest(ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(wake, ms);
    const stop = () => end(reject, new Stopped());
    const seen = () => document.hidden || wake();

    function wake() {
      end(resolve);
    }
    function end(settle, value) {
      clearTimeout(timer);
      removeEventListener("online", wake);
      document.removeEventListener("visibilitychange", seen);
      signal.removeEventListener("abort", stop);
      settle(value);
    }

    addEventListener("online", wake);
    document.addEventListener("visibilitychange", seen);
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
  });
}
