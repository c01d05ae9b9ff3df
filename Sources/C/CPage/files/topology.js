// The picture of the cluster: who talks to whom.

import { plural, svg } from "/page/dom.js";

const box = { width: 132, height: 46, gap: 14 };
const rowGap = 58;

/// Draws `nodes` into `place`, as wide as it is: coordinators above, shards and generators below, the gateway on top.
export function drawTopology(place, nodes) {
  const width = Math.max(280, place.clientWidth);
  const of = (role) => nodes.filter((node) => node.role === role);
  const levels = [
    [{ name: "gateway", role: "this page", state: "ready" }], of("coordinator"), of("shard"), of("generator"),
  ].filter((level) => level.length > 0);
  const isWide = width >= 640 && of("shard").length > 0 && of("generator").length > 0;
  const bands = isWide ? [...levels.slice(0, -2), [...levels.at(-2), ...levels.at(-1)]] : levels;
  const boxes = new Map();
  let top = 2;
  for (const band of bands) {
    top = layOut(band, width, top, boxes) + rowGap - box.gap;
  }
  const height = top - rowGap + 4;
  const label = `The gateway, ${["coordinator", "shard", "generator"].map((role) => plural(of(role).length, role)).join(", ")}`;
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": label },
    edges(levels, boxes, of), [...boxes].map(([node, at]) => drawBox(node, at)));
  place.replaceChildren(picture);
}

/// Places a band's boxes in as many rows as they need. Returns where the next band may begin.
function layOut(band, width, top, boxes) {
  const perRow = Math.max(1, Math.floor((width + box.gap - 4) / (box.width + box.gap)));
  for (let start = 0; start < band.length; start += perRow) {
    const row = band.slice(start, start + perRow);
    const used = row.length * (box.width + box.gap) - box.gap;
    row.forEach((node, index) => boxes.set(node, { x: (width - used) / 2 + index * (box.width + box.gap), y: top }));
    top += box.height + box.gap;
  }
  return top;
}

function edges(levels, boxes, of) {
  const pairs = [];
  for (const coordinator of of("coordinator")) {
    pairs.push([levels[0][0], coordinator]);
    for (const node of [...of("shard"), ...of("generator")]) pairs.push([coordinator, node]);
  }
  return pairs.map(([from, to]) => {
    const [a, b] = [boxes.get(from), boxes.get(to)];
    const [x1, y1, x2, y2] = [a.x + box.width / 2, a.y + box.height, b.x + box.width / 2, b.y];
    const bend = (y2 - y1) / 2;
    const isUp = to.state === "ready";
    return svg("path", { class: isUp ? "edge" : "edge down", d: `M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}` });
  });
}

function drawBox(node, { x, y }) {
  // Longer names are cut; the cards below the picture have them whole.
  const name = node.name.length > 15 ? `${node.name.slice(0, 14)}…` : node.name;
  const isReady = node.state === "ready";
  return svg("g", { class: `box ${node.role.replace(" ", "-")} ${isReady ? "ready" : "other"}` },
    svg("rect", { x, y, width: box.width, height: box.height, rx: 9 }),
    svg("circle", { cx: x + 15, cy: y + 17, r: 4 }),
    svg("text", { x: x + 26, y: y + 21, class: "name" }, name),
    svg("text", { x: x + 26, y: y + 37, class: "role" }, isReady ? node.role : node.state));
}
