// The card of the site that somebody picked on the map: the server writes it, the address keeps it.
import { say } from "./words.js";

const PATIENCE_MS = 20_000;

export class Card {
  /** @param {HTMLElement} place @param {string} site what it shows already, by its id; empty: nothing */
  constructor(place, site) {
    this.#place = place;
    this.site = site;
  }

  #place;

  /** @param {string} site @param {boolean} takesFocus */
  async show(site, takesFocus) {
    this.site = site;
    this.#addressed();
    await this.read(takesFocus);
  }

  /** Reads it anew; what had the focus has it again. @param {boolean} [takesFocus] */
  async read(takesFocus = false) {
    const { site } = this;
    if (!site) return;
    try {
      const answer = await fetch(`/map/sites/${encodeURIComponent(site)}`, { signal: AbortSignal.timeout(PATIENCE_MS) });
      if (answer.redirected) return;
      if (!answer.ok) throw new Error(say("status", { n: answer.status }));
      const text = await answer.text();
      // Closed, or another site picked, while the answer came: it is nobody's any more.
      if (this.site !== site || !this.#place.isConnected) return;
      const held = this.#links().indexOf(/** @type {HTMLElement} */ (document.activeElement));
      this.#place.innerHTML = text;
      this.#links()[takesFocus ? 0 : held]?.focus();
    } catch (error) {
      const why = error instanceof Error && error.name !== "TimeoutError" ? error.message : say("silent");
      if (this.site === site && !this.#place.firstElementChild) this.#place.textContent = say("map_unread", { why });
    }
  }

  /** @returns {boolean} whether the focus was in it, and is nowhere now */
  close() {
    const hadFocus = this.#place.contains(document.activeElement);
    this.site = "";
    this.#place.replaceChildren();
    this.#addressed();
    return hadFocus;
  }

  /** @returns {HTMLElement[]} */
  #links() {
    return [.../** @type {NodeListOf<HTMLElement>} */ (this.#place.querySelectorAll("a, button"))];
  }

  #addressed() {
    const address = new URL(location.href);
    if (this.site) address.searchParams.set("site", this.site);
    else address.searchParams.delete("site");
    history.replaceState(history.state, "", address);
  }
}
