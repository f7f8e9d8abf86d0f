// Draws the map: problems loud and on top, what is well faint. A state has a colour and a shape of its own.

/**
 * @typedef {Record<string, string>} Colours by name of the custom property, without the dashes
 * @typedef {object} Look what is to be drawn
 * @property {import("./mapworld.js").World} world
 * @property {string[]} sites the word of each
 * @property {string[]} circuits
 * @property {(number: number) => boolean} isShown whether a site is asked for; others are dim
 * @property {{ k: number, x: number, y: number }} view
 * @property {number} ratio pixels of the screen for one of CSS
 * @property {number} rem
 * @property {string} font family
 * @property {Colours} colours
 * @property {boolean} isQuiet for a wall: larger, and seen from afar
 * @property {number[]} marked sites with a ring and a name
 */

export const COLOURS = ["map-sea", "map-land", "map-shore", "ink", "muted", "good", "critical", "major", "minor", "unknown", "accent"];
const COLOUR_OF = /** @type {Record<string, string>} */ ({ down: "critical", unreachable: "major", unknown: "unknown", degraded: "minor", up: "muted" });
const LINE_COLOUR_OF = /** @type {Record<string, string>} */ ({ ...COLOUR_OF, up: "good", unmeasured: "muted" });
/** What nobody has measured yet is no problem: it lies under all else. */
const QUIET_LINES = ["unmeasured", "up"];
/** Half of the height of a shape, in hundredths of the font size; the worse, the larger. */
const SIZES = /** @type {Record<string, number>} */ ({ up: 16, degraded: 34, unknown: 34, unreachable: 50, down: 50 });
/** As the macro `shape` of pages has them. */
const LETTERS = /** @type {Record<string, string>} */ ({ down: "D", unreachable: "U", degraded: "d" });
const LETTER_FROM_PX = 5;
const LOUD_LAST = ["degraded", "unknown", "unreachable", "down"];
const NAMED = new Set(["unreachable", "down"]);
const NAMES_AT_MOST = 40;
const NAMES_ON_WALLS = 8;
const MILD_NAMED_FROM = 3;
const HUBS_NAMED_FROM = 1.8;

/**
 * @param {Look} look
 * @param {string} word
 * @param {boolean} isHub
 * @returns {number} half of the height of a shape, in CSS pixels
 */
export function sizeOf(look, word, isHub) {
  const grown = 1 + 0.22 * Math.log2(look.view.k);
  const hub = isHub && word === "up" ? 1.5 : 1;
  const room = Math.min(1, Math.max(0.65, look.world.width / (60 * look.rem)));
  return (SIZES[word] ?? 30) / 100 * look.rem * grown * hub * room * (look.isQuiet ? 1.25 : 1);
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Look} look
 */
export function draw(pen, look) {
  const { world, view, ratio, colours } = look;
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.globalAlpha = 1;
  pen.clearRect(0, 0, pen.canvas.width, pen.canvas.height);
  pen.setTransform(ratio * view.k, 0, 0, ratio * view.k, ratio * view.x, ratio * view.y);
  pen.fillStyle = colours["map-sea"];
  pen.fill(world.frame);
  pen.fillStyle = colours["map-land"];
  pen.fill(world.land);
  pen.strokeStyle = colours["map-shore"];
  pen.lineWidth = 0.8 / view.k;
  pen.stroke(world.land);
  lines(pen, look);
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  dots(pen, look);
  const boxes = shapes(pen, look);
  names(pen, look, boxes);
}

/** @param {CanvasRenderingContext2D} pen @param {Look} look */
function lines(pen, look) {
  const { world, view, colours, circuits } = look;
  const wide = (look.isQuiet ? 1.5 : 1) * Math.sqrt(look.rem / 14) / view.k;
  // Hundreds of lines meet at a data centre: together they must not be louder than one that is down.
  const faint = Math.min(0.3, Math.max(0.1, 90 / world.lines.length));
  for (const word of [...QUIET_LINES, ...LOUD_LAST]) {
    pen.strokeStyle = colours[LINE_COLOUR_OF[word]];
    const isLoud = NAMED.has(word);
    pen.lineWidth = wide * (isLoud ? 2 : word === "degraded" ? 1.4 : 0.9);
    for (const dashed of [false, true]) {
      pen.setLineDash(dashed ? [4 * wide, 3 * wide] : []);
      for (const [number, line] of world.lines.entries()) {
        if (!line || line.dashed !== dashed || circuits[number] !== word || !look.isShown(line.site)) continue;
        pen.globalAlpha = isLoud ? 0.95 : word === "degraded" ? 0.8 : word === "unknown" ? 1.5 * faint : faint;
        if (line.path) pen.stroke(line.path);
        else stub(pen, line.at, look.rem / view.k);
      }
    }
  }
  pen.setLineDash([]);
  pen.globalAlpha = 1;
}

/** @param {CanvasRenderingContext2D} pen @param {[number, number]} at @param {number} length */
function stub(pen, [x, y], length) {
  pen.beginPath();
  pen.moveTo(x, y);
  pen.lineTo(x + 0.7 * length, y - 0.7 * length);
  pen.stroke();
}

/**
 * @param {Look} look
 * @param {number} number
 * @returns {[number, number] | null} where a site is in CSS pixels; null where it is nowhere, or out of sight
 */
export function seenAt({ world, view }, number) {
  const point = world.points[number];
  if (!point) return null;
  const x = view.x + view.k * point[0];
  const y = view.y + view.k * point[1];
  return x < -20 || y < -20 || x > world.width + 20 || y > world.height + 20 ? null : [x, y];
}

/** @param {CanvasRenderingContext2D} pen @param {Look} look */
function dots(pen, look) {
  for (const isHub of [false, true]) {
    const size = sizeOf(look, "up", isHub);
    for (const isShown of [false, true]) {
      pen.beginPath();
      for (const [number, site] of look.world.shape.sites.entries()) {
        if (site.hub !== isHub || look.isShown(number) !== isShown || (isShown && look.sites[number] !== "up")) continue;
        const at = seenAt(look, number);
        if (!at) continue;
        pen.moveTo(at[0] + size, at[1]);
        pen.arc(at[0], at[1], size, 0, 2 * Math.PI);
      }
      pen.globalAlpha = !isShown ? 0.25 : isHub ? 0.8 : 0.55;
      pen.fillStyle = look.colours.muted;
      pen.fill();
    }
  }
  pen.globalAlpha = 1;
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Look} look
 * @returns {Box[]} where names must not stand
 */
function shapes(pen, look) {
  /** @type {Box[]} */
  const boxes = [];
  for (const word of LOUD_LAST) {
    for (const [number, site] of look.world.shape.sites.entries()) {
      const at = look.sites[number] === word && look.isShown(number) ? seenAt(look, number) : null;
      if (!at) continue;
      const size = sizeOf(look, word, site.hub);
      shape(pen, word, at, size, look.colours);
      if (NAMED.has(word)) boxes.push([at[0] - size, at[1] - size, at[0] + size, at[1] + size]);
    }
  }
  return boxes;
}

/**
 * As the macro `shape` of pages draws them.
 * @param {CanvasRenderingContext2D} pen
 * @param {string} word
 * @param {[number, number]} at
 * @param {number} size half of the height
 * @param {Colours} colours
 */
function shape(pen, word, [x, y], size, colours) {
  pen.beginPath();
  if (word === "down") pen.rect(x - 0.9 * size, y - 0.9 * size, 1.8 * size, 1.8 * size);
  else if (word === "unreachable") corners(pen, [x, y - size], [x + 1.1 * size, y + 0.9 * size], [x - 1.1 * size, y + 0.9 * size]);
  else if (word === "degraded") corners(pen, [x, y - size], [x + size, y], [x, y + size], [x - size, y]);
  else pen.arc(x, y, 0.75 * size, 0, 2 * Math.PI);
  pen.lineWidth = 3;
  pen.strokeStyle = colours["map-sea"];
  pen.stroke();
  if (word === "unknown") {
    pen.fillStyle = colours["map-sea"];
    pen.fill();
    pen.lineWidth = 0.4 * size;
    pen.strokeStyle = colours.unknown;
    pen.setLineDash([0.75 * size, 0.43 * size]);
    pen.stroke();
    pen.setLineDash([]);
    return;
  }
  pen.fillStyle = colours[COLOUR_OF[word]];
  pen.fill();
  const letter = LETTERS[word];
  if (!letter || size < LETTER_FROM_PX) return;
  pen.font = `700 ${1.25 * size}px sans-serif`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillStyle = colours["map-sea"];
  pen.fillText(letter, x, y + (word === "unreachable" ? 0.3 : 0.08) * size);
  pen.textAlign = "start";
}

/** @param {CanvasRenderingContext2D} pen @param {...[number, number]} points */
function corners(pen, ...points) {
  for (const [x, y] of points) pen.lineTo(x, y);
  pen.closePath();
}

/** @typedef {[number, number, number, number]} Box left, top, right, bottom */

/**
 * @param {Look} look
 * @returns {number[]} sites that may have a name, the most important first: names that find no room are left out
 */
function named(look) {
  const { view, world, sites } = look;
  const rank = (/** @type {number} */ number) => LOUD_LAST.indexOf(sites[number]);
  const found = [...world.shape.sites.keys()].filter((number) => {
    if (!look.isShown(number)) return false;
    if (NAMED.has(sites[number])) return true;
    if (sites[number] !== "up" && view.k >= MILD_NAMED_FROM) return true;
    return world.shape.sites[number].hub && view.k >= HUBS_NAMED_FROM;
  });
  found.sort((a, b) => rank(b) - rank(a) || (world.weights.get(b) ?? 0) - (world.weights.get(a) ?? 0) || a - b);
  return [...look.marked, ...found.filter((number) => !look.marked.includes(number))];
}

/** @param {CanvasRenderingContext2D} pen @param {Look} look @param {Box[]} boxes */
function names(pen, look, boxes) {
  const high = look.rem * (look.isQuiet ? 1.7 : 0.86);
  pen.font = `600 ${high}px ${look.font}`;
  pen.textBaseline = "middle";
  pen.direction = "ltr";
  pen.lineJoin = "round";
  let count = 0;
  for (const number of named(look)) {
    const at = seenAt(look, number);
    if (!at) continue;
    const size = sizeOf(look, look.sites[number], look.world.shape.sites[number].hub);
    const isMarked = look.marked.includes(number);
    if (isMarked) ring(pen, at, size + 4, look.colours.accent);
    const text = look.world.shape.sites[number].name;
    const place = room(boxes, at, size + (isMarked ? 7 : 3), pen.measureText(text).width, high, look.world, isMarked);
    if (!place) continue;
    boxes.push(place);
    pen.lineWidth = 3.5;
    pen.strokeStyle = look.colours["map-sea"];
    pen.strokeText(text, place[0], (place[1] + place[3]) / 2);
    pen.fillStyle = look.colours[look.sites[number] === "up" && !isMarked ? "muted" : "ink"];
    pen.fillText(text, place[0], (place[1] + place[3]) / 2);
    count += 1;
    if (count >= (look.isQuiet ? NAMES_ON_WALLS : NAMES_AT_MOST)) return;
  }
}

/** @param {CanvasRenderingContext2D} pen @param {[number, number]} at @param {number} size @param {string} colour */
function ring(pen, [x, y], size, colour) {
  pen.beginPath();
  pen.arc(x, y, size, 0, 2 * Math.PI);
  pen.lineWidth = 2;
  pen.strokeStyle = colour;
  pen.stroke();
}

/**
 * @param {Box[]} boxes taken
 * @param {[number, number]} at
 * @param {number} away from the middle of the shape
 * @param {number} wide
 * @param {number} high
 * @param {{ width: number, height: number }} world
 * @param {boolean} isForced whether it stands there in any case
 * @returns {Box | null} where a name fits
 */
function room(boxes, [x, y], away, wide, high, world, isForced) {
  /** @type {Box[]} */
  const tried = [
    [x + away, y - high / 2, x + away + wide, y + high / 2],
    [x - away - wide, y - high / 2, x - away, y + high / 2],
    [x - wide / 2, y - away - high, x + wide / 2, y - away],
    [x - wide / 2, y + away, x + wide / 2, y + away + high],
  ];
  const inside = tried.filter(([left, top, right, bottom]) => left >= 2 && top >= 2 && right <= world.width - 2 && bottom <= world.height - 2);
  const free = inside.find((one) => !boxes.some((other) => one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3]));
  return free ?? (isForced ? inside[0] ?? tried[0] : null);
}
