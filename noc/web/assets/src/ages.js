// Ages that grow while nobody reloads: <time data-age datetime="…">, by the server's clock.
import { say } from "./words.js";
import { beside, wall } from "./zone.js";

const atLoad = performance.now();
const served = Date.parse(document.querySelector("meta[name=noc-now]")?.getAttribute("content") ?? "") || Date.now();

/** @returns {number} the server's time in milliseconds, as far as this page can know it */
export function serverNow() {
  return served + performance.now() - atLoad;
}

/**
 * @param {number} seconds
 * @returns {string} as noc/web/words.py writes it: two units at most
 */
export function inWords(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return say("seconds", { n: whole });
  const minutes = Math.floor(whole / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  return [
    days ? say("days", { n: days }) : "",
    hours % 24 && days < 10 ? say("hours", { n: hours % 24 }) : "",
    minutes % 60 && !days ? say("minutes", { n: minutes % 60 }) : "",
  ].filter(Boolean).join(" ");
}

function tick() {
  const now = serverNow();
  for (const element of document.querySelectorAll("time[data-age]")) {
    const text = inWords((now - Date.parse(element.getAttribute("datetime") ?? "")) / 1000);
    if (element.textContent !== text) element.textContent = text;
  }
  const clock = document.getElementById("clock");
  if (clock) clock.textContent = wall(now / 1000).time.slice(0, 5);
  const zone = document.getElementById("clock-zone");
  if (zone) zone.textContent = beside(now / 1000);
}

export function startAges() {
  tick();
  setInterval(tick, 5000);
  document.addEventListener("htmx:after:swap", tick);
}
