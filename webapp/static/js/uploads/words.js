// What is said of files, in the page's language. The sentences stand in the page, as data-… of
// #upload-words, with {name} for what goes in.

const UNITS = [["TB", 1024 ** 4], ["GB", 1024 ** 3], ["MB", 1024 ** 2], ["KB", 1024]];

const sentences = document.getElementById("upload-words").dataset;
const language = document.documentElement.lang;
const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
const percents = new Intl.NumberFormat(language, { style: "percent" });

/** The sentence with what goes in. */
export function say(name, values = {}) {
  return fill(sentences[name], values);
}

/** A text with `{name}` replaced by the values of these names. */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}

/** A size as the server writes it: `1.2 MB`. */
export function size(bytes) {
  const [unit, factor] = UNITS.find(([, factor]) => bytes >= factor) ?? ["B", 1];
  return `${number.format(bytes / factor)} ${unit}`;
}

/** Never 100 % before it is all there. */
export function percent(part, whole) {
  return percents.format(Math.floor((part / whole) * 100) / 100);
}

/** `about 2 minutes left`. */
export function left(seconds) {
  const [value, unit] =
    seconds < 60 ? [Math.max(Math.ceil(seconds / 5) * 5, 5), "second"]
    : seconds < 3600 ? [Math.round(seconds / 60), "minute"]
    : [Math.round(seconds / 360) / 10, "hour"];
  const format = { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: 1 };
  return say("left", { time: new Intl.NumberFormat(language, format).format(value) });
}

/** A file's name without the marks that turn the writing direction, as the server shows it. */
export function shown(name) {
  return name.replace(/(?!\u200d)\p{Cf}/gu, "");
}
