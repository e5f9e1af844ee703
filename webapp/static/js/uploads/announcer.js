// What a screen reader is told in its own time: that a file has arrived, not every percent of it.

const KEPT_MS = 10_000;

const region = document.getElementById("upload-news");

/** Says the text after what is being said. */
export function announce(text) {
  const line = document.createElement("p");
  line.textContent = text;
  region.append(line);
  setTimeout(() => line.remove(), KEPT_MS);
}
