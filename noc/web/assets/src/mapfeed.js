// What the map shows, as the API tells it: where things are, once, and how they are, whenever it is asked.
import { say } from "./words.js";

const ASK_MS = 60_000;
const OLD_MS = 120_000;
const OLD_AFTER_FAULT_MS = 15_000;
const PATIENCE_MS = 20_000;

/** @typedef {import("./mapworld.js").Shape} Shape */

export class Feed {
  /** @type {Shape | null} */
  shape = null;
  /** @type {string[]} the word of each site */
  sites = [];
  /** @type {string[]} */
  circuits = [];
  /** Why the last question had no answer; empty where it had one. */
  fault = "";
  #heard = performance.now();
  #asked = 0;
  /** @type {AbortController | null} */
  #asking = null;

  /** @returns {number} milliseconds since it was last told how things are */
  get age() {
    return performance.now() - this.#heard;
  }

  /** @returns {"loading" | "live" | "old" | "empty" | "failed"} */
  get state() {
    if (!this.shape) return this.fault ? "failed" : "loading";
    if (this.shape.sites.every((site) => site.lat === null)) return "empty";
    return this.age > (this.fault ? OLD_AFTER_FAULT_MS : OLD_MS) ? "old" : "live";
  }

  /** @returns {boolean} whether it is time to ask, also without news */
  get isDue() {
    return performance.now() - this.#asked > (this.fault ? OLD_AFTER_FAULT_MS : ASK_MS);
  }

  stop() {
    this.#asking?.abort();
  }

  /** Asks how things are; where they are, too, where that isn't known or is another matter now. */
  async ask() {
    this.stop();
    const asking = (this.#asking = new AbortController());
    const signal = AbortSignal.any([asking.signal, AbortSignal.timeout(PATIENCE_MS)]);
    this.#asked = performance.now();
    try {
      let shape = this.shape ?? (await read("/api/v1/map", signal));
      let states = await read("/api/v1/map/states", signal);
      if (states.map !== shape.version) {
        shape = await read("/api/v1/map", signal);
        states = await read("/api/v1/map/states", signal);
        if (states.map !== shape.version) return;
      }
      const words = (/** @type {string} */ digits) => [...digits].map((digit) => shape.words[Number(digit)]);
      [this.shape, this.sites, this.circuits] = [shape, words(states.sites), words(states.circuits)];
      this.#heard = performance.now();
      this.fault = "";
    } catch (error) {
      if (!asking.signal.aborted) this.fault = error instanceof Error && error.name !== "TimeoutError" ? error.message : say("silent");
    }
  }
}

/**
 * @param {string} address
 * @param {AbortSignal} signal
 * @returns {Promise<any>}
 */
async function read(address, signal) {
  const answer = await fetch(address, { signal, headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(say("status", { n: answer.status }));
  return answer.json();
}
