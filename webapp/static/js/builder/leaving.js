// The browser asks before a page is left on which something is not saved.

/** `isSaved` is asked when the page is left, other than by its form: the result's `isMeant` tells of that. */
export function warns(form, isSaved) {
  const leaving = { isMeant: false };
  form.addEventListener("submit", () => (leaving.isMeant = true));
  addEventListener("pageshow", () => (leaving.isMeant = false));
  addEventListener("beforeunload", (event) => {
    if (!leaving.isMeant && !isSaved()) event.preventDefault();
  });
  return leaving;
}
