// The search box of every page: opened by / or its button; arrows walk through what is found.

function dialog() {
  return /** @type {HTMLDialogElement | null} */ (document.getElementById("find"));
}

/** @returns {boolean} whether there is such a box */
export function openFind() {
  const box = dialog();
  if (!box) return false;
  if (!box.open) box.showModal();
  const field = /** @type {HTMLInputElement | null} */ (document.getElementById("find-text"));
  field?.focus();
  field?.select();
  return true;
}

/** @param {number} by */
function walk(by) {
  const stops = [...document.querySelectorAll("#find-text, #found a[data-open]")];
  const here = stops.indexOf(/** @type {Element} */ (document.activeElement));
  const next = stops[Math.min(stops.length - 1, Math.max(0, here + by))];
  /** @type {HTMLElement} */ (next)?.focus();
}

export function startFind() {
  document.getElementById("find-open")?.addEventListener("click", (event) => {
    const { ctrlKey, metaKey, shiftKey } = /** @type {MouseEvent} */ (event);
    if (!(ctrlKey || metaKey || shiftKey) && openFind()) event.preventDefault();
  });
  dialog()?.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    walk(by);
  });
  // Outside of the box is what is behind it.
  dialog()?.addEventListener("click", (event) => {
    if (event.target === dialog()) dialog()?.close();
  });
}
