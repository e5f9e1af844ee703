// Choices that depend on each other: “None of these” excludes all else, and the text of “Other” is asked
// for where that is chosen. The server has the same rules.

function boxesOf(alone) {
  const boxes = [...alone.closest(".question").querySelectorAll(".option input")];
  return boxes.filter((box) => box !== alone && box.name === alone.name);
}

function excludeOthers(changed) {
  const alone = changed.closest(".question")?.querySelector("input[data-alone]");
  if (!alone || !changed.checked) return;
  if (changed === alone) for (const box of boxesOf(alone)) box.checked = false;
  else if (changed.name === alone.name) alone.checked = false;
}

/** What is hidden is not sent either; it comes back with what was written in it. */
function showTexts() {
  for (const other of document.querySelectorAll(".other")) {
    const text = other.querySelector(".other-text");
    const box = other.querySelector(".option input");
    text.hidden = !box.checked;
    text.querySelector("input").disabled = !box.checked;
  }
}

/** Without JavaScript, or from a program, a text may have come alone. */
function chooseWhatIsWritten() {
  for (const other of document.querySelectorAll(".other")) {
    const box = other.querySelector(".option input");
    const chosen = boxesOf(box).some((one) => one.checked);
    const isWritten = other.querySelector(".other-text input").value.trim() !== "";
    if (isWritten && !(chosen && box.type === "radio")) box.checked = true;
  }
}

document.addEventListener("change", (event) => {
  if (!event.target.matches(".option input")) return;
  excludeOthers(event.target);
  showTexts();
});
document.addEventListener("reset", () => setTimeout(showTexts));
addEventListener("pageshow", showTexts); // a browser may bring back what was chosen
chooseWhatIsWritten();
showTexts();
