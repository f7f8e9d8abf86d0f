// <noc-topology>: the room in which a drawing stands. It can be made larger and smaller, moved about, and its things
// arranged; the drawing itself is the server's, and is there without this script.

const STEP = 1.25;
const LEAST = 0.35;
const MOST = 3;
const NUDGE_PX = 16;
/** A thing that was moved less than this was chosen, not dragged. */
const CHOSEN_PX = 4;

/** @typedef {{box: SVGGraphicsElement, fromX: number, fromY: number, x: number, y: number}} Drag */

class NocTopology extends HTMLElement {
  #scale = 1;
  #arranging = false;
  /** @type {Drag | null} */
  #drag = null;
  /** @type {SVGGraphicsElement | null} */
  #chosen = null;
  /** @type {{x: number, y: number, left: number, top: number} | null} */
  #pan = null;
  #dragged = false;
  #refit = new ResizeObserver(() => this.#fit());

  connectedCallback() {
    const panel = this.closest("section");
    panel?.querySelector("[data-zooming]")?.removeAttribute("hidden");
    panel?.addEventListener("click", this.#onTool);
    this.addEventListener("keydown", this.#onKey);
    this.addEventListener("wheel", this.#onWheel, { passive: false });
    this.addEventListener("pointerdown", this.#onDown);
    this.addEventListener("pointermove", this.#onMove);
    this.addEventListener("pointerup", this.#onUp);
    this.addEventListener("pointercancel", this.#onUp);
    this.addEventListener("click", this.#onClick, { capture: true });
    document.addEventListener("htmx:before:swap", this.#onSwap);
    this.#refit.observe(this);
  }

  disconnectedCallback() {
    this.#refit.disconnect();
    this.closest("section")?.removeEventListener("click", this.#onTool);
    document.removeEventListener("htmx:before:swap", this.#onSwap);
  }

  /** @returns {SVGSVGElement | null} */
  get #svg() {
    return this.querySelector("svg.sketch");
  }

  /** Shows all of the drawing, where it is legible then; else as much as is. */
  #fit() {
    const svg = this.#svg;
    if (!svg || this.#drag) return;
    const room = this.clientWidth - 2;
    this.#zoom(Math.min(1, Math.max(0.6, room / svg.viewBox.baseVal.width)));
    this.#refit.disconnect();
  }

  /** @param {number} scale */
  #zoom(scale) {
    const before = this.#scale;
    this.#scale = Math.min(MOST, Math.max(LEAST, scale));
    this.style.setProperty("--zoom", String(this.#scale));
    const ratio = this.#scale / before;
    this.scrollLeft = (this.scrollLeft + this.clientWidth / 2) * ratio - this.clientWidth / 2;
    this.scrollTop = (this.scrollTop + this.clientHeight / 2) * ratio - this.clientHeight / 2;
  }

  #onTool = (/** @type {Event} */ event) => {
    const tool = /** @type {HTMLElement} */ (event.target).closest("button");
    if (tool?.dataset.zoom === "in") this.#zoom(this.#scale * STEP);
    else if (tool?.dataset.zoom === "out") this.#zoom(this.#scale / STEP);
    else if (tool?.dataset.zoom === "fit") this.#fit();
    else if (tool?.hasAttribute("data-arrange")) this.#arrange();
  };

  #arrange() {
    const panel = this.closest("section");
    const tool = panel?.querySelector("[data-arrange]");
    if (!tool) return;
    this.#arranging = !this.#arranging;
    this.#choose(null);
    this.classList.toggle("is-arranging", this.#arranging);
    tool.setAttribute("aria-pressed", String(this.#arranging));
    const hint = /** @type {HTMLElement | null} */ (panel?.querySelector("[data-hint]"));
    if (hint) hint.textContent = this.#arranging ? (hint.dataset.arranging ?? "") : "";
  }

  /** @param {KeyboardEvent} event */
  #onKey = (event) => {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const step = steps[/** @type {keyof typeof steps} */ (event.key)];
    const box = this.#boxOf(event.target);
    if (event.altKey && step && box && this.#arranging) {
      const at = place(box);
      this.#put(box, at.x + step[0] * NUDGE_PX, at.y + step[1] * NUDGE_PX);
      this.#keep(box);
    } else if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    } else if (event.key === "+" || event.key === "=") this.#zoom(this.#scale * STEP);
    else if (event.key === "-") this.#zoom(this.#scale / STEP);
    else if (event.key === "0") this.#fit();
    else if (event.key === "m") this.#arrange();
    else if (event.key === "Escape" && this.#chosen) this.#choose(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  /** @param {WheelEvent} event */
  #onWheel = (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.#zoom(this.#scale * (event.deltaY < 0 ? STEP : 1 / STEP));
  };

  /** @param {PointerEvent} event */
  #onDown = (event) => {
    if (event.button !== 0) return;
    this.#dragged = false;
    const box = this.#arranging ? this.#boxOf(event.target) : null;
    if (box) {
      const at = place(box);
      this.#drag = { box, fromX: event.clientX, fromY: event.clientY, x: at.x, y: at.y };
      this.setPointerCapture(event.pointerId);
      event.preventDefault();
    } else if (event.pointerType === "mouse" && !this.#boxOf(event.target)) {
      this.#pan = { x: event.clientX, y: event.clientY, left: this.scrollLeft, top: this.scrollTop };
    }
  };

  /** @param {PointerEvent} event */
  #onMove = (event) => {
    if (this.#drag) {
      const { box, fromX, fromY, x, y } = this.#drag;
      const [byX, byY] = [event.clientX - fromX, event.clientY - fromY];
      if (Math.abs(byX) + Math.abs(byY) > CHOSEN_PX) this.#dragged = true;
      if (this.#dragged) this.#put(box, x + byX / this.#scale, y + byY / this.#scale);
    } else if (this.#pan && event.buttons === 1) {
      this.scrollLeft = this.#pan.left - (event.clientX - this.#pan.x);
      this.scrollTop = this.#pan.top - (event.clientY - this.#pan.y);
    }
  };

  #onUp = () => {
    const drag = this.#drag;
    this.#drag = null;
    this.#pan = null;
    if (drag && this.#dragged) this.#keep(drag.box);
    else if (drag) this.#choose(this.#chosen === drag.box ? null : drag.box);
  };

  /** @param {MouseEvent} event */
  #onClick = (event) => {
    if (!this.#arranging) return;
    event.preventDefault();
    event.stopPropagation();
    const svg = this.#svg;
    const chosen = this.#chosen;
    if (this.#dragged || !svg || !chosen || this.#boxOf(event.target)) return;
    const room = svg.getBoundingClientRect();
    const ratio = svg.viewBox.baseVal.width / room.width;
    this.#put(chosen, (event.clientX - room.left) * ratio, (event.clientY - room.top) * ratio);
    this.#keep(chosen);
    this.#choose(null);
  };

  /** A drawing that comes while somebody arranges would take the thing out of their hand. @param {Event} event */
  #onSwap = (event) => {
    if (this.#drag) event.preventDefault();
  };

  /** @param {SVGGraphicsElement | null} box */
  #choose(box) {
    this.#chosen?.classList.remove("is-chosen");
    this.#chosen = box;
    box?.classList.add("is-chosen");
  }

  /** @param {EventTarget | null} target @returns {SVGGraphicsElement | null} */
  #boxOf(target) {
    return target instanceof Element ? target.closest("[data-node]") : null;
  }

  /**
   * @param {SVGGraphicsElement} box
   * @param {number} toX of its middle
   * @param {number} toY
   */
  #put(box, toX, toY) {
    const { width, height } = size(box);
    const x = Math.round(Math.max(width / 2, toX));
    const y = Math.round(Math.max(height / 2, toY));
    box.setAttribute("transform", `translate(${x - width / 2} ${y - height / 2})`);
    const key = box.dataset.node ?? "";
    for (const line of this.querySelectorAll("path[data-upper]")) {
      const { upper, lower } = /** @type {SVGPathElement} */ (line).dataset;
      if (upper === key || lower === key) line.setAttribute("d", this.#path(upper ?? "", lower ?? ""));
    }
  }

  /**
   * @param {string} upper
   * @param {string} lower
   * @returns {string}
   */
  #path(upper, lower) {
    const ends = [upper, lower].map((key) => this.querySelector(`[data-node="${CSS.escape(key)}"]`));
    const boxes = /** @type {SVGGraphicsElement[]} */ (ends.filter(Boolean));
    if (boxes.length < 2) return "";
    const [a, b] = boxes.sort((one, other) => place(one).y - place(other).y);
    const [from, to] = [place(a), place(b)];
    const [fromY, toY] = [from.y + size(a).height / 2, to.y - size(b).height / 2];
    const middle = (fromY + toY) / 2;
    return `M${from.x} ${fromY}C${from.x} ${middle} ${to.x} ${middle} ${to.x} ${toY}`;
  }

  /** @param {SVGGraphicsElement} box */
  async #keep(box) {
    const { x, y } = place(box);
    const said = new URLSearchParams(JSON.parse(this.dataset.query ?? "{}"));
    said.set("node", box.dataset.node ?? "");
    said.set("x", String(x));
    said.set("y", String(y));
    box.classList.add("is-pinned");
    const headers = { "X-CSRF-Token": this.dataset.csrf ?? "" };
    try {
      const how = { method: "POST", headers, body: said, redirect: /** @type {RequestRedirect} */ ("manual") };
      const answer = await fetch(this.dataset.pins ?? "", how);
      if (answer.type !== "opaqueredirect") throw new Error(String(answer.status));
    } catch {
      // It wasn't kept: the next drawing shows it where it was.
      box.classList.remove("is-pinned");
    }
    document.body.dispatchEvent(new CustomEvent("noc:changed"));
  }
}

/** @param {SVGGraphicsElement} box @returns {{width: number, height: number}} */
function size(box) {
  const front = /** @type {SVGRectElement} */ (box.querySelector(".front"));
  return { width: front.width.baseVal.value, height: front.height.baseVal.value };
}

/** @param {SVGGraphicsElement} box @returns {{x: number, y: number}} its middle */
function place(box) {
  const { width, height } = size(box);
  const { e, f } = /** @type {SVGTransform} */ (box.transform.baseVal.consolidate()).matrix;
  return { x: e + width / 2, y: f + height / 2 };
}

customElements.define("noc-topology", NocTopology);
