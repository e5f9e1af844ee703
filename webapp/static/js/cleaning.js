// A text as the server stores it (`clean` in webapp/forms/kinds/base.py), so that both count alike.

const LINE_ENDS = /\r\n|[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]/;
const CONTROLS = /[\p{Cc}\p{Cs}]/gu;
const SPACE = "[\\t\\n \\xa0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000]+";
const SPACE_AROUND = new RegExp(`^${SPACE}|${SPACE}$`, "g");
const UNSEEN =
  /[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\u{e0000}-\u{e0fff}\s]/gu;

/** The cleaned text; `lines` where line ends stay. */
export function clean(text, lines) {
  let kept = text.split(LINE_ENDS).join(lines ? "\n" : " ");
  if (!lines) kept = kept.replaceAll("\t", " ");
  kept = kept.replace(CONTROLS, (one) => (one === "\n" || one === "\t" ? one : ""));
  kept = kept.normalize("NFC").replace(SPACE_AROUND, "");
  return kept.replace(UNSEEN, "") ? kept : "";
}

/** How many characters the cleaned text has: Unicode code points. */
export function length(text, lines) {
  return [...clean(text, lines)].length;
}
