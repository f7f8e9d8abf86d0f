// The zone of the page's times: what its clocks show, and how far they are from UTC. How times are written: dates.js.

const UTC = "UTC";
const formats = new Map();

/** @param {string} zone @returns {Intl.DateTimeFormat} */
function format(zone) {
  return new Intl.DateTimeFormat("en-GB", {
    timeZone: zone, hourCycle: "h23", timeZoneName: "longOffset",
    year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
  });
}

/** @returns {string} the page's zone; UTC where this browser doesn't know it, which then is what stands beside times */
function known() {
  const asked = document.body.dataset.zone ?? UTC;
  try {
    formats.set(asked, format(asked));
    return asked;
  } catch {
    formats.set(UTC, format(UTC));
    return UTC;
  }
}

/** IANA name */
export const zone = known();

/**
 * @param {number} seconds of the epoch
 * @returns {{ day: string, time: string, mark: string }} `2026-11-22`, `14:05:10`, and `+03:00`, or `UTC`
 */
export function wall(seconds) {
  if (zone === UTC) {
    const text = new Date(seconds * 1000).toISOString();
    return { day: text.slice(0, 10), time: text.slice(11, 19), mark: UTC };
  }
  /** @type {Record<string, string>} */
  const part = {};
  for (const { type, value } of formats.get(zone).formatToParts(new Date(seconds * 1000))) part[type] = value;
  const mark = part.timeZoneName.replace("GMT", "") || "+00:00";
  return { day: `${part.year}-${part.month}-${part.day}`, time: `${part.hour}:${part.minute}:${part.second}`, mark };
}

/** @param {number} seconds of the epoch @returns {string} the offset in words, as the clock has it: `UTC+3` */
export function beside(seconds) {
  const { mark } = wall(seconds);
  const [hours, minutes] = mark.split(":");
  if (mark === UTC || mark === "+00:00") return UTC;
  return `${UTC}${hours[0]}${Number(hours.slice(1))}${minutes === "00" ? "" : `:${minutes}`}`;
}

/**
 * @param {string | null} text ISO 8601, as an address has it; without an offset it is a time of this zone
 * @returns {number} seconds of the epoch; NaN where it is no time
 */
export function instant(text) {
  if (!text) return Number.NaN;
  if (/(Z|[+-]\d\d:?\d\d)$/i.test(text)) return Date.parse(text) / 1000;
  const naive = Date.parse(text.length > 10 ? `${text}Z` : text) / 1000;
  if (Number.isNaN(naive)) return naive;
  // What clocks show here then, as if it were UTC, tells how far on they are; the second look is for days on which they are set.
  const ahead = (/** @type {number} */ seconds) => {
    const { day, time } = wall(seconds);
    return Date.parse(`${day}T${time}Z`) / 1000 - seconds;
  };
  const before = naive - ahead(naive - 86_400);
  return before + ahead(before) === naive ? before : naive - ahead(naive - ahead(naive));
}

/** @param {string} address of a page @returns {string} the same, in the zone that this page's address names */
export function carried(address) {
  const named = new URLSearchParams(location.search).get("zone");
  if (named === null || /^\/(api|static)\//.test(address)) return address;
  const goal = new URL(address, location.href);
  if (!goal.searchParams.has("zone")) goal.searchParams.set("zone", named);
  return `${goal.pathname}${goal.search.replaceAll("%2F", "/")}${goal.hash}`;
}

/** Offers the browser's zone in the menu, and has links that scripts make go on in the zone of the address. */
export function startZone() {
  const control = /** @type {HTMLSelectElement | null} */ (document.getElementById("zone"));
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (control && own && own.includes("/") && ![...control.options].some((one) => one.value === own)) {
    control.add(new Option((control.dataset.browser ?? "{zone}").replace("{zone}", own), own), 1);
  }
  document.addEventListener("click", (event) => {
    const link = /** @type {Element} */ (event.target).closest?.("a[href^='/']:not([href^='//'])");
    if (link) link.setAttribute("href", carried(link.getAttribute("href") ?? "/"));
  }, { capture: true });
}
