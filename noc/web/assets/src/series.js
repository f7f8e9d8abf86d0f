// Asks /api/v1/series, and puts what it answers on one axis of time, with gaps where there is nothing.
import { marked, say } from "./words.js";

/**
 * @typedef {{ tags: Record<string, string>, field: string, aggregate: string | null, interval_s: number | null,
 *   complete: number | null, times_ms: number[], values: number[] }} Series
 * @typedef {{ resolution: string, step_s: number | null, items: Series[] }} Answer
 * @typedef {{ names: string[], bands: [number, number][], data: [number[], ...(number | null)[][]], step: number, until: number, fine: string }} Columns
 *   data: uPlot's, seconds first, then a column for each name, then those of bands: columns of greatest and of least.
 *   step: seconds from one place on the axis to the next. until: seconds, the newest place that has a number. fine: what the numbers are, in small print.
 */

const BAND_FROM_S = 60;

/**
 * @param {string} source
 * @param {{ start: number, stop: number, step: number }} span
 * @returns {URL} of the numbers of a time
 */
export function seriesAddress(source, span) {
  const address = new URL(source, location.href);
  address.searchParams.set("from", new Date(Math.floor(span.start) * 1000).toISOString());
  address.searchParams.set("to", new Date(Math.ceil(span.stop) * 1000).toISOString());
  address.searchParams.set("step", `${span.step}s`);
  const aggregates = span.step < BAND_FROM_S ? ["mean"] : ["mean", "min", "max"];
  for (const aggregate of aggregates) address.searchParams.append("aggregate", aggregate);
  return address;
}

/**
 * @param {string} source
 * @param {{ start: number, stop: number, step: number }} span
 * @param {AbortSignal} signal
 * @returns {Promise<Answer>}
 */
export async function fetchSeries(source, span, signal) {
  const answer = await fetch(seriesAddress(source, span), { signal, headers: { Accept: "application/json" } });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.detail ?? body.title ?? `status ${answer.status}`);
  return body;
}

/**
 * @param {Answer} answer
 * @param {Map<string, string>} fields the wanted ones, and the word for each
 * @param {{ start: number, stop: number, step: number }} span
 * @returns {Columns}
 */
export function aligned(answer, fields, span) {
  const known = answer.items.filter((one) => fields.has(one.field) && one.times_ms.length);
  const wanted = known.filter((one) => one.aggregate === "mean");
  const order = [...fields.keys()];
  wanted.sort((one, other) => order.indexOf(one.field) - order.indexOf(other.field));
  const given = answer.step_s ?? span.step;
  // Polls each five minutes are no gaps on an axis of single minutes; one that is missing is.
  const step = Math.max(given, ...wanted.map((one) => one.interval_s ?? pace(one.times_ms)));
  const phase = step > given && wanted[0] ? (wanted[0].times_ms[0] / 1000) % step : 0;
  const first = Math.floor((span.start - phase) / step);
  const length = Math.max(1, Math.ceil((span.stop - phase) / step) - first + 1);
  const times = Array.from({ length }, (_, index) => (first + index) * step + phase);
  const column = (/** @type {Series} */ one) => {
    /** @type {(number | null)[]} */
    const filled = new Array(length).fill(null);
    one.times_ms.forEach((time, index) => {
      const place = Math.round((time / 1000 - phase) / step) - first;
      if (place >= 0 && place < length) filled[place] = one.values[index];
    });
    return filled;
  };
  const columns = wanted.map(column);
  const newest = Math.max(...columns.map((one) => one.findLastIndex((value) => value != null)));
  const until = times[newest] ?? 0;
  const edges = step > given ? [] : wanted.map((one) => ["max", "min"].map((word) => known.find((other) => isEdge(one, other, word))));
  const spread = edges.some(([high, low]) => high?.values.some((value, index) => value !== low?.values[index]));
  /** @type {[number, number][]} */
  const bands = [];
  for (const [high, low] of spread ? edges : []) {
    if (!high || !low) continue;
    bands.push([columns.length + 1, columns.length + 2]);
    columns.push(column(high), column(low));
  }
  const asMeasured = step > given || wanted.every((one) => (one.interval_s ?? 0) >= given);
  const fine = wanted.length ? smallPrint(answer, wanted, step, asMeasured, bands.length > 0) : "";
  return { names: wanted.map((one) => label(one, wanted, fields)), bands, data: [times, ...columns], step, until, fine };
}

/**
 * @param {Series} one
 * @param {Series} other
 * @param {string} word
 */
function isEdge(one, other, word) {
  const isSame = other.field === one.field && other.aggregate === word;
  return isSame && Object.entries(one.tags).every(([key, value]) => other.tags[key] === value);
}

/**
 * @param {Answer} answer
 * @param {Series[]} wanted
 * @param {number} step
 * @param {boolean} asMeasured
 * @param {boolean} banded
 */
function smallPrint(answer, wanted, step, asMeasured, banded) {
  const source = answer.resolution === "raw" ? [] : [say("rolled", { time: spoken(answer.resolution === "5m" ? 300 : 3600) })];
  const time = spoken(step);
  const what = asMeasured ? say("measured", { time }) : banded ? say("band", { time }) : say("mean", { time });
  const shares = wanted.map((one) => one.complete).filter((share) => share != null);
  const least = Math.floor(Math.min(...shares) * 100);
  const share = shares.length ? [say("complete", { n: least || "< 1" })] : [];
  return [what, ...source, ...share].join(" · ");
}

/**
 * @param {number} seconds
 * @returns {string} as people say it: 5 min, 2 h
 */
export function spoken(seconds) {
  if (seconds < 120 && seconds % 60) return say("seconds", { n: Math.round(seconds) });
  if (seconds < 7200 && seconds !== 3600) return say("minutes", { n: Math.round(seconds / 60) });
  if (seconds < 172_800) return say("hours", { n: marked(String(Math.round(seconds / 360) / 10)) });
  return say("days", { n: marked(String(Math.round(seconds / 8640) / 10)) });
}

/**
 * How far apart the numbers usually are: polls each five minutes are no gaps on an axis of single minutes.
 * @param {number[]} times milliseconds
 * @returns {number} seconds
 */
function pace(times) {
  const gaps = times.slice(1).map((time, index) => time - times[index]);
  gaps.sort((one, other) => one - other);
  return gaps.length ? Math.round(gaps[Math.floor(gaps.length / 2)] / 1000) : 0;
}

/**
 * @param {Series} one
 * @param {Series[]} all
 * @param {Map<string, string>} fields
 */
function label(one, all, fields) {
  const word = fields.get(one.field) ?? one.field;
  const alike = all.filter((other) => other.field === one.field);
  if (alike.length < 2) return word;
  const differs = Object.keys(one.tags).filter((key) => alike.some((other) => other.tags[key] !== one.tags[key]));
  const told = differs.find((key) => key === "name" || key === "ifName") ?? differs[0];
  return told ? `${one.tags[told]} ${word}`.trim() : word;
}
