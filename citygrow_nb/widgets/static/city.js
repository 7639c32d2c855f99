// The city's own data, and the way back in after a server was lost: restoring from a downloaded file.

function drawCity({ state, channel }) {
  const status = statusLine();
  const fields = {
    name: field("City", state.name, {}),
    country: field("Country (such as PL)", state.country, { dir: "ltr" }),
    people: field("Inhabitants", state.people, { dir: "ltr" }),
    round: field("Round (usually the year)", state.round, { dir: "ltr" }),
  };
  const tell = (reply) => {
    if (reply.document) session.saved(reply.at, reply.document);
    const next = reply.next && inside(make("a", { href: reply.next.file }, `Open ${reply.next.title}`));
    const ways = (reply.choices ?? []).map(([label, as]) => [label, () => save(as)]);
    status.show(reply.ok ? "saved" : reply.choices ? "open" : "trouble", reply.text, ...(next ? [" ", next] : []), ...(ways.length ? [choices(...ways)] : []));
  };
  const save = async (as) => {
    status.show("busy", "Saving …");
    const typed = Object.fromEntries(Object.entries(fields).map(([key, { control }]) => [key, control.value]));
    tell(await channel.send({ do: "city", ...typed, as }));
  };
  const pick = unique("file");
  const file = make("input", { type: "file", id: pick, accept: ".json,.csv,.xlsx" });
  file.addEventListener("change", async () => {
    const [chosen] = file.files;
    if (!chosen) return;
    status.show("busy", `Reading ${chosen.name} …`);
    const bytes = new Uint8Array(await chosen.arrayBuffer());
    let text = "";
    for (let start = 0; start < bytes.length; start += 32768) text += String.fromCharCode(...bytes.subarray(start, start + 32768));
    tell(await channel.send({ do: "restore", name: chosen.name, base64: btoa(text) }, { patience: 60000 }));
    file.value = "";
  });
  const element = make("div", {},
    make("form", { class: "cgw-question", "aria-label": "The city", onsubmit: (event) => { event.preventDefault(); save(); } },
      fields.name.row, make("div", { class: "cgw-pairs" }, fields.country.row, fields.people.row, fields.round.row),
      make("p", { class: "cgw-foot" }, make("button", { type: "submit", class: "cgw-main" }, "Save the city"))),
    status.line,
    make("div", { class: "cgw-apart" }, make("label", { for: pick, class: "cgw-label" }, "Go on from answers you downloaded (JSON, XLSX or CSV)"), file));
  return {
    element,
    status,
    // What was restored or saved elsewhere appears, unless somebody is typing here.
    update(next) {
      for (const [key, { control }] of Object.entries(fields)) if (control.value === state[key]) control.value = next[key];
      state = next;
      return true;
    },
  };
}

export default panel(drawCity);
