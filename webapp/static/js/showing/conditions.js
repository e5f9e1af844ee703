// Whether a show-if rule holds for what is typed. It reads answers as the server does when they are handed
// in (forms/kinds/, forms/showing.py); the same cases are run against both (tests/forms_with_rules.py).

import { readDay, readNumber } from "./reading.js";

const UNSEEN = new RegExp(
  "[\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u202a-\\u202e" +
    "\\u2060-\\u206f\\u2800\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb\\u{e0000}-\\u{e0fff}" +
    "\\s\\p{Cc}\\p{Cs}]",
  "gu",
);
const NO = ["no", "false", "off", "0"];

function isSeen(text) {
  return text.replace(UNSEEN, "") !== "";
}

/** By the name under which the server says how a kind's answers are read: the answers as they compare. */
const READ = {
  text: (texts) => texts.filter(isSeen),
  choice: (texts) => texts.filter(isSeen),
  tick: (texts) => texts.filter((text) => isSeen(text) && !NO.includes(text.trim().toLowerCase())),
  number: (texts) => texts.slice(0, 1).map(readNumber).filter((number) => number !== null),
  date: (texts) => texts.slice(0, 1).map(readDay).filter((day) => day !== null),
};

const COMPARED = {
  is: (answer, value) => answer === value,
  is_not: (answer, value) => answer === value,
  at_least: (answer, value) => answer >= value,
  at_most: (answer, value) => answer <= value,
};

/** Whether the rule `{ reads, test, values }` holds for the texts that a question's inputs would send. */
export function holds({ reads, test, values }, texts) {
  const read = READ[reads] ?? READ.text;
  const answers = read(texts);
  if (test === "answered") return answers.length > 0 === (values[0] === "true");
  const wanted = values.flatMap((value) => read([value]));
  const isMet = answers.some((answer) => wanted.some((value) => COMPARED[test](answer, value)));
  return isMet !== (test === "is_not");
}
