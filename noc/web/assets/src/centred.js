// A small drawing may be wider than its room: what the page is about stands in the middle of what is seen of it.

/** @param {Element} room */
function centre(room) {
  const box = room.querySelector(".is-marked");
  if (!box || room.scrollWidth <= room.clientWidth) return;
  const seen = room.getBoundingClientRect();
  const there = box.getBoundingClientRect();
  room.scrollLeft += there.left + there.width / 2 - seen.left - seen.width / 2;
}

/** At once, and for what the page loads later; then it stays where people move it. */
export function startCentred() {
  /** @type {WeakSet<Element>} */
  const known = new WeakSet();
  const look = () => {
    for (const room of document.querySelectorAll(".sketch-room.is-snippet")) {
      if (known.has(room)) continue;
      known.add(room);
      centre(room);
    }
  };
  look();
  document.body.addEventListener("htmx:after:swap", look);
}
