// htmx, and what it must not do here: put an error page, or the log-in, where a part of a page was.
import "htmx.org";

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
    document.dispatchEvent(new CustomEvent("noc:failed", { detail: { status: raw.status } }));
    return;
  }
  document.dispatchEvent(new CustomEvent("noc:fresh"));
});

document.addEventListener("htmx:error", () => {
  document.dispatchEvent(new CustomEvent("noc:failed", { detail: { status: 0 } }));
});
