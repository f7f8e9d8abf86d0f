// <noc-map>: all sites and circuits on an outline of land, live. By itself it shows, zooms, moves and lets people pick.
//
//   <noc-map data-region="africa" data-level="down" data-site="goma"></noc-map>     as /map has it; all three may be empty
//   <noc-map data-quiet></noc-map>                                                  for a wall: no controls, larger
//
// It fills what its style gives it (with data-quiet the whole of its parent), asks /api/v1/map once and
// /api/v1/map/states whenever `noc:changed` comes to the body (<noc-live> sends it), each minute by itself, and sets
// data-state: loading, live, old (its answers are too old: it says so), empty, failed. Keep it out of parts that are
// morphed, or give it hx-morph-skip. What it says is in noc/web/scriptwords.py. Its script is map.js alone.
import { select } from "d3-selection";
import { zoom, zoomIdentity } from "d3-zoom";
import { inWords } from "./ages.js";
import { Card } from "./mapcard.js";
import { COLOURS, draw, seenAt, sizeOf } from "./mapdraw.js";
import { Feed } from "./mapfeed.js";
import { World } from "./mapworld.js";
import { say } from "./words.js";

const ZOOM_AT_MOST = 60;
const REGION_ZOOM_AT_MOST = 12;
const STEP = 1.6;
const PAN_PX = 80;
const PICK_PX = 12;
const STATES = /** @type {Record<string, string>} */ ({
  up: say("up"), degraded: say("degraded"), unknown: say("unknown"), unreachable: say("unreachable"), down: say("down"),
});

/** @typedef {import("./mapdraw.js").Look} Look */

export class NocMap extends HTMLElement {
  #canvas = document.createElement("canvas");
  #probe = document.createElement("i");
  #note = document.createElement("p");
  #told = document.createElement("p");
  #feed = new Feed();
  /** @type {World | null} */
  #world = null;
  #view = zoomIdentity;
  /** @type {import("d3-zoom").ZoomBehavior<HTMLCanvasElement, unknown>} */
  #zoom = zoom();
  /** @type {Record<string, string>} */
  #colours = {};
  #frame = 0;
  #hovered = -1;
  #isBegun = false;
  /** @type {Card | null} of the site that was picked */
  #card = null;
  /** @type {AbortController | null} of everything that it listens to */
  #life = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #beat;
  /** @type {ResizeObserver | null} */
  #sized = null;

  get #isQuiet() {
    return "quiet" in this.dataset;
  }

  connectedCallback() {
    const life = (this.#life = new AbortController());
    this.#build();
    const on = { signal: life.signal };
    document.body.addEventListener("noc:changed", () => this.#ask(), on);
    document.addEventListener("noc:theme", () => this.#paint(), on);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#paint(), on);
    this.#sized = new ResizeObserver(() => this.#fit());
    this.#sized.observe(this);
    this.#beat = setInterval(() => this.#look(), 5000);
    if (!this.#isQuiet) this.#listen(on);
    this.dataset.state = "loading";
    this.#say(say("map_loading"));
    this.#ask();
  }

  disconnectedCallback() {
    this.#life?.abort();
    this.#feed.stop();
    this.#sized?.disconnect();
    clearInterval(this.#beat);
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  #build() {
    this.#probe.hidden = true;
    this.#note.className = "map-note";
    this.#note.setAttribute("role", "status");
    this.#told.className = "visually-hidden";
    this.#told.setAttribute("role", "status");
    this.#canvas.setAttribute("aria-label", this.#isQuiet ? say("map") : say("map_keys"));
    this.#canvas.setAttribute("role", this.#isQuiet ? "img" : "application");
    this.replaceChildren(this.#canvas, this.#note, this.#told, this.#probe);
    if (this.#isQuiet) return;
    this.#canvas.tabIndex = 0;
    const controls = document.createElement("div");
    controls.className = "map-controls";
    controls.append(
      this.#button("+", say("map_in"), () => this.#scale(STEP)),
      this.#button("−", say("map_out"), () => this.#scale(1 / STEP)),
      this.#button("⤢", say("map_whole"), () => this.#see(zoomIdentity)),
    );
    this.append(controls);
  }

  /**
   * @param {string} sign
   * @param {string} words
   * @param {() => void} act
   */
  #button(sign, words, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "icon-button";
    button.textContent = sign;
    button.title = words;
    button.setAttribute("aria-label", words);
    button.addEventListener("click", act);
    return button;
  }

  /** @param {{ signal: AbortSignal }} on */
  #listen(on) {
    this.#zoom
      .scaleExtent([1, ZOOM_AT_MOST])
      .duration(matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 200)
      .filter((event) => {
        // A whole world can't be moved, nor made smaller: wheel and finger go on to the page.
        if (event.type === "wheel") return this.#view.k > 1 || event.deltaY < 0;
        if (event.type === "touchstart") return this.#view.k > 1 || event.touches.length > 1;
        return !event.button && !event.ctrlKey;
      })
      .on("zoom", (event) => {
        this.#view = event.transform;
        this.#canvas.classList.toggle("is-whole", this.#view.k <= 1);
        this.#later();
      })
      .on("end", () => this.#remember());
    select(this.#canvas).call(this.#zoom);
    this.#canvas.classList.add("is-whole");
    this.#canvas.addEventListener("click", (event) => this.#pick(this.#at(event)), on);
    this.#canvas.addEventListener("pointermove", (event) => this.#hover(this.#at(event)), on);
    this.#canvas.addEventListener("pointerleave", () => this.#hover(-1), on);
    this.#canvas.addEventListener("keydown", (event) => this.#press(event), on);
    document.addEventListener("mouseover", (event) => this.#follow(event.target), on);
    document.addEventListener("focusin", (event) => this.#follow(event.target), on);
    addEventListener("beforeprint", () => this.#paint(true), on);
    addEventListener("afterprint", () => this.#paint(), on);
    const place = document.getElementById("map-card");
    if (!place) return;
    this.#card = new Card(place, this.dataset.site ?? "");
    place.addEventListener("click", (event) => {
      if (/** @type {Element} */ (event.target).closest("[data-close]")) this.#close();
    }, on);
    place.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#close();
    }, on);
  }

  /* What is so */

  async #ask() {
    const { shape } = this.#feed;
    await this.#feed.ask();
    if (!this.isConnected) return;
    if (this.#feed.shape !== shape) {
      this.#hovered = -1;
      this.#fit();
    }
    this.#later();
    this.#look();
    if (this.#feed.shape === shape) this.#card?.read();
  }

  /** Says how old the picture is, where that is worth a word; asks anew where nobody else has it ask. */
  #look() {
    const { state, fault, age, isDue } = this.#feed;
    if (this.dataset.state !== state) this.dataset.state = state;
    const told = {
      loading: say("map_loading"), failed: say("map_unread", { why: fault }), empty: say("map_empty"),
      old: say("map_old", { age: inWords(age / 1000) }), live: "",
    }[state];
    this.#say(told);
    if (!document.hidden && isDue) this.#ask();
  }

  /** @param {string} words */
  #say(words) {
    if (this.#note.textContent !== words) this.#note.textContent = words;
    this.#note.hidden = !words;
  }

  /* What is seen */

  /** Makes the world anew for the size that there is; what was in the middle stays there. */
  #fit() {
    const { clientWidth: width, clientHeight: height } = this;
    const { shape } = this.#feed;
    if (!shape || width < 50 || height < 50) return;
    if (this.#world?.shape === shape && this.#world.width === width && this.#world.height === height) return;
    const middle = this.#isBegun ? this.#middle() : null;
    const ratio = Math.min(2, devicePixelRatio || 1);
    this.#canvas.width = Math.round(width * ratio);
    this.#canvas.height = Math.round(height * ratio);
    this.#world = new World(shape, width, height);
    this.#zoom.extent([[0, 0], [width, height]]).translateExtent([[0, 0], [width, height]]);
    this.#paint();
    if (middle) this.#centre(middle, this.#view.k);
    else this.#begin();
    this.#isBegun = true;
  }

  /** Shows what the address asks for: a part of the world, or a region, or all of it. */
  #begin() {
    const asked = this.#isQuiet ? null : /^#map=([\d.]+)\/(-?[\d.]+)\/(-?[\d.]+)$/.exec(location.hash);
    if (asked) return this.#centre([Number(asked[3]), Number(asked[2])], Math.min(ZOOM_AT_MOST, Math.max(1, Number(asked[1]))));
    const { region } = this.dataset;
    const box = region ? this.#world?.box((site) => site.region === region) : null;
    if (!box || !this.#world) return;
    const { width, height } = this.#world;
    const wide = Math.max(box[2] - box[0], 8);
    const high = Math.max(box[3] - box[1], 8);
    const k = Math.max(1, Math.min(REGION_ZOOM_AT_MOST, (0.82 * width) / wide, (0.82 * height) / high));
    this.#see(zoomIdentity.translate(width / 2 - (k * (box[0] + box[2])) / 2, height / 2 - (k * (box[1] + box[3])) / 2).scale(k));
  }

  /** @returns {[number, number] | null} longitude and latitude of the middle */
  #middle() {
    if (!this.#world) return null;
    const { width, height, projection } = this.#world;
    return projection.invert?.(this.#view.invert([width / 2, height / 2])) ?? null;
  }

  /** @param {[number, number]} place @param {number} k */
  #centre(place, k) {
    const point = this.#world?.projection(place);
    if (!this.#world || !point) return;
    const { width, height } = this.#world;
    this.#see(zoomIdentity.translate(width / 2 - k * point[0], height / 2 - k * point[1]).scale(k));
  }

  /** @param {import("d3-zoom").ZoomTransform} view */
  #see(view) {
    if (this.#isQuiet) this.#view = view;
    else select(this.#canvas).call(this.#zoom.transform, view);
    this.#later();
  }

  /** @param {number} by */
  #scale(by) {
    select(this.#canvas).call(this.#zoom.scaleBy, by);
  }

  /** Keeps what is seen in the address: whoever opens it sees the same. */
  #remember() {
    if (!this.#isBegun) return;
    const middle = this.#middle();
    const { k } = this.#view;
    const hash = middle && k > 1 ? `#map=${k.toFixed(2)}/${middle[1].toFixed(2)}/${middle[0].toFixed(2)}` : "";
    if (location.hash !== hash) history.replaceState(history.state, "", `${location.pathname}${location.search}${hash}`);
  }

  /** @param {boolean} [onPaper] in light colours whatever the screen has */
  #paint(onPaper = false) {
    this.#probe.style.colorScheme = onPaper ? "light" : "";
    for (const name of COLOURS) {
      this.#probe.style.color = `var(--${name})`;
      this.#colours[name] = getComputedStyle(this.#probe).color;
    }
    if (onPaper) this.#draw();
    else this.#later();
  }

  #later() {
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  /** @returns {Look | null} */
  #looks() {
    if (!this.#world) return null;
    const { region, level } = this.dataset;
    const sites = this.#world.shape.sites;
    const picked = sites.findIndex((site) => site.id === this.#card?.site);
    return {
      world: this.#world,
      sites: this.#feed.sites,
      circuits: this.#feed.circuits,
      isShown: (number) => (!region || sites[number].region === region) && (!level || this.#feed.sites[number] === level),
      view: this.#view,
      ratio: this.#canvas.width / this.#world.width,
      rem: Number.parseFloat(getComputedStyle(document.documentElement).fontSize),
      font: getComputedStyle(this).fontFamily,
      colours: this.#colours,
      isQuiet: this.#isQuiet,
      marked: [...new Set([picked, this.#hovered])].filter((number) => number >= 0),
    };
  }

  #draw() {
    this.#frame = 0;
    const pen = this.#canvas.getContext("2d");
    const look = this.#looks();
    if (pen && look) draw(pen, look);
  }

  /* What people do */

  /**
   * @param {MouseEvent} event
   * @returns {number} the site under the pointer, the worst of several; -1 for none
   */
  #at(event) {
    const look = this.#looks();
    if (!look) return -1;
    let best = -1;
    let least = 0;
    for (const number of look.world.shape.sites.keys()) {
      const at = look.isShown(number) ? seenAt(look, number) : null;
      if (!at) continue;
      const word = look.sites[number];
      const size = sizeOf(look, word, look.world.shape.sites[number].hub);
      const away = Math.hypot(at[0] - event.offsetX, at[1] - event.offsetY) - Math.max(PICK_PX, size + 4);
      const rank = away - 6 * look.world.shape.words.indexOf(word);
      if (away <= 0 && (best < 0 || rank < least)) [best, least] = [number, rank];
    }
    return best;
  }

  /** @param {number} number */
  #hover(number) {
    if (number === this.#hovered) return;
    this.#hovered = number;
    this.#canvas.classList.toggle("is-over", number >= 0);
    this.#later();
  }

  /** A row of the list that has the focus, or the pointer over it, is ringed on the map. @param {EventTarget | null} target */
  #follow(target) {
    const row = target instanceof Element ? target.closest("tr[data-site]") : null;
    if (row) this.#hover(this.#feed.shape?.sites.findIndex((site) => site.id === /** @type {HTMLElement} */ (row).dataset.site) ?? -1);
    else if (target !== this.#canvas) this.#hover(-1);
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const pan = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (pan) select(this.#canvas).call(this.#zoom.translateBy, (pan[0] * PAN_PX) / this.#view.k, (pan[1] * PAN_PX) / this.#view.k);
    else if (event.key === "+" || event.key === "=") this.#scale(STEP);
    else if (event.key === "-") this.#scale(1 / STEP);
    else if (event.key === "0") this.#see(zoomIdentity);
    else if (event.key === "n" || event.key === "N") this.#mark(event.key === "n" ? 1 : -1);
    else if (event.key === "Enter") this.#pick(this.#hovered, true);
    else if (event.key === "Escape") this.#close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Rings the next site, the worst first, and says which. @param {number} by */
  #mark(by) {
    const look = this.#looks();
    if (!look) return;
    const rank = (/** @type {number} */ number) => look.world.shape.words.indexOf(look.sites[number]);
    const all = [...look.world.shape.sites.keys()].filter((number) => look.world.points[number] && look.isShown(number));
    all.sort((a, b) => rank(b) - rank(a) || look.world.shape.sites[a].name.localeCompare(look.world.shape.sites[b].name));
    const place = all.indexOf(this.#hovered);
    const next = all[(place < 0 ? (by > 0 ? 0 : all.length - 1) : place + by + all.length) % all.length];
    if (next === undefined) return;
    const { name, lat, lon } = look.world.shape.sites[next];
    if (!seenAt(look, next) && lat !== null && lon !== null) this.#centre([lon, lat], this.#view.k);
    this.#hover(next);
    this.#told.textContent = say("map_at", { name, state: STATES[look.sites[next]] ?? "", n: all.indexOf(next) + 1, total: all.length });
  }

  /** @param {number} number @param {boolean} [byKey] then the card takes the focus */
  #pick(number, byKey = false) {
    const site = this.#feed.shape?.sites[number];
    if (!site) return;
    this.#card?.show(site.id, byKey);
    this.#later();
  }

  #close() {
    if (this.#card?.close()) this.#canvas.focus();
    this.#later();
  }
}

customElements.define("noc-map", NocMap);
