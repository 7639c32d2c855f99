"use strict";
(() => {
  const { limits, factors, standings, rows } = JSON.parse(document.getElementById("cg-data").textContent);
  const finder = document.querySelector(".cg-finder");
  const table = document.querySelector(".cg-heat");
  if (!finder || !table) return;

  const body = table.tBodies[0];
  const made = [...body.rows];
  const more = document.querySelector(".cg-more");
  const found = document.querySelector(".cg-found");
  const controls = Object.fromEntries([...finder.querySelectorAll("input, select")].map((control) => [control.name, control]));
  const STEP = Math.max(made.length, 100);
  const NAME = 0, SLUG = 1, COUNTRY = 2, PEOPLE = 3, ROUND = 4, LATEST = 5, COVERAGE = 6, FIGURES = 7, TURN = 8;

  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const keys = rows.map((row) => `${plain(row[NAME])} ${row[SLUG].replaceAll("-", " ")}`);
  const figures = rows.map((row) => row[FIGURES].split(","));
  const sizes = rows.map((row) => limits.findLastIndex((least) => row[PEOPLE] >= least));
  const thousands = new Intl.NumberFormat("en");
  let matches = [...rows.keys()];
  let shown = made.length;

  const element = (name, parts, attributes = {}) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...parts);
    return made;
  };

  // The same row as in the page's template.
  const build = (i) => {
    const row = rows[i];
    const cell = (text, attributes) => element("td", [text], attributes);
    const link = element("a", [element("bdi", [row[NAME]])], { href: `${row[SLUG]}/${row[ROUND]}/index.html` });
    const cells = figures[i].map((figure) => {
      const [standing, words] = standings[figure[0]];
      const [score, ...told] = figure.slice(1).split(" ");
      const rest = told.flatMap((part) => [" ", element("small", part.endsWith("≠") ? [part, element("span", [" disputed"])] : [part.replace("-", "–")])]);
      return element("td", [score, element("span", [`, ${words}`]), ...rest], { class: `cg-${standing}` });
    });
    return element("tr", [
      element("th", [link], { scope: "row" }),
      cell(row[ROUND]),
      ...cells,
      cell(String(row[TURN]), { class: "cg-num" }),
      cell(row[COVERAGE], { class: "cg-num" }),
      cell(row[COUNTRY] || "–"),
      cell(row[PEOPLE] < 0 ? "–" : thousands.format(row[PEOPLE]), { class: "cg-num" }),
    ]);
  };

  const wanted = () => {
    const value = (name) => controls[name]?.value ?? "";
    const words = plain(value("name").replaceAll("-", " ")).split(/\s+/).filter(Boolean);
    const country = value("country"), size = value("size"), round = value("round");
    const letter = Object.keys(standings).find((key) => standings[key][0] === value("standing"));
    const place = factors.indexOf(value("factor"));
    const stands = (i) => (place < 0 ? figures[i] : [figures[i][place]]).some((figure) => figure[0] === letter);
    return (row, i) =>
      words.every((word) => keys[i].includes(word)) &&
      (!country || (row[COUNTRY] || "-") === country) &&
      (!size || (sizes[i] < 0 ? "-" : String(sizes[i])) === size) &&
      (!round || (round === "*" ? row[LATEST] : row[ROUND] === round)) &&
      (!letter || stands(i));
  };

  const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  // Rows come in the order of names, and sorting keeps it among equals. What nobody said comes last.
  const ORDERS = {
    country: (i, j) => compare(rows[i][COUNTRY] || "~", rows[j][COUNTRY] || "~"),
    size: (i, j) => rows[j][PEOPLE] - rows[i][PEOPLE],
    round: (i, j) => rows[j][ROUND].localeCompare(rows[i][ROUND], "en", { numeric: true }),
  };

  const extend = () => {
    const next = matches.slice(shown, shown + STEP);
    body.append(...next.map((i) => (made[i] ??= build(i))));
    shown += next.length;
    const number = matches.length === rows.length ? "" : `${thousands.format(matches.length)} of `;
    const part = shown < matches.length ? `, the first ${thousands.format(shown)} are shown` : "";
    found.textContent = `${number}${thousands.format(rows.length)} self-test${rows.length === 1 ? "" : "s"}${part}`;
    more.parentElement.hidden = shown === matches.length;
  };

  const draw = () => {
    const fits = wanted();
    matches = [...rows.keys()].filter((i) => fits(rows[i], i));
    const order = ORDERS[controls.order.value];
    if (order) matches.sort(order);
    body.replaceChildren();
    shown = 0;
    extend();
  };

  finder.addEventListener("input", draw);
  finder.querySelector("button").addEventListener("click", () => {
    for (const control of Object.values(controls)) control.tagName === "SELECT" ? (control.selectedIndex = 0) : (control.value = "");
    draw();
    controls.name.focus();
  });
  more.addEventListener("click", extend);
  table.closest(".cg-table").hidden = finder.hidden = false;
  // Some browsers keep on reloading what was chosen.
  draw();
})();
