// Where files come from besides the chooser: dropped, pasted, a whole folder, a camera.

import { say } from "./words.js";

const PHOTOS = [".jpg", ".jpeg", ".heic"];
const VIDEOS = [".mp4", ".mov", ".webm", ".3gp"];
const TEXT_FIELDS = "input:not([type=file]), textarea";

const isPhone = matchMedia("(pointer: coarse)").matches;

/** Which further buttons make sense here for a field: some of "folder", "photo", "video". */
export function buttonsFor({ accept, maxFiles }) {
  const takes = (endings) => !accept.length || accept.some((ending) => endings.includes(ending));
  const canPickFolders = !isPhone && "webkitdirectory" in HTMLInputElement.prototype;
  const hasCamera = isPhone && "capture" in HTMLInputElement.prototype;
  return [
    canPickFolders && maxFiles > 1 && "folder",
    hasCamera && takes(PHOTOS) && "photo",
    hasCamera && takes(VIDEOS) && "video",
  ].filter(Boolean);
}

/** Opens the system's own dialog; `take` is called with the files and whether they are a folder's. */
export function open(source, take) {
  const input = document.createElement("input");
  input.type = "file";
  if (source === "folder") {
    input.webkitdirectory = true;
  } else {
    input.accept = source === "photo" ? "image/*" : "video/*";
    input.capture = "environment";
  }
  input.addEventListener("change", () => take([...input.files], source === "folder"));
  input.click();
}

export function holdsFiles(transfer) {
  return transfer?.types.includes("Files") ?? false;
}

/** The dropped files, and those in dropped folders: `{ files, isFolder }`. */
export async function dropped(transfer) {
  // all entries at once: after the first await the browser has taken the rest away
  const items = [...transfer.items].filter((item) => item.kind === "file");
  const entries = items.map((item) => [item.webkitGetAsEntry?.(), item.getAsFile()]);
  const isFolder = entries.some(([entry]) => entry?.isDirectory);
  const files = [];
  for (const [entry, file] of entries) {
    if (entry?.isDirectory) await collect(entry, files);
    else if (file) files.push(file);
  }
  return { files, isFolder };
}

async function collect(folder, files) {
  const reader = folder.createReader();
  for (;;) {
    const entries = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (!entries.length) return; // it gives a hundred at a time
    for (const entry of entries) {
      if (entry.isDirectory) await collect(entry, files);
      else files.push(await new Promise((resolve, reject) => entry.file(resolve, reject)));
    }
  }
}

/** The files of a paste; none where it is text for the field that has the focus. */
export function pasted(event) {
  const isText = event.clipboardData.types.includes("text/plain");
  if (isText && document.activeElement?.matches(TEXT_FIELDS)) return [];
  return [...event.clipboardData.files].map(named);
}

/** Pictures from the clipboard are all called image.png. */
function named(file) {
  if (file.name !== "image.png") return file;
  const now = new Date(Date.now() - new Date().getTimezoneOffset() * 60_000);
  const moment = now.toISOString().slice(0, 19).replace("T", " ").replaceAll(":", ".");
  const { type, lastModified } = file;
  return new File([file], `${say("screenshot")} ${moment}.png`, { type, lastModified });
}
