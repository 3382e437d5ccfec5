"use strict";
// Without a script the page shows the same, but for sorting, the filter and the section of one case.
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const number = (cell) => {
  const text = (cell.firstChild ? cell.firstChild.textContent : "").replaceAll(",", "").trim();
  return text === "" || isNaN(text) ? null : Number(text);
};

for (const table of all("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    head.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      heads.forEach((other) => other.setAttribute("aria-sort", "none"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const numeric = head.classList.contains("n");
      for (const body of table.tBodies) {
        const rows = all("tr:not(.group)", body).map((row) => {
          const cell = row.cells[place];
          return [numeric ? number(cell) : cell.textContent, row];
        });
        rows.sort(([a], [b]) => {
          if (a === null || b === null) return (a === null) - (b === null);
          const order = numeric ? a - b : a.localeCompare(b, "en", { numeric: true });
          return up ? order : -order;
        });
        body.append(...rows.map(([, row]) => row));
      }
    });
  });
}

const results = document.getElementById("results-table");
const cases = results ? all("tr[data-i]", results) : [];
if (results) {
  for (const body of results.tBodies) {
    const span = body.rows[0].querySelector("span");
    const button = document.createElement("button");
    button.type = "button";
    button.append(...span.childNodes);
    span.append(button);
    const toggle = (closed) => {
      body.classList.toggle("closed", closed);
      button.setAttribute("aria-expanded", String(!closed));
    };
    button.addEventListener("click", () => toggle(!body.classList.contains("closed")));
    toggle(cases.length > 100);
  }
}

// The filter: one set of cases for every section.
const box = document.getElementById("filter");
if (box && results) {
  box.closest("p").hidden = false;
  const sheet = document.createElement("style");
  document.head.append(sheet);
  const texts = cases.map((row) => [Number(row.dataset.i), row.textContent.toLowerCase()]);
  const several = all("[data-of]").map((part) => [part, part.dataset.of.split(",").map(Number)]);
  const single = all("[data-i]").map((part) => [part, Number(part.dataset.i)]);
  const matrices = all("table[data-columns]").map((table) => [
    table.id,
    table.dataset.columns.split(",").map(Number),
  ]);
  const winners = all(".winner").map((part) => [part, part.innerHTML]);
  const apply = () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = new Set(
      texts.filter(([, text]) => words.every((word) => text.includes(word))).map(([i]) => i),
    );
    const known = new Set(texts.map(([i]) => i));
    const out = (i) => words.length > 0 && !(known.has(i) ? shown.has(i) : false);
    for (const [part, i] of single) part.classList.toggle("off", out(i));
    for (const [part, of] of several) part.classList.toggle("off", of.every(out));
    sheet.textContent = matrices
      .flatMap(([id, of]) => of.map((i, at) => out(i) && `#${id} tr>:nth-child(${at + 4})`))
      .filter(Boolean)
      .map((rule) => `${rule}{display:none}`)
      .join("");
    document.body.classList.toggle("filtered", words.length > 0);
    results.classList.toggle("filtering", words.length > 0);
    for (const [part, html] of winners) winner(part, html, words.length > 0 && shown);
    for (const select of all("#explorer select")) {
      const fits = (option) => option.value === "" || words.every((word) => option.title.toLowerCase().includes(word));
      for (const option of select.options) option.hidden = words.length > 0 && !fits(option);
      const first = [...select.options].find((option) => !option.hidden);
      if (select.selectedOptions[0]?.hidden && first) {
        select.value = first.value;
        select.dispatchEvent(new Event("change"));
      }
    }
    for (const section of all("#others, #trade, #roofline")) {
      section.classList.toggle("off", all("[data-of]", section).every((part) => part.classList.contains("off")));
    }
    const status = document.getElementById("filter-status");
    status.textContent = words.length ? `${shown.size} of ${cases.length}` : "";
  };
  let waiting = 0;
  box.addEventListener("input", () => {
    clearTimeout(waiting);
    if (cases.length > 300) waiting = setTimeout(apply, 150);
    else apply();
  });
  if (box.value) apply();
}

/** The best among the cases shown; `shown` is false where nothing is filtered. */
function winner(part, html, shown) {
  part.innerHTML = html;
  if (!shown) return;
  const of = new Set(part.closest("[data-of]").dataset.of.split(",").map(Number));
  const rows = cases
    .filter((row) => of.has(Number(row.dataset.i)) && shown.has(Number(row.dataset.i)))
    .filter((row) => !row.classList.contains("failed") && !row.classList.contains("skipped"))
    .map((row) => [number(row.cells[part.dataset.column]), row])
    .filter(([value]) => value !== null)
    .sort(([a], [b]) => a - b);
  const first = rows.filter(([value]) => value === rows[0][0]);
  part.querySelector("b").textContent = rows.length ? rows[0][0].toLocaleString("en") : "-";
  const more = first.length > 1 ? ` and ${first.length - 1} more` : "";
  part.querySelector(".who").textContent = rows.length ? rows[0][1].dataset.v + more : "no case passed";
  const unit = part.querySelector(".unit");
  unit.textContent = unit.textContent.split(",")[0];
  const small = rows.length && rows[0][1].cells[part.dataset.column].querySelector("small");
  part.querySelector(".change").textContent = small ? small.textContent : "";
}

// The matrices' cells as cycles, as cycles per MAC, or as a part of their case.
const unit = document.getElementById("unit");
if (unit) {
  unit.hidden = false;
  const heat = (value, most) => {
    const place = value > 0 ? 8 * (1 + Math.log(value / most) / Math.log(1000)) : 0;
    return Math.max(0, Math.min(7, Math.floor(place)));
  };
  const first = (table) => [...table.tBodies[0].rows].map((row) => {
    const macs = number(row.cells[2]);
    return [...row.cells].slice(3).map((cell) => ({ cell, cycles: number(cell), macs, text: cell.textContent, kind: cell.className }));
  });
  const tables = all("table[data-columns]").filter((table) => table.tFoot).map(first);
  unit.querySelector("select").addEventListener("change", (event) => {
    const mode = event.target.value;
    for (const table of tables) {
      const sums = table[0].map((_, at) => table.reduce((sum, row) => sum + (row[at].cycles || 0), 0));
      const value = ({ cycles, macs }, at) =>
        cycles === null ? null : mode === "mac" ? (macs ? cycles / macs : null) : (100 * cycles) / sums[at];
      const known = table.flatMap((row) => row.map(value)).filter((found) => found !== null);
      const most = Math.max(...known);
      for (const row of table) {
        row.forEach((each, at) => {
          const found = value(each, at);
          const own = mode === "cycles";
          each.cell.textContent = own ? each.text : found === null ? "-" : found.toFixed(mode === "mac" ? 3 : 1);
          each.cell.className = own ? each.kind : found === null ? "" : `h${heat(found, most)}`;
        });
      }
    }
  });
}

// On paper everything is open, and a table that is too wide is cut into several.
const WIDE = 15;
let undo = [];
addEventListener("beforeprint", () => {
  for (const part of all("details:not([open]):not(.chooser)")) {
    part.open = true;
    undo.push(() => { part.open = false; });
  }
  for (const table of all("table.wide")) {
    const seen = [...table.tHead.rows[0].cells].flatMap((head, at) =>
      at > 0 && getComputedStyle(head).display !== "none" ? [at] : []);
    if (seen.length <= WIDE) continue;
    const parts = [];
    for (let from = 0; from < seen.length; from += WIDE) {
      const keep = new Set([0, ...seen.slice(from, from + WIDE)]);
      const part = table.cloneNode(true);
      part.removeAttribute("id");
      for (const row of part.rows) {
        if (row.classList.contains("group")) { row.cells[0].colSpan = keep.size; continue; }
        [...row.cells].forEach((cell, at) => { if (!keep.has(at)) cell.remove(); });
      }
      parts.push(part);
    }
    table.after(...parts);
    table.classList.add("off");
    undo.push(() => { parts.forEach((part) => part.remove()); table.classList.remove("off"); });
  }
});
addEventListener("afterprint", () => { undo.forEach((step) => step()); undo = []; });
