// Numbers with units, as noc/web/words.py writes them: three figures, and a prefix where the unit takes one.
import { shortDay, written } from "./dates.js";
import { marked } from "./words.js";
import { wall, zone } from "./zone.js";

const PREFIXES = ["", "k", "M", "G", "T", "P"];
const PREFIXED = new Set(["bit/s", "packet/s", "B"]);

/**
 * @param {number | null | undefined} value
 * @param {string} unit
 * @returns {string}
 */
export function format(value, unit) {
  if (value == null) return "–";
  if (!PREFIXED.has(unit)) return unit ? `${figures(value)} ${unit}` : figures(value);
  let size = Math.abs(value);
  let power = 0;
  while (size >= 1000 && power < PREFIXES.length - 1) {
    size /= 1000;
    power += 1;
  }
  return `${value < 0 ? "-" : ""}${figures(size)} ${PREFIXES[power]}${unit}`;
}

/** @param {number} value */
function figures(value) {
  const size = Math.abs(value);
  const digits = size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : 2;
  return marked(value.toFixed(digits).replace(/\B(?<!\.\d*)(?=(\d{3})+(?!\d))/g, ","));
}

/**
 * @param {number} seconds of the epoch
 * @returns {string} in the page's zone, whose name stands above or beside it; with the offset, which may be another in the same chart
 */
export function shortTime(seconds) {
  return zone === "UTC" ? written(seconds).replace(/ UTC$/, "") : written(seconds);
}

/**
 * @param {number} seconds of the epoch
 * @param {number} apart seconds between two ticks
 * @returns {string} the time in the page's zone, or the day where ticks are days apart or a day begins
 */
export function tickTime(seconds, apart) {
  const { time } = wall(seconds);
  return apart >= 86_400 || time.startsWith("00:00") ? shortDay(seconds) : time.slice(0, 5);
}
