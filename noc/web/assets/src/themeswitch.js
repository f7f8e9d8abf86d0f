// Light, dark, or as the system has it; the choice is kept in this browser.

const KEY = "noc-theme";

export function startTheme() {
  const control = /** @type {HTMLSelectElement | null} */ (document.getElementById("theme"));
  if (!control) return;
  control.value = localStorage.getItem(KEY) ?? "system";
  control.addEventListener("change", () => {
    if (control.value === "system") {
      localStorage.removeItem(KEY);
      delete document.documentElement.dataset.theme;
    } else {
      localStorage.setItem(KEY, control.value);
      document.documentElement.dataset.theme = control.value;
    }
    document.dispatchEvent(new CustomEvent("noc:theme"));
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    document.dispatchEvent(new CustomEvent("noc:theme"));
  });
}
