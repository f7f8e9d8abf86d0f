// Asks /api/v1/series, and puts what it answers on one axis of time, with gaps where there is nothing.

/** @typedef {{ tags: Record<string, string>, field: string, times_ms: number[], values: number[] }} Series */
/** @typedef {{ names: string[], data: [number[], ...(number | null)[][]] }} Columns data: uPlot's, seconds first */

/**
 * @param {string} source
 * @param {{ start: number, stop: number, step: number }} span
 * @param {AbortSignal} signal
 * @returns {Promise<Series[]>}
 */
export async function fetchSeries(source, span, signal) {
  const address = new URL(source, location.href);
  address.searchParams.set("from", new Date(Math.floor(span.start) * 1000).toISOString());
  address.searchParams.set("to", new Date(Math.ceil(span.stop) * 1000).toISOString());
  address.searchParams.set("step", `${span.step}s`);
  const answer = await fetch(address, { signal, headers: { Accept: "application/json" } });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.detail ?? body.title ?? `status ${answer.status}`);
  return body.items;
}

/**
 * @param {Series[]} series
 * @param {Map<string, string>} fields the wanted ones, and the word for each
 * @param {{ start: number, stop: number, step: number }} span
 * @returns {Columns}
 */
export function aligned(series, fields, span) {
  const wanted = series.filter((one) => fields.has(one.field) && one.times_ms.length);
  const order = [...fields.keys()];
  wanted.sort((one, other) => order.indexOf(one.field) - order.indexOf(other.field));
  const step = Math.max(span.step, ...wanted.map((one) => pace(one.times_ms)));
  const first = Math.floor(span.start / step);
  const length = Math.max(1, Math.ceil(span.stop / step) - first);
  const times = Array.from({ length }, (_, index) => (first + index) * step);
  const columns = wanted.map((one) => {
    /** @type {(number | null)[]} */
    const column = new Array(length).fill(null);
    one.times_ms.forEach((time, index) => {
      const place = Math.floor(time / 1000 / step) - first;
      if (place >= 0 && place < length) column[place] = one.values[index];
    });
    return column;
  });
  return { names: wanted.map((one) => label(one, wanted, fields)), data: [times, ...columns] };
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
