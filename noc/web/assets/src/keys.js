// The keyboard: j k x a / g? ?, as people know them. Off inside inputs, and off altogether where somebody says so.

const SWITCH = "noc-keys";
const PLACES = { p: "/problems", s: "/sites", t: "/top", a: "/availability" };
let going = false;

/** @returns {HTMLElement[]} */
function rows() {
  return [...document.querySelectorAll("[data-row]")].map((row) => /** @type {HTMLElement} */ (row));
}

/** @param {number} by */
function move(by) {
  const all = rows();
  if (!all.length) return;
  const here = all.findIndex((row) => row.contains(document.activeElement));
  const next = all[here < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, here + by))];
  const link = /** @type {HTMLElement | null} */ (next.querySelector("a[data-open]"));
  link?.focus();
  next.scrollIntoView({ block: "nearest" });
}

/** @param {string} selector */
function press(selector) {
  const row = document.activeElement?.closest("[data-row]");
  const target = /** @type {HTMLElement | null} */ ((row ?? document).querySelector(selector));
  target?.click();
  return target;
}

/** @param {string} key */
function act(key) {
  if (going) {
    going = false;
    const place = PLACES[/** @type {keyof typeof PLACES} */ (key)];
    if (place) location.assign(place);
    return Boolean(place);
  }
  switch (key) {
    case "j":
      move(1);
      return true;
    case "k":
      move(-1);
      return true;
    case "x":
      return Boolean(press("input[data-pick]"));
    case "a":
      return Boolean(press("[data-acknowledge]"));
    case "g":
      going = true;
      return true;
    case "/": {
      const search = /** @type {HTMLInputElement | null} */ (document.querySelector("input[type=search]"));
      search?.focus();
      search?.select();
      return Boolean(search);
    }
    case "?":
      help()?.showModal();
      return true;
    default:
      return false;
  }
}

function help() {
  return /** @type {HTMLDialogElement | null} */ (document.getElementById("keys"));
}

export function startKeys() {
  const box = /** @type {HTMLInputElement | null} */ (document.getElementById("keys-on"));
  if (box) {
    box.checked = localStorage.getItem(SWITCH) !== "off";
    box.addEventListener("change", () => localStorage.setItem(SWITCH, box.checked ? "on" : "off"));
  }
  document.getElementById("keys-open")?.addEventListener("click", () => help()?.showModal());
  document.addEventListener("keydown", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (target.isContentEditable || target.matches("input:not([type=checkbox]), textarea, select")) return;
    if (document.querySelector("dialog[open]")) return;
    if (localStorage.getItem(SWITCH) === "off" && event.key !== "?") return;
    if (act(event.key)) event.preventDefault();
  });
}
