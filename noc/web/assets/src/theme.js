// Runs before the first paint, so that nobody who chose dark is shown a flash of light.
const chosen = localStorage.getItem("noc-theme");
if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
