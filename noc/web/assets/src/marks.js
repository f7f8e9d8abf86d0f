// What stands behind charts: when something was down, unknown, planned, in an incident, or sent something.
// Asked once for all charts of a page, drawn as bands and ticks, and told as a table by <noc-marks>.
import { written } from "./dates.js";
import { say } from "./words.js";

/** @typedef {{ kind: string, start: string, end: string | null, text: string, severity: string, url: string }} Mark */

/** @type {Map<string, Promise<Mark[]>>} */
const asked = new Map();
const KEPT = 4;

/**
 * @param {string} source
 * @param {{ start: number, stop: number }} span seconds of the epoch
 * @returns {Promise<Mark[]>} none where they can't be read: numbers are shown all the same
 */
export function fetchMarks(source, span) {
  const address = new URL(source, location.href);
  // To ten seconds: the charts of a page ask one after another, and are to be given the same answer.
  const round = (/** @type {number} */ seconds) => new Date(Math.floor(seconds / 10) * 10_000).toISOString();
  address.searchParams.set("from", round(span.start));
  address.searchParams.set("to", round(span.stop + 10));
  address.searchParams.set("lang", document.documentElement.lang || "en");
  const known = asked.get(address.href);
  if (known) return known;
  const answer = fetch(address, { priority: "low", headers: { Accept: "application/json" } })
    .then((one) => (one.ok ? one.json() : { items: [] }))
    .then((body) => body.items ?? [], () => []);
  asked.set(address.href, answer);
  for (const key of asked.keys()) if (asked.size > KEPT) asked.delete(key);
  return answer;
}

/** @type {Record<string, string>} */
const KINDS = { down: say("outage"), unknown: say("unseen"), window: say("planned"), incident: say("incident"), event: say("event") };
/** @type {Record<string, string>} */
const SEVERITIES = { critical: say("critical"), major: say("major"), minor: say("minor"), warning: say("warning"), info: say("info") };
const FILLS = { down: "--critical", unknown: "--unknown", window: "--accent" };
const LANES = { down: 0, unknown: 0, window: 1, incident: 2, event: 3 };

/**
 * Draw marks behind the lines of a chart: bands with a strip on top, each kind in a lane and with a pattern of its own.
 * @param {import("uplot")} plot
 * @param {Mark[]} marks
 */
export function drawMarks(plot, marks) {
  const { ctx, bbox } = plot;
  const style = getComputedStyle(plot.root);
  const unit = Math.max(2, Math.round(bbox.height / 60));
  const right = bbox.left + bbox.width;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const mark of marks) {
    const from = Math.max(bbox.left, plot.valToPos(Date.parse(mark.start) / 1000, "x", true));
    const isMoment = mark.kind === "event";
    const end = mark.end ? Math.min(right, plot.valToPos(Date.parse(mark.end) / 1000, "x", true)) : isMoment ? from : right;
    if (end < bbox.left || from > right) continue;
    const name = FILLS[/** @type {keyof typeof FILLS} */ (mark.kind)] ?? (mark.severity && mark.severity !== "info" ? `--${mark.severity}` : "--muted");
    ctx.fillStyle = ctx.strokeStyle = colour(style, name);
    const width = Math.max(end - from, unit);
    const lane = bbox.top + LANES[/** @type {keyof typeof LANES} */ (mark.kind)] * unit * 2;
    if (isMoment) {
      ctx.fillRect(from, bbox.top + bbox.height - unit * 3, unit / 2, unit * 3);
      continue;
    }
    if (mark.kind !== "incident") {
      ctx.globalAlpha = 0.13;
      ctx.fillRect(from, bbox.top, width, bbox.height);
      ctx.globalAlpha = 0.5;
      if (mark.kind === "window") hatch(ctx, from, bbox.top, width, bbox.height, unit);
      ctx.globalAlpha = 1;
    }
    ctx.fillRect(from, lane, width, unit);
  }
  ctx.restore();
}

/**
 * @param {CSSStyleDeclaration} style
 * @param {string} name
 * @returns {string} a colour that a canvas knows: it has no light-dark()
 */
function colour(style, name) {
  const probe = document.createElement("i");
  probe.className = `c-probe ${name.slice(2)}`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found || style.color;
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {number} left
 * @param {number} top
 * @param {number} width
 * @param {number} height
 * @param {number} unit
 */
function hatch(ctx, left, top, width, height, unit) {
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.beginPath();
  for (let at = left - height; at < left + width; at += unit * 5) {
    ctx.moveTo(at, top + height);
    ctx.lineTo(at + height, top);
  }
  ctx.lineWidth = Math.max(1, unit / 3);
  ctx.stroke();
  ctx.restore();
}

/** The same marks as a table: for who can't see the drawing, and for who wants to go there. */
export class NocMarks extends HTMLElement {
  /** @param {Mark[]} marks */
  show(marks) {
    const body = this.querySelector("tbody");
    if (!body) return;
    this.hidden = marks.length === 0;
    const count = this.querySelector("[data-count]");
    if (count) count.textContent = String(marks.length);
    body.replaceChildren(...[...marks].reverse().map(row));
  }
}

/** @param {Mark} mark */
function row(mark) {
  const line = document.createElement("tr");
  const word = [KINDS[mark.kind], SEVERITIES[mark.severity]].filter(Boolean).join(", ");
  const what = mark.url ? Object.assign(document.createElement("a"), { href: mark.url, textContent: word }) : document.createTextNode(word);
  const head = Object.assign(document.createElement("th"), { scope: "row" });
  head.append(what);
  const end = mark.end ? moment(mark.end) : mark.kind === "event" ? "" : say("goes_on");
  const cells = [moment(mark.start), end].map((text) => Object.assign(document.createElement("td"), { textContent: text, dir: "auto" }));
  const text = Object.assign(document.createElement("bdi"), { textContent: mark.text });
  const said = document.createElement("td");
  said.append(text);
  line.append(head, ...cells, said);
  return line;
}

/** @param {string} text */
function moment(text) {
  return written(Date.parse(text) / 1000);
}
