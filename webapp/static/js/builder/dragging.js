// Moving the rows of a list by a handle, with a mouse, a pen or a finger. By keyboard, Up and Down do it.

const EDGE = 60; // pixels from the window's edge where it scrolls

/** Gives each row its handle. `drop` is called with the row and its place from 0, if that has changed. */
export function drags(list, words, drop) {
  for (const row of list.children) row.prepend(handle(row, words, drop));
}

function handle(row, words, drop) {
  const grip = document.createElement("span");
  grip.className = "grip";
  grip.title = words;
  grip.setAttribute("aria-hidden", "true"); // the buttons are for those who do not see it
  grip.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    follow(row, grip, event, drop);
  });
  return grip;
}

function follow(row, grip, { pointerId }, drop) {
  const list = row.parentElement;
  const before = [...list.children].indexOf(row);
  const behind = row.nextElementSibling;
  const leaving = new AbortController();
  const { signal } = leaving;

  function end(isDropped) {
    leaving.abort();
    row.classList.remove("dragged");
    if (!isDropped) list.insertBefore(row, behind);
    const place = [...list.children].indexOf(row);
    if (place !== before) drop(row, place);
  }

  grip.setPointerCapture(pointerId);
  row.classList.add("dragged");
  grip.addEventListener("pointermove", (event) => move(row, event.clientY), { signal });
  grip.addEventListener("pointerup", () => end(true), { signal });
  grip.addEventListener("pointercancel", () => end(false), { signal });
  addEventListener("keydown", ({ key }) => key === "Escape" && end(false), { signal });
}

/** The others are put to its other side: were the row itself taken out, the pointer would lose it. */
function move(row, y) {
  if (y < EDGE) scrollBy(0, -20);
  if (y > innerHeight - EDGE) scrollBy(0, 20);
  const middle = (one) => one.getBoundingClientRect().top + one.offsetHeight / 2;
  while (row.previousElementSibling && y < middle(row.previousElementSibling)) {
    row.after(row.previousElementSibling);
  }
  while (row.nextElementSibling && y > middle(row.nextElementSibling)) {
    row.before(row.nextElementSibling);
  }
}
