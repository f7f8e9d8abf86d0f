// htmx, and what it must not do here: put an error page, or the log-in, where a part of a page was.
import "htmx.org";
import { say } from "./words.js";

/** @typedef {{ request: { method: string, abort: () => void }, sourceEvent: Event | null }} Asking */

/** What somebody wanted done, and is not answered yet. @type {Set<Asking>} */
const deeds = new Set();
/** Parts of the page that are fetched anew by themselves. @type {Set<Asking>} */
const refreshes = new Set();
let missed = false;

// The answer to a deed is newer than what was asked for before it, also where the line has that come later: parts that
// are on their way are given up, and all are asked for once more when the deeds are answered.
document.addEventListener("htmx:before:request", (event) => {
  /** @type {{ ctx: Asking }} */
  const { ctx } = /** @type {CustomEvent} */ (event).detail;
  if (isDeed(ctx)) {
    deeds.add(ctx);
    missed ||= refreshes.size > 0;
    for (const refresh of refreshes) refresh.request.abort();
  } else if (ctx.sourceEvent?.type === "noc:changed") {
    if (deeds.size) {
      event.preventDefault();
      missed = true;
    } else refreshes.add(ctx);
  }
});

document.addEventListener("htmx:finally:request", (event) => {
  /** @type {{ ctx: Asking }} */
  const { ctx } = /** @type {CustomEvent} */ (event).detail;
  refreshes.delete(ctx);
  if (!deeds.delete(ctx) || deeds.size || !missed) return;
  missed = false;
  document.body.dispatchEvent(new CustomEvent("noc:changed"));
});

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
