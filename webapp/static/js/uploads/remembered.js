// Which file is which upload, for a page that is opened again: the same file then goes on where it was.

import { SESSION, keys, read, remove, write } from "../keeping.js";

const PREFIX = "intray.upload:";
const TOUCH_MS = 10_000;
const LIVE_MS = 90_000; // browsers slow down the timers of pages that are not seen
const MOST_MS = 2 * 24 * 3600_000; // where the server does not say

// A reload keeps it, another window has another.
const PAGE = pageId();
const held = new Set();

function pageId() {
  const known = read("intray.page", SESSION);
  const id = known ?? Math.random().toString(36).slice(2);
  write("intray.page", id, SESSION);
  return id;
}

/** What tells one file for one field from another. */
export function fingerprintOf(file, form, field) {
  const path = file.webkitRelativePath || file.name;
  return JSON.stringify([form, field, path, file.size, file.lastModified]);
}

/** What is known of the file, unless another window is busy with it: `{ url, name, size, … }` or null. */
export function find(fingerprint) {
  const entry = read(PREFIX + fingerprint);
  return entry && isOurs(entry) ? entry : null;
}

function isOurs(entry) {
  return entry.page === PAGE || Date.now() - entry.seen > LIVE_MS;
}

/** All that is remembered of a form and can be gone on with here, in the order in which it was begun. */
export function ofForm(form) {
  const entries = keys(PREFIX)
    .map((key) => ({ ...read(key), fingerprint: key.slice(PREFIX.length) }))
    .filter((entry) => entry.form === form && isOurs(entry));
  return entries.sort((one, other) => one.begun - other.begun);
}

/** From now on it is known, here and after a reload. */
export function remember(fingerprint, entry) {
  const earlier = read(PREFIX + fingerprint);
  const begun = earlier?.url === entry.url ? earlier.begun : Date.now();
  const until = Date.parse(entry.expires ?? "") || Date.now() + MOST_MS;
  held.add(fingerprint);
  write(PREFIX + fingerprint, { ...entry, until, begun, page: PAGE, seen: Date.now() });
}

export function forget(fingerprint) {
  held.delete(fingerprint);
  remove(PREFIX + fingerprint);
}

/** Forgets what this window has handed in. */
export function forgetForm(form) {
  for (const entry of ofForm(form)) if (entry.page === PAGE) forget(entry.fingerprint);
}

function touch() {
  for (const fingerprint of held) {
    const entry = read(PREFIX + fingerprint);
    if (entry) write(PREFIX + fingerprint, { ...entry, page: PAGE, seen: Date.now() });
  }
}

/** Forgets what has expired, and tells other windows what this one is busy with. */
export function begin() {
  for (const key of keys(PREFIX)) {
    if (!(read(key)?.until > Date.now())) remove(key);
  }
  setInterval(touch, TOUCH_MS);
}
