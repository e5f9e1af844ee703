// A few files at a time; the others wait for their turn.

const AT_ONCE = 2;

export class Queue {
  #waiting = [];
  #running = 0;

  /** Has the transfer started when it is its turn. */
  add(transfer) {
    transfer.wait();
    this.#waiting.push(transfer);
    this.#next();
  }

  /** It does not wait any more. */
  drop(transfer) {
    this.#waiting = this.#waiting.filter((other) => other !== transfer);
  }

  async #next() {
    if (this.#running >= AT_ONCE || !this.#waiting.length) return;
    this.#running += 1;
    await this.#waiting.shift().start();
    this.#running -= 1;
    this.#next();
  }
}
