// What scripts say, in the language of the page: noc/web/scriptwords.py hands it over in data-words of the body.

/** @type {Record<string, string>} */
const words = JSON.parse(document.body.dataset.words ?? "{}");

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
