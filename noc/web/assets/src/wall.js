// The wall: fetches its own page anew and takes over what changed, without a reload; greys each tile by itself when its
// data are old, also while noc is silent; turns the pages of long lists. The map is <noc-map>, which asks for itself.
import { inWords } from "./ages.js";
import { NocLive } from "./live.js";
import { say } from "./words.js";

const EVERY_MS = 10_000;
const TURN_MS = 12_000;
const ANSWER_WITHIN_MS = 15_000;
const LOST_MS = 30_000;
const RELOAD_WITHIN_MS = 5_000;
/** So often in a row noc has to say that this wall may not look, before the page goes to be told why. */
const REFUSALS = 3;
const RELOADED = "noc-wall-build";

/** The server's time, and when by our own steady clock it was that. */
let served = Number(document.getElementById("wall")?.dataset.now) || Date.now();
let heard = performance.now();
let isAsking = false;
let refusals = 0;
let turn = 0;
/** @type {Map<string, string>} what noc sent for each part, to tell what changed */
const sent = new Map();
/** @type {Map<string, Intl.DateTimeFormat>} */
const clocks = new Map();

/** @returns {number} the server's time in milliseconds, as far as this page can know it */
function now() {
  return served + performance.now() - heard;
}

/** @param {Document} page */
function buildOf(page) {
  return page.querySelector("meta[name=noc-build]")?.getAttribute("content") ?? "";
}

/** After an update of noc scripts and style are others: the page loads itself anew, once for each. */
function reloadOnce(/** @type {string} */ build) {
  if (!build || build === buildOf(document) || sessionStorage.getItem(RELOADED) === build) return;
  sessionStorage.setItem(RELOADED, build);
  setTimeout(() => location.reload(), Math.random() * RELOAD_WITHIN_MS);
}

/**
 * @param {Element} part
 * @returns {string} what noc sent, without what moves on by itself
 */
function textOf(part) {
  for (const time of part.querySelectorAll("time")) time.textContent = "";
  return part.innerHTML;
}

/** @param {Document} fresh */
function take(fresh) {
  for (const part of fresh.querySelectorAll("[data-part]")) {
    const here = document.getElementById(part.id);
    const text = textOf(part);
    if (!here || sent.get(part.id) === text) continue;
    sent.set(part.id, text);
    here.replaceChildren(...document.adoptNode(part).childNodes);
  }
  for (const tile of fresh.querySelectorAll("[data-of]")) {
    const here = document.getElementById(tile.id);
    if (here && tile instanceof HTMLElement) here.dataset.of = tile.dataset.of;
  }
}

async function look() {
  if (isAsking) return;
  isAsking = true;
  const asked = performance.now();
  try {
    const limit = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const answer = await fetch(location.href, { cache: "no-store", redirect: "manual", signal: limit });
    if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) {
      refusals += 1;
      if (refusals === REFUSALS) location.reload();
      return;
    }
    refusals = 0;
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const time = Number(fresh.getElementById("wall")?.dataset.now);
    if (!time) return;
    served = time;
    // The answer was made after it was asked for: what stands here is never called younger than it is.
    heard = asked;
    take(fresh);
    document.dispatchEvent(new CustomEvent("noc:fresh"));
    reloadOnce(buildOf(fresh));
    show();
  } catch {
    // No answer: the tiles grey by themselves, and the next look is soon.
  } finally {
    isAsking = false;
  }
}

function lookAgain() {
  setTimeout(() => {
    void look();
    lookAgain();
  }, EVERY_MS * (0.8 + 0.4 * Math.random()));
}

/**
 * @param {string} zone
 * @param {boolean} seconds
 */
function clockOf(zone, seconds) {
  const key = `${zone} ${seconds}`;
  let found = clocks.get(key);
  if (!found) {
    const shown = /** @type {const} */ ({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    found = new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...shown, ...(seconds ? { second: "2-digit" } : {}) });
    clocks.set(key, found);
  }
  return found;
}

/**
 * @param {Element} element
 * @param {string} text
 */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function showTimes() {
  const time = now();
  for (const element of document.querySelectorAll("time[data-clock]")) {
    if (!(element instanceof HTMLElement)) continue;
    write(element, clockOf(element.dataset.clock ?? "UTC", "seconds" in element.dataset).format(time));
  }
  for (const element of document.querySelectorAll("time[data-age]")) {
    write(element, inWords((time - Date.parse(element.getAttribute("datetime") ?? "")) / 1000));
  }
}

function showAges() {
  const time = now();
  const silent = performance.now() - heard;
  for (const tile of document.querySelectorAll("[data-of]")) {
    if (!(tile instanceof HTMLElement)) continue;
    const age = Math.max(0, (time - Number(tile.dataset.of)) / 1000);
    tile.classList.toggle("is-old", age > Number(tile.dataset.old) || silent > LOST_MS);
    const said = tile.querySelector("[data-tile-age]");
    if (said) write(said, say("old", { age: inWords(age) }));
  }
  const lost = document.getElementById("wall-lost");
  if (!lost) return;
  lost.hidden = silent <= LOST_MS;
  write(lost, lost.hidden ? "" : say("picture", { age: inWords(silent / 1000) }));
}

function showTurns() {
  for (const tile of document.querySelectorAll(".wall-tile")) {
    const list = tile.querySelector("[data-turn]");
    const said = tile.querySelector("[data-turns]");
    if (!(list instanceof HTMLElement) || !said) continue;
    const pages = pagesOf(list);
    const page = turn % pages.length;
    only(list, pages[page]);
    write(said, pages.length > 1 ? `${page + 1}/${pages.length}` : "");
  }
}

/**
 * Names are told in full, if need be on two lines: a page has as many as there is room for, and as are said at most.
 * @param {HTMLElement} list
 * @returns {[number, number][]} the first of each page, and the one behind its last
 */
function pagesOf(list) {
  const most = Number(list.dataset.turn);
  const count = list.children.length;
  const room = list.closest(".wall-body") ?? list;
  /** @type {[number, number][]} */
  const pages = [];
  for (let first = 0; first < count; first = pages[pages.length - 1][1]) {
    let end = Math.min(first + most, count);
    for (only(list, [first, end]); end > first + 1 && room.scrollHeight > room.clientHeight + 1; only(list, [first, end])) end -= 1;
    pages.push([first, end]);
  }
  return pages.length ? pages : [[0, 0]];
}

/** @param {HTMLElement} list @param {[number, number]} shown */
function only(list, [first, end]) {
  [...list.children].forEach((item, index) => item.toggleAttribute("hidden", index < first || index >= end));
}

function show() {
  showTimes();
  showAges();
  showTurns();
}

customElements.define("noc-live", NocLive);
for (const part of document.querySelectorAll("[data-part]")) sent.set(part.id, textOf(part));
show();
setInterval(() => {
  showTimes();
  showAges();
}, 1000);
setInterval(() => {
  turn += 1;
  showTurns();
}, TURN_MS);
document.body.addEventListener("noc:changed", () => void look());
lookAgain();
