// What scripts say, in the language of the page: noc/web/scriptwords.py hands it over in data-words of the body.

/**
 * @typedef {{ day: string, short: string, joined: string, months: string[] }} Dates shapes of days with and without the
 *   year (`{d} {MMM} {y}`), of a day and a time of day (`{1}, {0}`), and the months' names
 */

const told = JSON.parse(document.body.dataset.words ?? "{}");

/** @type {Record<string, string>} */
const words = told;

/** How the language writes days, as noc/i18n/dates.py has it.
 * @type {Dates} */
export const dates = told.dates ?? { day: "{y}-{M}-{d}", short: "{M}-{d}", joined: "{1} {0}", months: [] };

/**
 * @param {string} name as in noc/web/scriptwords.py
 * @param {Record<string, string | number>} [values] for what stands in braces
 * @returns {string}
 */
export function say(name, values = {}) {
  return (words[name] ?? name).replace(/\{(\w+)\}/g, (_, key) => String(values[key] ?? ""));
}

/**
 * @param {string} text a number as programs write it, 1,234.5
 * @returns {string} with the marks of the language
 */
export function marked(text) {
  return text.replace(/[.,]/g, (mark) => (mark === "." ? words.decimal : words.group) ?? mark);
}
