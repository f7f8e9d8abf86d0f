// htmx, and what it must not do here: put an error page, or the log-in, where a part of a page was.
import "htmx.org";
import { say } from "./words.js";

document.addEventListener("htmx:before:response", (event) => {
  const { ctx } = /** @type {CustomEvent} */ (event).detail;
  /** @type {Response} */
  const raw = ctx.response.raw;
  if (raw.status === 401 || (raw.redirected && new URL(raw.url).pathname === "/login")) {
    event.preventDefault();
    location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
    return;
  }
  if (!raw.ok) {
    event.preventDefault();
    tell(ctx, say("status", { n: raw.status }));
    return;
  }
  if (isDeed(ctx)) hush();
  document.dispatchEvent(new CustomEvent("noc:fresh"));
});

document.addEventListener("htmx:error", (event) => {
  tell(/** @type {CustomEvent} */ (event).detail.ctx, say("silent"));
});

/**
 * @param {{ request?: { method?: string } } | undefined} ctx
 * @returns {boolean} whether somebody wanted something done; parts that fetch themselves anew have the badge
 */
function isDeed(ctx) {
  return ctx?.request?.method === "POST";
}

/**
 * @param {{ request?: { method?: string } } | undefined} ctx
 * @param {string} why
 */
function tell(ctx, why) {
  const place = document.getElementById("failed");
  if (!place || !isDeed(ctx)) return;
  place.textContent = say("undone", { why });
  place.hidden = false;
}

function hush() {
  const place = document.getElementById("failed");
  if (place) place.hidden = true;
}
