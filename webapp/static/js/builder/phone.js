// The preview beside the fields: a frame, filled anew when something has changed, and left where it was
// scrolled to.

const phone = document.querySelector(".phone");
const frame = phone?.querySelector("iframe");

function keepPlace() {
  const top = frame.contentWindow?.scrollY ?? 0;
  frame.addEventListener("load", () => frame.contentWindow.scrollTo(0, top), { once: true });
}

/** Shows the draft as it is saved now. */
export function refresh() {
  if (!frame?.getAttribute("src") || phone.offsetParent === null) return;
  keepPlace();
  frame.contentWindow.location.replace(frame.src);
}

/** Shows a page of the server's. */
export function show(html) {
  phone.hidden = false;
  keepPlace();
  frame.srcdoc = html;
}

/** Whether there is room for it on this screen. */
export function isSeen() {
  return phone !== null && matchMedia("(min-width: 64rem)").matches;
}
