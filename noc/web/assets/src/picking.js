// Picks rows of the problem list: the bar with "acknowledge" shows while some are picked, also after a live change.

function count() {
  const picked = document.querySelectorAll("input[data-pick]:checked").length;
  const bar = document.getElementById("picked");
  if (bar) bar.hidden = picked === 0;
  const number = document.getElementById("picked-count");
  if (number) number.textContent = String(picked);
  const all = /** @type {HTMLInputElement | null} */ (document.getElementById("pick-all"));
  const boxes = document.querySelectorAll("input[data-pick]").length;
  if (all) {
    all.checked = boxes > 0 && picked === boxes;
    all.indeterminate = picked > 0 && picked < boxes;
  }
}

export function startPicking() {
  document.addEventListener("change", (event) => {
    const box = /** @type {HTMLInputElement} */ (event.target);
    if (box.id === "pick-all") {
      for (const one of document.querySelectorAll("input[data-pick]")) {
        /** @type {HTMLInputElement} */ (one).checked = box.checked;
      }
    }
    if (box.id === "pick-all" || box.matches("[data-pick]")) count();
    // A filter is applied as soon as it is chosen; the button stays for those without scripts and for the keyboard.
    if (box.matches("form[data-filter] select")) box.form?.requestSubmit();
  });
  document.addEventListener("htmx:after:swap", count);
  count();
}
