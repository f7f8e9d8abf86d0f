// A chart as a picture that can be sent on: its title, what it drew, and the legend below, on a ground of its own.

import { serverNow } from "./ages.js";
import { whole } from "./dates.js";
import { zone } from "./zone.js";

/**
 * @param {HTMLElement} chart
 * @param {string} name of the file, without its ending
 */
export function savePicture(chart, name) {
  const drawn = chart.querySelector("canvas");
  if (!drawn) return;
  const style = getComputedStyle(chart);
  const scale = drawn.width / Math.max(1, drawn.clientWidth);
  const line = Math.round(20 * scale);
  const labels = [...chart.querySelectorAll(".u-legend .u-series:not(.is-band):not(:first-child)")];
  const picture = document.createElement("canvas");
  picture.width = drawn.width + line;
  picture.height = drawn.height + line * (3 + labels.length);
  const ctx = picture.getContext("2d");
  if (!ctx) return;
  ctx.fillStyle = style.backgroundColor;
  ctx.fillRect(0, 0, picture.width, picture.height);
  ctx.fillStyle = style.color;
  ctx.font = `600 ${Math.round(14 * scale)}px ${style.fontFamily}`;
  ctx.fillText(words(chart.querySelector("h3")), line / 2, line);
  ctx.drawImage(drawn, line / 2, line * 1.5);
  ctx.font = `${Math.round(12 * scale)}px ${style.fontFamily}`;
  let below = drawn.height + line * 2.5;
  for (const label of labels) {
    const marker = label.querySelector(".u-marker");
    ctx.fillStyle = marker ? getComputedStyle(marker).borderTopColor : style.color;
    ctx.fillRect(line / 2, below - 5 * scale, 18 * scale, 3 * scale);
    ctx.fillStyle = style.color;
    ctx.fillText(words(label.querySelector(".u-label")), line / 2 + 24 * scale, below);
    below += line;
  }
  ctx.fillText(`${location.pathname} · ${whole(serverNow() / 1000)}${zone === "UTC" ? "" : ` (${zone})`}`, line / 2, below);
  picture.toBlob((blob) => {
    if (!blob) return;
    const address = URL.createObjectURL(blob);
    const link = Object.assign(document.createElement("a"), { href: address, download: `${name}.png` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  });
}

/** @param {Element | null} one */
function words(one) {
  return (one?.textContent ?? "").replace(/\s+/g, " ").trim();
}
