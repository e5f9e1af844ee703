// What this browser keeps for its own pages. Where it keeps nothing, as in some private windows, all of it
// does nothing.

export const SESSION = "sessionStorage"; // of this window alone, until it is closed
const LOCAL = "localStorage";

/** Under this key of the session: `{ key, form }` of what is being handed in. */
export const HANDING_IN = "intray.handing-in";

/** The value under the key, or null. */
export function read(key, where = LOCAL) {
  try {
    return JSON.parse(window[where].getItem(key));
  } catch {
    return null;
  }
}

export function write(key, value, where = LOCAL) {
  try {
    window[where].setItem(key, JSON.stringify(value));
  } catch {
    // full, or not allowed
  }
}

export function remove(key, where = LOCAL) {
  try {
    window[where].removeItem(key);
  } catch {
    // not allowed
  }
}

/** All keys that begin so. */
export function keys(prefix) {
  try {
    return Object.keys(window[LOCAL]).filter((key) => key.startsWith(prefix));
  } catch {
    return [];
  }
}
