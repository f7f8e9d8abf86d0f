// <noc-live src="/live?topics=…">: the badge, and the events that make htmx fetch the parts of a page anew.
import { inWords, serverNow } from "./ages.js";
import { say } from "./words.js";
import { beside, wall } from "./zone.js";

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 60_000;
const FAILURES_BEFORE_POLLING = 3;
const POLL_MS = 15_000;
const AT_MOST_EVERY_MS = 1_000;
const ASK_AFTER_MS = 8_000;
/** Where answers take long, they are asked for less often: this many times as long as the last one took. */
const PATIENCE = 10;
const SLOWEST_MS = 30_000;
/** Two questions without an answer; the line may take 12 s for one before the badge says that the page is old. */
const SILENT_MS = 2 * ASK_AFTER_MS + 4_000;
const LOST_MS = 60_000;
/** Also without news: ages, rates and charts move on. */
const AT_LEAST_EVERY_MS = 60_000;
const ANNOUNCE_MS = 30_000;

/**
 * Live: the socket is open and speaks. Old: it is not, or is silent; the page is as of some seconds ago. Lost: for a
 * minute nothing answered at all.
 */
export class NocLive extends HTMLElement {
  /** @type {WebSocket | null} */
  #socket = null;
  #failures = 0;
  #heard = performance.now();
  #refreshed = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #pending;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retry;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #beat;
  #announced = 0;
  #said = "";
  #missed = false;
  #polled = 0;
  #begun = performance.now();
  #asked = 0;
  #took = 0;

  connectedCallback() {
    this.#said = this.#summary();
    this.#connect();
    this.#beat = setInterval(() => this.#look(), 1000);
    document.addEventListener("noc:fresh", this.#onAnswer);
    document.addEventListener("htmx:after:swap", this.#onSwap);
    document.addEventListener("visibilitychange", this.#onVisible);
    window.addEventListener("online", this.#onOnline);
    this.#show();
  }

  disconnectedCallback() {
    clearInterval(this.#beat);
    clearTimeout(this.#retry);
    clearTimeout(this.#pending);
    this.#socket?.close();
    document.removeEventListener("noc:fresh", this.#onAnswer);
    document.removeEventListener("htmx:after:swap", this.#onSwap);
    document.removeEventListener("visibilitychange", this.#onVisible);
    window.removeEventListener("online", this.#onOnline);
  }

  #onFresh = () => {
    this.#heard = performance.now();
    this.#show();
  };

  #onAnswer = () => {
    if (this.#refreshed > 0 && this.#took === 0) this.#took = performance.now() - this.#refreshed;
    this.#onFresh();
  };

  #onSwap = () => this.#announce();

  #onVisible = () => {
    if (!document.hidden && this.#missed) this.#refresh();
  };

  #onOnline = () => {
    if (!this.#socket) this.#connect();
  };

  #connect() {
    clearTimeout(this.#retry);
    const source = this.getAttribute("src");
    if (!source) return;
    const address = new URL(source, location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address);
    this.#socket = socket;
    socket.onopen = () => {
      // What happened while nobody listened is fetched once.
      if (this.#failures) this.#refresh();
      this.#failures = 0;
      this.#onFresh();
    };
    socket.onmessage = (message) => {
      this.#onFresh();
      if (JSON.parse(String(message.data)).type !== "hello") this.#refresh();
    };
    socket.onclose = () => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#failures += 1;
      const longest = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures);
      this.#retry = setTimeout(() => this.#connect(), longest * (0.5 + Math.random() / 2));
      this.#show();
    };
  }

  /** Has the parts of the page fetched anew, at most once a second; a hidden page waits until it is seen. */
  #refresh() {
    if (document.hidden) {
      this.#missed = true;
      return;
    }
    if (this.#pending) return;
    const apart = Math.min(SLOWEST_MS, Math.max(AT_MOST_EVERY_MS, PATIENCE * this.#took));
    const wait = Math.max(0, this.#refreshed + apart - performance.now());
    this.#pending = setTimeout(() => {
      this.#pending = undefined;
      this.#missed = false;
      this.#refreshed = performance.now();
      this.#took = 0;
      document.body.dispatchEvent(new CustomEvent("noc:changed"));
    }, wait);
  }

  #look() {
    const now = performance.now();
    // A quiet network sends nothing, and a dead line neither: the difference is asked for.
    const isOpen = this.#socket?.readyState === WebSocket.OPEN;
    if (isOpen && now - Math.max(this.#heard, this.#asked) > ASK_AFTER_MS) this.#ask();
    if (this.#failures >= FAILURES_BEFORE_POLLING && now - this.#polled > POLL_MS) {
      this.#polled = now;
      this.#refresh();
    }
    if (isOpen && !document.hidden && now - Math.max(this.#refreshed, this.#begun) > AT_LEAST_EVERY_MS) this.#refresh();
    this.#show();
  }

  async #ask() {
    this.#asked = performance.now();
    try {
      const answer = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(10_000) });
      if (answer.ok) this.#onFresh();
    } catch {
      this.#show();
    }
  }

  #show() {
    const age = performance.now() - this.#heard;
    const open = this.#socket?.readyState === WebSocket.OPEN && age < SILENT_MS;
    const state = open ? "live" : age > LOST_MS ? "lost" : "old";
    const told = { age: inWords(age / 1000) };
    const words = { live: say("live"), lost: say("lost", told), old: say("old", told) }[state];
    if (this.dataset.state !== state) this.dataset.state = state;
    if (this.textContent !== words) this.textContent = words;
    document.documentElement.classList.toggle("is-lost", state === "lost");
  }

  /** @returns {string} what there is to say of the page in one sentence */
  #summary() {
    return document.querySelector("[data-summary]")?.getAttribute("data-summary") ?? "";
  }

  #announce() {
    const words = this.#summary();
    const region = document.getElementById("announce");
    if (!region || words === this.#said || performance.now() - this.#announced < ANNOUNCE_MS) return;
    this.#said = words;
    this.#announced = performance.now();
    region.textContent = `${words} (${wall(serverNow() / 1000).time.slice(0, 5)} ${beside(serverNow() / 1000)})`;
  }
}
