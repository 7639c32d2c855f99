// The city's own data, a new round for it, and the way back in after a server was lost: restoring from a downloaded file.

const DRAFT = "city||";

function drawCity({ state, channel }) {
  let { at } = state;
  const status = statusLine();
  const typed = drafts.get(at, DRAFT)?.value ?? {};
  const note = () => drafts.keep(at, DRAFT, { value: values() });
  const text = (name, label, options = {}) => field(label, typed[name] ?? state[name], { ...options, oninput: note });
  const fields = {
    name: text("name", "City"),
    country: selection("Country", typed.country ?? state.country, [["", "Choose …"], ...state.countries]),
    people: text("people", "Inhabitants (if you like)", { dir: "ltr" }),
    round: text("round", "Round (usually the year)", { dir: "ltr" }),
  };
  fields.country.control.addEventListener("change", note);
  const values = () => Object.fromEntries(Object.entries(fields).map(([key, { control }]) => [key, control.value]));
  const tell = (reply, from) => {
    if (reply.document) session.saved(reply.at, reply.document);
    if (reply.ok) drafts.drop(from, DRAFT);
    const next = reply.next && inside(make("a", { href: reply.next.file }, `Open ${reply.next.title}`));
    const ways = (reply.choices ?? []).map(([label, as]) => [label, () => save(as)]);
    status.show(reply.ok ? "saved" : reply.choices ? "open" : "trouble", reply.text, ...(next ? [" ", next] : []), ...(ways.length ? [choices(...ways)] : []));
    // Another city, or another round: the guide leads to its first question.
    if (reply.ok && reply.at !== from) tellGuide(status.line, "opened", reply.next);
  };
  const save = async (as) => {
    const from = at;
    status.show("busy", "Saving …");
    tell(await channel.send({ do: "city", ...values(), as }), from);
  };
  const pick = unique("file");
  const file = make("input", { type: "file", id: pick, accept: ".json,.csv,.xlsx,.ods,.xls" });
  file.addEventListener("change", async () => {
    const [chosen] = file.files;
    if (!chosen) return;
    const from = at;
    status.show("busy", `Reading ${chosen.name} …`);
    const bytes = new Uint8Array(await chosen.arrayBuffer());
    let text = "";
    for (let start = 0; start < bytes.length; start += 32768) text += String.fromCharCode(...bytes.subarray(start, start + 32768));
    tell(await channel.send({ do: "restore", name: chosen.name, base64: btoa(text) }, { patience: 60000 }), from);
    file.value = "";
  });
  const following = field("Next round", state.following, { dir: "ltr" });
  const begin = async () => {
    const from = at;
    status.show("busy", "Saving …");
    tell(await channel.send({ do: "round", at, round: following.control.value }), from);
  };
  const start = make("button", { type: "button", onclick: begin });
  const named = () => { start.textContent = `Start ${following.control.value.trim() || "…"} from ${state.round}`; };
  following.control.addEventListener("input", named);
  named();
  const submit = make("button", { type: "submit", class: "cgw-main" });
  const element = make("div", {},
    make("form", { class: "cgw-question", "aria-label": "The city", onsubmit: (event) => { event.preventDefault(); save(); } },
      make("div", { class: "cgw-pairs" }, fields.name.row, fields.country.row, fields.people.row, fields.round.row),
      make("p", { class: "cgw-foot" }, submit)),
    status.line,
    make("form", { class: "cgw-question cgw-round", "aria-label": "A new round", onsubmit: (event) => { event.preventDefault(); begin(); } },
      make("p", { class: "cgw-hint" }, "In a new round the answers of this one stand beside the questions, and each is to be confirmed or changed."),
      make("div", { class: "cgw-pairs" }, following.row, make("p", { class: "cgw-field" }, start))),
    make("div", { class: "cgw-apart" }, make("label", { for: pick, class: "cgw-label" }, "Go on from answers you downloaded (JSON, XLSX or CSV)"), file));
  const another = element.querySelector(".cgw-round");
  const adapt = () => {
    submit.textContent = at ? "Save the city" : "Start the self-test";
    another.hidden = !at;
    fields.name.control.toggleAttribute("data-citygrow-first", !at);
  };
  adapt();
  return {
    element,
    status,
    // What was restored or saved elsewhere appears, unless somebody is typing here.
    update(next) {
      for (const [key, { control }] of Object.entries(fields)) if (control.value === state[key]) control.value = next[key];
      if (following.control.value === state.following) following.control.value = next.following;
      state = next;
      ({ at } = next);
      adapt();
      named();
      return true;
    },
  };
}

export default panel(drawCity);
