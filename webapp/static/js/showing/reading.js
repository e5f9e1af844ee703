// Numbers and days as people write them, read as forms/kinds/numbers.py reads them.

const MOST_DIGITS = 30;
const MOST_CHARACTERS = 100;
const LINE_ENDS = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/g;
const RAISED = /[²³¹⁰⁴-⁹⁺⁻₀-₉₊₋]/u; // 10² is not 102
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** On one line, without what is not seen. */
function clean(text) {
  const line = text.replace(LINE_ENDS, " ").replaceAll("\t", " ");
  return line.replace(/[\p{Cc}\p{Cs}]/gu, "").trim();
}

/** As a keyboard would give it: no full-width forms, hyphens for minus signs. */
function asTyped(text) {
  return text.replace(/\p{Cf}/gu, "").normalize("NFKC").replace(/[−–‐]/gu, "-").trim();
}

/** The number that is written, as a whole number of its smallest parts, so that any two compare exactly;
 * null for none. */
export function readNumber(given) {
  let text = clean(given);
  if ([...text].length > MOST_CHARACTERS || RAISED.test(text)) return null;
  text = asTyped(text).replace(/(?<=\d)[\s'’_](?=\d{3}(?!\d))/gu, "").replace(/^([+-])\s+/u, "$1");
  if (/^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$/.test(text)) text = text.replaceAll(",", "");
  else if (/^[+-]?\d{1,3}(\.\d{3})+,\d+$/.test(text) || /^[+-]?\d{1,3}(\.\d{3}){2,}$/.test(text))
    text = text.replaceAll(".", "").replace(",", ".");
  else if (/^[+-]?\d*,\d+$/.test(text)) text = text.replace(",", ".");
  if (!/^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(text) || text.length > MOST_DIGITS) return null;
  const [whole, part = ""] = text.replace(/^[+-]/, "").split(".");
  const size = BigInt(whole + part.padEnd(MOST_DIGITS, "0"));
  return text.startsWith("-") ? -size : size;
}

/** The day that is written, as `2026-12-01`; null for none. */
export function readDay(given) {
  const text = asTyped(clean(given));
  const yearFirst = /^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?$/u.exec(text);
  const dayFirst = /^(\d{1,2})\s*\.\s*(\d{1,2})\s*\.\s*(\d{4})$/.exec(text);
  const parts = yearFirst?.slice(1) ?? dayFirst?.slice(1).reverse();
  if (!parts) return null;
  const [year, month, day] = parts.map(Number);
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return null;
  return [String(year).padStart(4, "0"), pair(month), pair(day)].join("-");
}

function daysOf(year, month) {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && isLeap ? 29 : DAYS[month - 1];
}

function pair(number) {
  return String(number).padStart(2, "0");
}
