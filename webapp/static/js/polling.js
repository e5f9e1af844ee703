// Asks the server again and again while the page is seen; seldom where it does not answer.

const EVERY_MS = 10_000;
const SELDOM_MS = 5 * 60_000;

/** Calls `ask` every ten seconds while the page is visible, and at once when it becomes so. */
export function poll(ask) {
  let wait = EVERY_MS;
  let timer;
  let isAsking = false;

  async function turn() {
    clearTimeout(timer);
    if (document.hidden || isAsking) return;
    isAsking = true;
    try {
      await ask();
      wait = EVERY_MS;
    } catch (error) {
      if (error instanceof SignedOut) return sayThatItIsOver();
      wait = Math.min(wait * 2, SELDOM_MS);
    }
    isAsking = false;
    timer = setTimeout(turn, wait);
  }

  document.addEventListener("visibilitychange", turn);
  timer = setTimeout(turn, wait);
}

class SignedOut extends Error {}

function sayThatItIsOver() {
  const said = document.querySelector("[data-signed-out]");
  if (said) said.hidden = false;
}

/** The page at the address as a document; null for nothing new. Throws SignedOut where the answer is the
 *  way to the door, and an error for everything else. */
export async function fetchPart(address) {
  const answer = await fetch(address, { redirect: "manual" });
  if (answer.type === "opaqueredirect") throw new SignedOut(address);
  if (answer.status === 204) return null;
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}
