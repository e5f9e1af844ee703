// Buttons that copy the text of an element; a browser that does not allow it shows none.

for (const button of document.querySelectorAll("[data-copy]")) {
  const text = document.getElementById(button.dataset.copy).textContent.trim();
  const label = button.textContent;
  if (!navigator.clipboard) continue; // as on a page that came over http from elsewhere
  button.hidden = false;
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text);
    button.textContent = button.dataset.copied;
    setTimeout(() => (button.textContent = label), 3000);
  });
}
