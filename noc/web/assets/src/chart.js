// <noc-chart src="/api/v1/series?…" unit="bit/s" fields="in_bps=in,out_bps=out">: numbers over time, live, and as a table.
// The range is the page's: ?range=6h, or ?from=…&to=… after a drag; from alone is until now. All charts of a page follow it.
import uPlot from "uplot";
import { serverNow } from "./ages.js";
import { savePicture } from "./chartfile.js";
import { drawMarks, fetchMarks, NocMarks } from "./marks.js";
import { format, shortTime, tickTime } from "./numbers.js";
import { aligned, fetchSeries, seriesAddress, spoken } from "./series.js";
import { say } from "./words.js";
import { instant, zone } from "./zone.js";

const COLOURS = { light: ["#0072b2", "#b35c00", "#00795a", "#a0447c"], dark: ["#56b4e9", "#e69f00", "#2fc79b", "#e08fbb"] };
const DASHES = [[], [6, 4], [2, 3], [10, 3, 2, 3]];
const BAND = [say("greatest"), say("least")];
/** Of the drawing; an attribute `height` says another. */
const HEIGHT_REM = 11;
const TABLE_ROWS = 200;
const AT_MOST_EVERY_MS = 10_000;
const RANGES = { "1h": 3600, "6h": 21_600, "24h": 86_400, "7d": 604_800, "30d": 2_592_000 };
const STEPS = [10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];

/** @typedef {{ start: number, stop: number, step: number, isNow: boolean }} Span seconds of the epoch; step in seconds */

/**
 * As noc/web/ranges.py reads an address, which tells what of it is not understood.
 * @returns {{ start: number, stop: number, isNow: boolean } | null} the time that the page's address names; null for a range
 */
function named() {
  const asked = new URLSearchParams(location.search);
  const [from, to] = [asked.get("from"), asked.get("to")];
  if (!from && !to) return null;
  const stop = to ? instant(to) : serverNow() / 1000;
  const start = from ? instant(from) : stop - rangeAsked();
  return start < stop ? { start, stop, isNow: !to } : null;
}

/** @returns {number} seconds */
function rangeAsked() {
  return RANGES[/** @type {keyof typeof RANGES} */ (new URLSearchParams(location.search).get("range"))] ?? RANGES["6h"];
}

/**
 * @param {Element} chart whose attributes from and to hold where the address names no time: that of an incident, say
 * @returns {Span} what the page's address asks for
 */
function span(chart) {
  const [from, to] = ["from", "to"].map((name) => instant(chart.getAttribute(name)));
  const isOwn = from < to && !new URLSearchParams(location.search).has("range");
  const now = serverNow() / 1000;
  const found = named() ?? (isOwn ? { start: from, stop: to, isNow: false } : { start: now - rangeAsked(), stop: now, isNow: true });
  const step = STEPS.find((one) => (found.stop - found.start) / one <= 400) ?? STEPS[STEPS.length - 1];
  return { ...found, step };
}

function isDark() {
  const theme = document.documentElement.dataset.theme;
  return theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function rem() {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
}

export class NocChart extends HTMLElement {
  /** @type {uPlot | null} */
  #plot = null;
  /** @type {import("./series.js").Columns | null} */
  #columns = null;
  /** @type {AbortController | null} */
  #asking = null;
  /** @type {ResizeObserver | null} */
  #sized = null;
  /** @type {import("./marks.js").Mark[]} */
  #marks = [];
  #seen = false;
  #loaded = 0;
  /** @type {IntersectionObserver | null} */
  #watch = null;

  connectedCallback() {
    this.#watch = new IntersectionObserver((entries) => {
      this.#seen = entries.some((entry) => entry.isIntersecting);
      if (this.#seen && !this.#columns) this.#load();
    }, { rootMargin: "200px" });
    this.#watch.observe(this);
    this.#sized = new ResizeObserver(() => this.#plot?.setSize(this.#size()));
    this.#sized.observe(this.#canvas());
    document.body.addEventListener("noc:changed", this.#onChange);
    document.addEventListener("noc:range", this.#onRange);
    document.addEventListener("noc:theme", this.#onTheme);
    this.#details()?.addEventListener("toggle", this.#onTable);
    this.querySelector("[data-png]")?.addEventListener("click", this.#onPicture);
  }

  disconnectedCallback() {
    this.#watch?.disconnect();
    this.#sized?.disconnect();
    this.#asking?.abort();
    this.#plot?.destroy();
    this.#plot = null;
    this.#columns = null;
    document.body.removeEventListener("noc:changed", this.#onChange);
    document.removeEventListener("noc:range", this.#onRange);
    document.removeEventListener("noc:theme", this.#onTheme);
    this.#details()?.removeEventListener("toggle", this.#onTable);
    this.querySelector("[data-png]")?.removeEventListener("click", this.#onPicture);
  }

  #onChange = () => {
    // Polls come by the minute; a storm of changes elsewhere is no reason to ask for these numbers each second.
    const isFresh = performance.now() - this.#loaded < AT_MOST_EVERY_MS;
    if (this.#seen && !isFresh && span(this).isNow) this.#load();
  };

  #onRange = () => {
    this.#columns = null;
    if (this.#seen) this.#load();
  };

  #onTheme = () => {
    if (this.#columns) this.#draw(this.#columns, true);
  };

  #onTable = () => this.#table();

  #onPicture = () => savePicture(this, (this.querySelector("h3")?.textContent ?? "chart").trim().replace(/[^\p{L}\p{N}]+/gu, "-"));

  /** @returns {HTMLElement} */
  #canvas() {
    return /** @type {HTMLElement} */ (this.querySelector("[data-canvas]"));
  }

  /** @returns {HTMLDetailsElement | null} */
  #details() {
    return this.querySelector("details");
  }

  #unit() {
    return this.getAttribute("unit") ?? "";
  }

  /** @returns {Map<string, string>} field to the word for it */
  #fields() {
    const pairs = (this.getAttribute("fields") ?? "").split(",").map((pair) => pair.split("="));
    return new Map(pairs.map(([field, word]) => [field, word ?? field]));
  }

  #size() {
    const high = Number(this.getAttribute("height") ?? HEIGHT_REM);
    return { width: Math.max(120, this.#canvas().clientWidth), height: Math.round(high * rem()) };
  }

  async #load() {
    this.#asking?.abort();
    const asking = (this.#asking = new AbortController());
    const wanted = span(this);
    this.#loaded = performance.now();
    this.setAttribute("aria-busy", "true");
    this.#file(wanted);
    this.#behind(wanted);
    try {
      const answer = await fetchSeries(this.getAttribute("src") ?? "", wanted, asking.signal);
      if (asking.signal.aborted || !this.isConnected) return;
      this.#columns = aligned(answer, this.#fields(), wanted);
      if (!this.hasAttribute("from") && isYoung(this.#columns, wanted)) return goTo({ range: "1h" }, true);
      this.#say(this.#columns.names.length ? "" : say("empty"));
      this.#draw(this.#columns, false);
      this.#tell(this.#columns.fine);
      this.#table();
    } catch (error) {
      if (asking.signal.aborted) return;
      this.#say(say("unread", { why: error instanceof Error ? error.message : String(error) }));
    } finally {
      if (this.#asking === asking) this.setAttribute("aria-busy", "false");
    }
  }

  /** The link to the same numbers as a file. @param {Span} wanted */
  #file(wanted) {
    const link = this.querySelector("a[data-csv]");
    if (!link) return;
    const address = seriesAddress(this.getAttribute("src") ?? "", wanted);
    address.searchParams.set("format", "csv");
    link.setAttribute("href", `${address.pathname}${address.search}`);
  }

  /** What stands behind the lines comes by itself, and later: the numbers don't wait for it. @param {Span} wanted */
  async #behind(wanted) {
    const source = this.getAttribute("marks");
    if (!source) return;
    this.#marks = await fetchMarks(source, wanted);
    for (const table of document.querySelectorAll("noc-marks")) if (table instanceof NocMarks) table.show(this.#marks);
    this.#plot?.redraw(false);
  }

  /** @param {string} words */
  #say(words) {
    const place = this.querySelector("[data-says]");
    if (place && place.textContent !== words) place.textContent = words;
    this.classList.toggle("is-empty", words !== "");
  }

  /** @param {string} fine what the numbers are */
  #tell(fine) {
    const place = this.querySelector("[data-fine]");
    if (place) place.textContent = fine;
  }

  /**
   * @param {import("./series.js").Columns} columns
   * @param {boolean} anew
   */
  #draw(columns, anew) {
    const known = this.#plot?.series.slice(1).map((one) => one.label ?? "").join();
    if (this.#plot && !anew && known === [...columns.names, ...columns.bands.flatMap(() => BAND)].join()) {
      this.#plot.setData(columns.data);
    } else {
      this.#plot?.destroy();
      this.#plot = columns.names.length ? new uPlot(this.#options(columns), columns.data, this.#canvas()) : null;
    }
  }

  /** Where nobody points at a moment, the legend tells the newest numbers. */
  #tellNewest = (/** @type {uPlot} */ plot) => {
    if ((plot.cursor.left ?? -1) >= 0) return;
    for (let index = plot.data[0].length - 1; index >= 0; index--) {
      if (plot.data.slice(1).some((column) => column[index] != null)) {
        plot.setLegend({ idx: index }, false);
        return;
      }
    }
  };

  /**
   * @param {import("./series.js").Columns} columns
   * @returns {uPlot.Options}
   */
  #options(columns) {
    // A canvas knows no light-dark(): the colours are asked for as they were worked out for this element.
    const style = getComputedStyle(this.#canvas());
    const [ink, line] = [style.color, style.caretColor];
    const colours = COLOURS[isDark() ? "dark" : "light"];
    const font = `${Math.round(rem() * 0.8)}px ${style.fontFamily}`;
    const axis = { stroke: ink, font, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1, size: 4 } };
    const unit = this.#unit();
    return {
      ...this.#size(),
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone),
      cursor: { sync: { key: "page", filters: { pub: isOfAll } }, drag: { x: true, y: false, setScale: false }, points: { size: 7 } },
      scales: { x: { time: true, range: this.#time }, y: { range: this.#range } },
      axes: [
        { ...axis, size: Math.round(rem() * 2), values: (_, ticks, __, ___, apart) => ticks.map((tick) => tickTime(tick, apart)) },
        { ...axis, size: Math.round(rem() * 3.8), values: (_, ticks) => ticks.map((tick) => format(tick, unit).replace(unit, "").trim()) },
      ],
      series: [
        { label: zone, value: (_, at) => (at == null ? "–" : shortTime(at)) },
        ...columns.names.map((name, index) => ({
          label: name,
          stroke: colours[index % colours.length],
          dash: DASHES[index % DASHES.length],
          fill: index === 0 && !columns.bands.length ? `${colours[0]}22` : undefined,
          width: rem() / 9,
          points: { show: true, size: rem() / 3, filter: lonely },
          spanGaps: false,
          value: (/** @type {uPlot} */ _, /** @type {number | null} */ value) => format(value, unit),
        })),
        ...columns.bands.flatMap(() => BAND).map((label) => ({ label, class: "is-band", width: 0, points: { show: false }, spanGaps: false })),
      ],
      bands: columns.bands.map((series, index) => ({ series, fill: `${colours[index % colours.length]}33` })),
      legend: { markers: { dash: (_, index) => (DASHES[(index - 1) % DASHES.length]?.length ? "dashed" : "solid") } },
      hooks: { drawClear: [(plot) => drawMarks(plot, this.#marks)], setSelect: [this.#onSelect], setCursor: [this.#tellNewest], setData: [this.#tellNewest], ready: [this.#tellNewest] },
    };
  }

  /** Polls have places on the axis; that of the newest may lie some seconds ahead, and is to be seen.
   * @type {uPlot.Range.Function} */
  #time = () => {
    const { start, stop } = span(this);
    return [start, Math.max(stop, this.#columns?.until ?? 0)];
  };

  /** @type {uPlot.Range.Function} */
  #range = (_, low, high) => {
    const top = this.#unit() === "%" ? 100 : Math.max(high ?? 1, 0) * 1.1 || 1;
    return [Math.min(0, (low ?? 0) * 1.1), top];
  };

  /** @param {uPlot} plot */
  #onSelect = (plot) => {
    if (plot.select.width < 5) return;
    const from = new Date(plot.posToVal(plot.select.left, "x") * 1000);
    const to = new Date(plot.posToVal(plot.select.left + plot.select.width, "x") * 1000);
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    goTo({ from: whole(from), to: whole(to) });
  };

  #table() {
    const body = this.querySelector("tbody");
    const head = this.querySelector("thead tr");
    if (!body || !head || !this.#details()?.open || !this.#columns) return;
    const { names, data, step } = this.#columns;
    const shown = data.slice(1, names.length + 1);
    const unit = this.#unit();
    head.replaceChildren(...[zone, ...names].map((name) => Object.assign(document.createElement("th"), { textContent: name, scope: "col" })));
    const rows = [];
    let missing = 0;
    for (let index = data[0].length - 1; index >= 0 && rows.length < TABLE_ROWS; index--) {
      const values = shown.map((column) => column[index]);
      if (values.every((value) => value == null)) {
        missing += 1;
        continue;
      }
      if (missing && rows.length) rows.push(gapRow(missing * step, names.length + 1));
      missing = 0;
      const row = document.createElement("tr");
      const cells = [shortTime(data[0][index]), ...values.map((value) => format(value ?? null, unit))];
      row.append(...cells.map((text) => Object.assign(document.createElement("td"), { textContent: text })));
      rows.push(row);
    }
    body.replaceChildren(...rows);
  }
}

/**
 * @param {number} seconds
 * @param {number} width cells
 */
function gapRow(seconds, width) {
  const row = document.createElement("tr");
  row.className = "is-gap";
  row.append(Object.assign(document.createElement("td"), { colSpan: width, textContent: say("gap", { time: spoken(seconds) }) }));
  return row;
}

/**
 * Which numbers no line joins to a neighbour: these need a dot to be seen.
 * @param {uPlot} plot
 * @param {number} index
 */
function lonely(plot, index) {
  const column = plot.data[index];
  /** @type {number[]} */
  const found = [];
  column.forEach((value, at) => {
    if (value != null && column[at - 1] == null && column[at + 1] == null) found.push(at);
  });
  return found;
}

/**
 * The crosshair is that of all charts; a drag is of one, which has all of them go there, once.
 * @param {string} type of an event
 */
function isOfAll(type) {
  return type !== "mousedown" && type !== "mouseup";
}

/** @param {Date} time */
function whole(time) {
  return `${time.toISOString().slice(0, 19)}Z`;
}

/**
 * Whether nobody chose a range, and all numbers are of the last hour: six hours would show next to nothing.
 * @param {import("./series.js").Columns} columns
 * @param {Span} wanted
 */
function isYoung(columns, wanted) {
  if (/[?&](range|from|to)=/.test(location.search)) return false;
  const times = columns.data[0].filter((_, index) => columns.data.slice(1).some((column) => column[index] != null));
  return times.length > 0 && times[0] > wanted.stop - RANGES["1h"];
}

/**
 * @param {Record<string, string>} asked
 * @param {boolean} [silently] without a step back in the history
 */
function goTo(asked, silently) {
  const address = new URL(location.href);
  for (const key of ["range", "from", "to"]) address.searchParams.delete(key);
  for (const [key, value] of Object.entries(asked)) address.searchParams.set(key, value);
  if (silently) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  moved();
}

/** The address names another time: what was said of the one before is over. */
function moved() {
  for (const said of document.querySelectorAll("[data-misread]")) said.remove();
  showRange();
  document.dispatchEvent(new CustomEvent("noc:range"));
}

function showRange() {
  const asked = new URLSearchParams(location.search).get("range") ?? "";
  const chosen = named() ? "" : asked in RANGES ? asked : "6h";
  for (const link of document.querySelectorAll("[data-range]")) {
    if (link.getAttribute("data-range") === chosen) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

document.addEventListener("click", (event) => {
  const link = /** @type {Element} */ (event.target).closest?.("a[data-range]");
  const mouse = /** @type {MouseEvent} */ (event);
  if (!link || mouse.ctrlKey || mouse.metaKey || mouse.shiftKey) return;
  event.preventDefault();
  goTo({ range: link.getAttribute("data-range") ?? "6h" });
});
window.addEventListener("popstate", () => {
  moved();
});
showRange();
