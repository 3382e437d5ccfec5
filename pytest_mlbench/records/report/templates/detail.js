// The section of one case: its symbols as a treemap, what differs from another case, its arena.
const explorer = document.getElementById("explorer");
if (explorer) {
  const data = JSON.parse(document.getElementById("data").textContent);
  const colours = JSON.parse(document.getElementById("part-colours").textContent);
  const ram = new Set(data.ram);
  const bytes = (count) => count.toLocaleString("en");
  const KINDS = ["tensor", "scratch", "persistent"];
  const [first, second] = ["case-a", "case-b"].map((id) => document.getElementById(id));
  const svg = (name, attributes, text) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const html = (name, attributes, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  second.append(html("option", { value: "", title: "" }, "nothing"));
  const models = [...new Set(data.cases.map(([, , model]) => model))];
  for (const select of [first, second]) {
    for (const model of models) {
      const group = html("optgroup", { label: model });
      data.cases.forEach(([name, label, of], at) => {
        if (of === model) group.append(html("option", { value: at, title: name }, `${model} ${label}`));
      });
      select.append(group);
    }
  }

  const symbols = (at) => {
    const flat = data.symbols[at];
    const found = [];
    for (let i = 0; i < flat.length; i += 3) {
      found.push({ name: data.names[flat[i]], part: flat[i + 1], size: flat[i + 2] });
    }
    return found;
  };

  // Bruls, Huizing, van Wijk: "Squarified Treemaps", 2000.
  const squarify = (items, x, y, width, height) => {
    const places = [];
    const total = items.reduce((sum, item) => sum + item.size, 0) || 1;
    const scale = (width * height) / total;
    const worst = (row, side) => {
      const sum = row.reduce((a, b) => a + b, 0);
      return Math.max((side * side * Math.max(...row)) / (sum * sum), (sum * sum) / (side * side * Math.min(...row)));
    };
    let at = 0;
    while (at < items.length && width > 0.01 && height > 0.01) {
      const side = Math.min(width, height);
      const row = [items[at].size * scale];
      let next = at + 1;
      while (next < items.length && worst([...row, items[next].size * scale], side) <= worst(row, side)) {
        row.push(items[next].size * scale);
        next += 1;
      }
      const depth = row.reduce((a, b) => a + b, 0) / side;
      let along = 0;
      for (const area of row) {
        const length = area / depth;
        places.push(width >= height
          ? { item: items[at], x, y: y + along, width: depth, height: length }
          : { item: items[at], x: x + along, y, width: length, height: depth });
        along += length;
        at += 1;
      }
      if (width >= height) { x += depth; width -= depth; } else { y += depth; height -= depth; }
    }
    return places;
  };

  const map = (at, most) => {
    const items = symbols(at).filter((item) => !ram.has(item.part) && item.size > 0).sort((a, b) => b.size - a.size);
    const total = items.reduce((sum, item) => sum + item.size, 0);
    const height = Math.max(60, Math.round((420 * total) / most));
    const label = `Symbols in ROM of ${data.cases[at][0]}`;
    const picture = svg("svg", { class: "tree", viewBox: `0 0 800 ${height}`, role: "img", "aria-label": label });
    for (const place of squarify(items, 0, 0, 800, height)) {
      const part = data.names[place.item.part];
      const group = svg("g", {});
      group.append(
        svg("title", {}, `${place.item.name}: ${bytes(place.item.size)} bytes, ${part}`),
        svg("rect", { class: `c${colours[part] || 8}`, x: place.x.toFixed(1), y: place.y.toFixed(1), width: place.width.toFixed(1), height: place.height.toFixed(1) }),
      );
      const room = Math.floor((place.width - 8) / 7);
      if (place.height > 18 && room > 5) {
        const name = place.item.name.length > room ? `${place.item.name.slice(0, room - 1)}…` : place.item.name;
        group.append(svg("text", { x: (place.x + 4).toFixed(1), y: (place.y + 14).toFixed(1) }, name));
        if (place.height > 34) group.append(svg("text", { x: (place.x + 4).toFixed(1), y: (place.y + 29).toFixed(1) }, bytes(place.item.size)));
      }
      picture.append(group);
    }
    return html("figure", {}, html("figcaption", {}, `${data.cases[at][0]}: ROM, ${bytes(total)} bytes`), picture);
  };

  const arena = (at, most) => {
    const plan = data.plans[data.arena[at]];
    const title = `${data.cases[at][0]}: arena, ${bytes(plan.peak)} bytes`;
    const left = 60, width = 740, height = Math.max(60, (300 * plan.peak) / most);
    const step = width / (plan.last + 1);
    const picture = svg("svg", { class: "arena", viewBox: `0 0 800 ${(height + 40).toFixed(0)}`, role: "img", "aria-label": title });
    for (let i = 0; i < plan.rows.length; i += 6) {
      const [name, kind, offset, size, from, to] = plan.rows.slice(i, i + 6);
      const x = left + from * step, y = height - ((offset + size) / plan.peak) * height;
      const wide = (to - from + 1) * step, high = (size / plan.peak) * height;
      const group = svg("g", {});
      group.append(
        svg("title", {}, `${data.names[name]}: ${bytes(size)} bytes at ${bytes(offset)}, steps ${from} to ${to}`),
        svg("rect", { class: `c${kind + 1}`, x: x.toFixed(1), y: y.toFixed(1), width: wide.toFixed(1), height: high.toFixed(1) }),
      );
      const room = Math.floor((wide - 6) / 7);
      const text = data.names[name];
      if (high > 16 && room >= 2) group.append(svg("text", { x: (x + 3).toFixed(1), y: (y + 13).toFixed(1) }, text.length > room ? text.slice(0, room) : text));
      picture.append(group);
    }
    picture.append(
      svg("text", { class: "axis", x: left - 6, y: 12, "text-anchor": "end" }, bytes(plan.peak)),
      svg("text", { class: "axis", x: left - 6, y: height, "text-anchor": "end" }, "0"),
      svg("text", { class: "axis", x: left, y: height + 34 }, "inputs, operators by number, outputs"),
    );
    const every = Math.ceil(22 / step);
    for (let at = 1; at < plan.last; at += every) {
      picture.append(svg("text", { class: "axis", x: (left + (at + 0.5) * step).toFixed(1), y: height + 16, "text-anchor": "middle" }, plan.order.length ? plan.order[at - 1] : at - 1));
    }
    const legend = html("ul", { class: "legend" }, ...KINDS.map((kind, at) => html("li", {}, html("span", { class: `swatch b${at + 1}` }), kind)));
    return html("figure", {}, html("figcaption", {}, title), picture, legend);
  };

  const MOST = 40;
  const rows = (heads, lines, label) => {
    const head = html("tr", {}, ...heads.map(([text, numeric]) => html("th", numeric ? { scope: "col", class: "n" } : { scope: "col" }, text)));
    const body = lines.map((line) => html("tr", {}, ...line.map(([text, kind]) => html("td", { class: kind }, text))));
    return html("div", { class: "scroll tall", tabindex: "0", role: "region", "aria-label": label },
      html("table", { class: "sticky" }, html("thead", {}, head), html("tbody", {}, ...body)));
  };
  const list = (at) => {
    const found = symbols(at).sort((a, b) => b.size - a.size);
    const lines = found.slice(0, MOST).map((item) => [[item.name, ""], [bytes(item.size), "n"], [data.names[item.part], ""]]);
    const rest = found.slice(MOST).reduce((sum, item) => sum + item.size, 0);
    if (rest) lines.push([[`${found.length - MOST} smaller ones`, ""], [bytes(rest), "n"], ["", ""]]);
    return rows([["Symbol"], ["Bytes", true], ["Part"]], lines, "Symbols");
  };
  const difference = (a, b) => {
    const sizes = new Map();
    [a, b].forEach((at, side) => {
      for (const item of symbols(at)) {
        const key = `${data.names[item.part]}\u0000${item.name}`;
        const row = sizes.get(key) || [0, 0];
        row[side] += item.size;
        sizes.set(key, row);
      }
    });
    const changed = [...sizes].filter(([, [x, y]]) => x !== y)
      .sort(([k, [a1, b1]], [l, [a2, b2]]) => Math.abs(b2 - a2) - Math.abs(b1 - a1) || k.localeCompare(l));
    const sign = (count) => [`${count > 0 ? "+" : ""}${bytes(count)}`, `n ${count > 0 ? "more" : "less"}`];
    const lines = changed.slice(0, MOST).map(([key, [x, y]]) => {
      const [part, name] = key.split("\u0000");
      return [[name, ""], [x ? bytes(x) : "-", "n"], [y ? bytes(y) : "-", "n"], sign(y - x), [part, ""]];
    });
    const rest = changed.slice(MOST);
    if (rest.length) {
      const [x, y] = rest.reduce(([p, q], [, [c, d]]) => [p + c, q + d], [0, 0]);
      lines.push([[`${rest.length} smaller differences`, ""], [bytes(x), "n"], [bytes(y), "n"], sign(y - x), ["", ""]]);
    }
    const names = [data.cases[a][1], data.cases[b][1]];
    return rows([["Symbol that differs"], [names[0], true], [names[1], true], ["Difference", true], ["Part"]], lines, "Symbols that differ");
  };

  const draw = () => {
    const chosen = [first, second].map((select) => select.value).filter((value) => value !== "").map(Number);
    const rom = (at) => symbols(at).reduce((sum, item) => sum + (ram.has(item.part) ? 0 : item.size), 0);
    const most = Math.max(1, ...chosen.map(rom));
    document.getElementById("maps").replaceChildren(...chosen.filter((at) => rom(at)).map((at) => map(at, most)));
    const table = chosen.length > 1 ? difference(...chosen) : list(chosen[0]);
    document.getElementById("symbols").replaceChildren(table);
    const planned = chosen.filter((at) => data.arena[at] >= 0);
    const peak = Math.max(1, ...planned.map((at) => data.plans[data.arena[at]].peak));
    document.getElementById("arenas").replaceChildren(...planned.map((at) => arena(at, peak)));
  };
  first.addEventListener("change", draw);
  second.addEventListener("change", draw);
  explorer.hidden = false;
  draw();
}
