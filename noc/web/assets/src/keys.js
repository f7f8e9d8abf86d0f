// The keyboard, as people know it: what the keys are stands in noc/web/keys.py. Off inside inputs, and off altogether
// where somebody says so.
import { openFind } from "./find.js";
import { carried } from "./zone.js";

const SWITCH = "noc-keys";
/** @type {Record<string, string>} letters behind g, and the addresses that they lead to */
const PLACES = JSON.parse(document.body.dataset.go ?? "{}");
const GO_FOR_MS = 2000;
let going = -Infinity;

/** @returns {HTMLElement[]} */
function rows() {
  const all = [...document.querySelectorAll("main [data-row]")].map((row) => /** @type {HTMLElement} */ (row));
  return all.filter((row) => row.querySelector("a[data-open]") && row.offsetHeight > 0);
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
  return Boolean(target);
}

function filter() {
  const field = /** @type {HTMLInputElement | null} */ (document.querySelector("main input[type=search]"));
  field?.focus();
  field?.select();
  return Boolean(field);
}

function help() {
  const list = /** @type {HTMLDialogElement | null} */ (document.getElementById("keys"));
  list?.showModal();
  return Boolean(list);
}

/** @type {Record<string, () => boolean | void>} */
const ACTS = {
  j: () => move(1),
  k: () => move(-1),
  x: () => press("input[data-pick]"),
  X: () => press("#pick-all"),
  a: () => press("[data-acknowledge]"),
  n: () => press("[data-release]"),
  "[": () => press("a[rel=prev]"),
  "]": () => press("a[rel=next]"),
  f: filter,
  "/": () => openFind() || filter(),
  "?": help,
  h: () => press("[data-tour-away]"),
};

/** @param {string} key */
function act(key) {
  if (performance.now() - going < GO_FOR_MS) {
    going = -Infinity;
    if (PLACES[key]) location.assign(carried(PLACES[key]));
    return Boolean(PLACES[key]);
  }
  if (key === "g") {
    going = performance.now();
    return true;
  }
  return Object.hasOwn(ACTS, key) && ACTS[key]() !== false;
}

export function startKeys() {
  const box = /** @type {HTMLInputElement | null} */ (document.getElementById("keys-on"));
  if (box) {
    box.checked = localStorage.getItem(SWITCH) !== "off";
    box.addEventListener("change", () => localStorage.setItem(SWITCH, box.checked ? "on" : "off"));
  }
  document.getElementById("keys-open")?.addEventListener("click", help);
  document.addEventListener("keydown", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (target.isContentEditable || target.matches("input:not([type=checkbox]), textarea, select")) return;
    if (document.querySelector("dialog[open]")) return;
    if (localStorage.getItem(SWITCH) === "off" && event.key !== "?") return;
    if (act(event.key)) event.preventDefault();
  });
}
