// The city's own data, and the way back in after a server was lost: restoring from a downloaded file.

function drawCity({ state, channel }) {
  const status = statusLine();
  const name = field("City", state.name, {});
  const country = field("Country (two letters, such as PL)", state.country, { dir: "ltr" });
  const people = field("Inhabitants", state.people, { dir: "ltr" });
  const round = field("Round (usually the year)", state.round, { dir: "ltr" });
  const tell = (reply) => {
    if (reply.document) desk.saved(reply.at, reply.document);
    status.show(reply.ok ? "saved" : "trouble", reply.text);
  };
  const save = async (event) => {
    event.preventDefault();
    status.show("busy", "Saving …");
    tell(await channel.send({ do: "city", name: name.control.value, country: country.control.value, people: people.control.value, round: round.control.value }));
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
    make("form", { class: "cgw-question", "aria-label": "The city", onsubmit: save }, name.row, country.row, people.row, round.row,
      make("p", { class: "cgw-foot" }, make("button", { type: "submit", class: "cgw-main" }, "Save the city")), status.line),
    make("div", { class: "cgw-question" }, make("label", { for: pick, class: "cgw-label" }, "Go on from answers you downloaded (JSON, XLSX or CSV)"), file));
  return { element, status, update: () => true };
}

export default panel(drawCity);
