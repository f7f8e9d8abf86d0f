// Where things are on the canvas: land, sites and circuits in the pixels of a map that isn't zoomed. An outline of land
// alone: no borders, no names, no tiles.
import { geoEqualEarth, geoPath } from "d3-geo";
import { feature } from "topojson-client";
import topology from "world-atlas/land-110m.json";

const land = feature(
  /** @type {import("topojson-specification").Topology} */ (/** @type {unknown} */ (topology)),
  /** @type {import("topojson-specification").GeometryCollection} */ (/** @type {unknown} */ (topology.objects.land)),
);
/** What of the world is always in sight: people live between these. The cut goes through the Bering Strait. */
const CUT_AT = -169;
const EXTENT = /** @type {import("geojson").MultiPoint} */ ({
  type: "MultiPoint",
  coordinates: [[CUT_AT + 0.1, 0], [CUT_AT - 0.1, 0], [11, 79], [11, -54]],
});
const DASHED = new Set(["satellite", "microwave"]);

/**
 * @typedef {{ id: string, name: string, region: string, lat: number | null, lon: number | null, hub: boolean }} Site
 * @typedef {{ id: string, name: string, kind: string, site: number, to: number[] }} Circuit
 * @typedef {{ version: string, words: string[], sites: Site[], circuits: Circuit[] }} Shape as /api/v1/map tells it
 * @typedef {{ path: Path2D | null, at: [number, number], dashed: boolean, site: number }} Line path: null where nobody
 *   knows the far end: then it is a stub at its site
 */

/** The world at one size of the canvas, in CSS pixels. */
export class World {
  /**
   * @param {Shape} shape
   * @param {number} width
   * @param {number} height
   */
  constructor(shape, width, height) {
    this.shape = shape;
    this.width = width;
    this.height = height;
    this.projection = geoEqualEarth().rotate([-(CUT_AT + 180), 0]).fitExtent([[6, 6], [width - 6, height - 6]], EXTENT);
    this.land = this.#traced(land);
    this.frame = this.#traced({ type: "Sphere" });
    /** @type {([number, number] | null)[]} */
    this.points = shape.sites.map((site) => (site.lat === null || site.lon === null ? null : this.projection([site.lon, site.lat])));
    /** @type {(Line | null)[]} */
    this.lines = shape.circuits.map((circuit) => this.#line(circuit));
    /** @type {Map<number, number>} how many circuits end at a site */
    this.weights = new Map();
    for (const { to } of shape.circuits) for (const end of to) this.weights.set(end, (this.weights.get(end) ?? 0) + 1);
  }

  /** @param {import("d3-geo").GeoPermissibleObjects} thing */
  #traced(thing) {
    const path = new Path2D();
    geoPath(this.projection, /** @type {import("d3-geo").GeoContext} */ (/** @type {unknown} */ (path)))(thing);
    return path;
  }

  /**
   * @param {Circuit} circuit
   * @returns {Line | null}
   */
  #line(circuit) {
    const at = this.points[circuit.site];
    if (!at) return null;
    const from = this.#place(circuit.site);
    const ends = circuit.to.map((end) => this.#place(end)).filter((end) => end !== null);
    const path = ends.length && from ? this.#traced({ type: "MultiLineString", coordinates: ends.map((end) => [from, end]) }) : null;
    return { path, at, dashed: DASHED.has(circuit.kind), site: circuit.site };
  }

  /** @param {number} number @returns {[number, number] | null} */
  #place(number) {
    const { lat, lon } = this.shape.sites[number];
    return lat === null || lon === null ? null : [lon, lat];
  }

  /**
   * @param {(site: Site) => boolean} wanted
   * @returns {[number, number, number, number] | null} the box around some sites: left, top, right, bottom
   */
  box(wanted) {
    const found = this.points.filter((point, number) => point && wanted(this.shape.sites[number])).map((point) => /** @type {[number, number]} */ (point));
    if (!found.length) return null;
    const xs = found.map(([x]) => x);
    const ys = found.map(([, y]) => y);
    return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
  }
}
