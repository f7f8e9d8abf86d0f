// A list that people are in stands still: what is new waits behind a bar, what is over greys where it stands. Who is in
// it: the pointer is over its rows, a row has the focus, or a finger touched it a moment ago. The page then says which rows it shows, and the server
// answers with those (noc/web/views/problems.py).

const HEADER = "X-Noc-Held";
const TOUCH_HOLDS_MS = 5000;
const RELEASE_AFTER_MS = 400;
let touched = -Infinity;
let isReleased = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let leaving;

/** @returns {boolean} */
function isIn() {
  if (isReleased) return false;
  const rows = "[data-still] tbody";
  if (document.activeElement?.closest(rows)) return true;
  if (performance.now() - touched < TOUCH_HOLDS_MS) return true;
  return matchMedia("(hover: hover)").matches && document.querySelector(`${rows}:hover`) !== null;
}

/** @returns {string} the numbers of the rows that are shown, in their order */
function shown() {
  return [...document.querySelectorAll("[data-still] tr[data-row]")].map((row) => row.getAttribute("data-row")).join(" ");
}

/**
 * @param {Event} event
 * @returns {any} the request, where it brings a list that may have to stand still
 */
function listing(event) {
  const { ctx } = /** @type {CustomEvent} */ (event).detail;
  const target = ctx?.target;
  return target instanceof Element && target.querySelector("[data-still]") ? ctx : null;
}

function refresh() {
  document.body.dispatchEvent(new CustomEvent("noc:changed"));
}

function leave() {
  clearTimeout(leaving);
  leaving = setTimeout(() => {
    const isBehind = document.querySelector("[data-still] #waiting:not([hidden]), [data-still] tr.is-gone");
    if (isBehind && !isIn()) refresh();
  }, RELEASE_AFTER_MS);
}

export function startStill() {
  document.addEventListener("htmx:config:request", (event) => {
    const ctx = listing(event);
    if (ctx && isIn() && shown()) ctx.request.headers[HEADER] = shown();
  });
  document.addEventListener("htmx:before:swap", (event) => {
    const ctx = listing(event);
    // Somebody came in while the answer was on its way: it is asked for once more.
    if (ctx && isIn() && shown() && !ctx.request.headers[HEADER]) {
      event.preventDefault();
      setTimeout(refresh, 0);
    }
  });
  document.addEventListener("htmx:after:swap", (event) => {
    if (!listing(event)) return;
    if (isReleased) /** @type {HTMLElement | null} */ (document.querySelector("[data-still] a[data-open]"))?.focus();
    isReleased = false;
  });
  document.addEventListener("click", (event) => {
    if (!(/** @type {Element} */ (event.target).closest("[data-release]"))) return;
    isReleased = true;
    refresh();
  });
  document.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "mouse" || !(/** @type {Element} */ (event.target).closest("[data-still] tbody"))) return;
    touched = performance.now();
    setTimeout(leave, TOUCH_HOLDS_MS);
  });
  for (const name of ["pointerout", "focusout"]) document.addEventListener(name, leave);
}
