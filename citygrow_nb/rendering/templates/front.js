"use strict";
(() => {
  const cities = JSON.parse(document.getElementById("cg-data").textContent);
  const finder = document.querySelector(".cg-finder");
  const hits = document.querySelector(".cg-hits");
  const found = document.querySelector(".cg-found");
  if (!finder || !hits) return;

  const MOST = 60;
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const keys = cities.map(([name, slug]) => `${plain(name)} ${slug.replaceAll("-", " ")}`);
  const input = finder.querySelector("input");

  const draw = () => {
    const words = plain(input.value.replaceAll("-", " ")).split(/\s+/).filter(Boolean);
    const fits = words.length ? [...cities.keys()].filter((i) => words.every((word) => keys[i].includes(word))) : [];
    hits.replaceChildren(...fits.slice(0, MOST).map((i) => {
      const [name, slug] = cities[i];
      const link = document.createElement("a");
      link.href = `cities/${slug}.html`;
      const isolated = document.createElement("bdi");
      isolated.textContent = name;
      link.append(isolated);
      const entry = document.createElement("li");
      entry.append(link);
      return entry;
    }));
    hits.hidden = !fits.length;
    const part = fits.length > MOST ? `, the first ${MOST} are shown` : "";
    found.textContent = words.length ? `${fits.length} of ${cities.length} cities${part}` : "";
  };

  finder.addEventListener("input", draw);
  finder.hidden = false;
  draw();
})();
