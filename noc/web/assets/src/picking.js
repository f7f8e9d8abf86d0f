// Picks rows of the problem list: one, from one to another with Shift, all that nobody owns. The bar with "acknowledge"
// shows while some are picked, also after a live change.

/** @type {HTMLInputElement | null} */
let last = null;

/** @returns {HTMLInputElement[]} */
function boxes() {
  return [...document.querySelectorAll("input[data-pick]")].map((box) => /** @type {HTMLInputElement} */ (box));
}

/** @returns {HTMLInputElement[]} what "all" means: what nobody owns, or else everything */
function everything() {
  const free = boxes().filter((box) => !box.closest("tr")?.classList.contains("is-handled"));
  return free.length ? free : boxes();
}

function count() {
  const picked = boxes().filter((box) => box.checked).length;
  const bar = document.getElementById("picked");
  if (bar) bar.hidden = picked === 0;
  const number = document.getElementById("picked-count");
  if (number) number.textContent = String(picked);
  const all = /** @type {HTMLInputElement | null} */ (document.getElementById("pick-all"));
  if (all) {
    const wanted = everything();
    const have = wanted.filter((box) => box.checked).length;
    all.checked = have > 0 && have === wanted.length;
    all.indeterminate = have > 0 && have < wanted.length;
  }
}

/** @param {HTMLInputElement} box picked with Shift: all from the one before to it become as it is */
function range(box) {
  const all = boxes();
  const [from, to] = [last ? all.indexOf(last) : -1, all.indexOf(box)];
  if (from < 0) return;
  for (const one of all.slice(Math.min(from, to), Math.max(from, to) + 1)) one.checked = box.checked;
}

/** @param {Event} event after what was picked was done, nothing is picked any more */
function done(event) {
  const { ctx } = /** @type {CustomEvent} */ (event).detail;
  const form = /** @type {HTMLFormElement | null} */ (document.getElementById("picking"));
  if (ctx?.request?.method === "POST" && form && String(ctx.request.action).includes(form.getAttribute("action") ?? "-")) {
    for (const box of boxes()) box.checked = false;
    for (const field of form.querySelectorAll("#picked input, #picked select")) {
      const one = /** @type {HTMLInputElement} */ (field);
      if (one.type === "checkbox") one.checked = false;
      else one.value = "";
    }
  }
  count();
}

export function startPicking() {
  document.addEventListener("click", (event) => {
    const box = /** @type {HTMLInputElement} */ (event.target);
    if (!(box instanceof HTMLInputElement) || !box.matches("[data-pick]")) return;
    if (event.shiftKey) range(box);
    last = box;
    count();
  });
  document.addEventListener("change", (event) => {
    const box = /** @type {HTMLInputElement} */ (event.target);
    if (box.id === "pick-all") for (const one of everything()) one.checked = box.checked;
    if (box.id === "pick-all" || box.matches("[data-pick]")) count();
    // A filter is applied as soon as it is chosen; the button stays for those without scripts and for the keyboard.
    if (box.matches("form[data-filter] select")) box.form?.requestSubmit();
  });
  document.addEventListener("htmx:after:swap", done);
  count();
}
