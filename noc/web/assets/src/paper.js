// On paper nobody opens what is closed, and the ground is white: while a page is printed, its parts are open, and charts,
// whose canvas knows no print style, are drawn as for a light screen. Tables of numbers below charts stay closed: they
// have hundreds of rows, and the chart above them is printed.

/** @type {HTMLDetailsElement[]} */
let opened = [];
/** @type {string | undefined} */
let theme;

function unfold() {
  if (opened.length) return;
  opened = [.../** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll("main details:not([open])"))];
  opened = opened.filter((one) => !one.closest("noc-chart"));
  for (const one of opened) one.open = true;
}

/** @param {string | undefined} wanted */
function paint(wanted) {
  const { dataset } = document.documentElement;
  if (wanted) dataset.theme = wanted;
  else delete dataset.theme;
  document.dispatchEvent(new CustomEvent("noc:theme"));
}

export function startPaper() {
  addEventListener("beforeprint", () => {
    unfold();
    theme = document.documentElement.dataset.theme;
    paint("light");
  });
  addEventListener("afterprint", () => {
    for (const one of opened) one.open = false;
    opened = [];
    paint(theme);
  });
}
