// Times as noc/web/zones.py writes them, by the same shapes: the language's, with the zone behind, without the year of now.
import { serverNow } from "./ages.js";
import { dates } from "./words.js";
import { wall } from "./zone.js";

/** Marks around what is read from left to right in every language, as Language.isolated has them. */
const [ISOLATE, END] = document.documentElement.dir === "rtl" ? ["\u2066", "\u2069"] : ["", ""];

/**
 * @param {string} shape
 * @param {string} day `2026-11-22`
 */
function shaped(shape, day) {
  const [y, month, d] = day.split("-").map(Number);
  /** @type {Record<string, string | number>} */
  const values = { y, M: month, MMM: dates.months[month - 1] ?? month, d };
  return shape.replace(/\{(\w+)\}/g, (_, field) => String(values[field] ?? ""));
}

/** @param {string} day @param {string} time */
function joined(day, time) {
  return dates.joined.replace("{1}", () => day).replace("{0}", () => time);
}

/** @param {string} mark `+03:00` or `UTC` */
function isolated(mark) {
  return mark === "UTC" ? mark : `${ISOLATE}${mark}${END}`;
}

/** @param {string} day */
function told(day) {
  const year = wall(serverNow() / 1000).day.split("-")[0];
  return shaped(day.startsWith(`${year}-`) ? dates.short : dates.day, day);
}

/** @param {number} seconds of the epoch @returns {string} `22 Nov, 14:05:09 +03:00` */
export function written(seconds) {
  const { day, time, mark } = wall(seconds);
  return `${joined(told(day), time)} ${isolated(mark)}`;
}

/** @param {number} seconds of the epoch @returns {string} with the year, for what is kept: `22 Nov 2026, 14:05:09 +03:00` */
export function whole(seconds) {
  const { day, time, mark } = wall(seconds);
  return `${joined(shaped(dates.day, day), time)} ${isolated(mark)}`;
}

/**
 * @param {number} seconds of the epoch
 * @returns {string} the day, without its year: `22 Nov`
 */
export function shortDay(seconds) {
  return shaped(dates.short, wall(seconds).day);
}
