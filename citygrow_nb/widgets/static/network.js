// The secretariat's desk: find mentors for all cities, fix or forbid a pair, ask why not another one. Decisions are saved at once.

function drawNetwork({ state, channel }) {
  const { at } = state;
  const status = statusLine();
  const body = make("div");
  let chosen = "";
  const ask = async (what, pair = {}) => {
    status.show("busy", what === "find" ? "Finding mentors …" : "One moment …");
    const reply = await channel.send({ do: "network", what, ...pair }, { patience: 300000 });
    status.show(reply.ok ? "saved" : "trouble", reply.text);
    status.line.focus();
  };
  const button = (text, name, act) => make("button", { type: "button", "aria-label": name, onclick: act }, text);
  const table = (label, heads, rows) => make("table", { "aria-label": label },
    make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))), make("tbody", {}, ...rows));
  const cell = (...parts) => make("td", {}, ...parts);
  const named = (name) => make("bdi", {}, name);

  const matchRow = (match) => {
    const pair = { factor: match.factor, mentor: match.slugs[0], mentee: match.slugs[1] };
    const names = `${match.mentor} for ${match.mentee}`;
    return make("tr", {}, make("th", { scope: "row" }, named(match.mentee)), cell(match.priority), cell(named(match.mentor)), cell(match.points.toFixed(1)),
      cell(...(match.pinned ? ["fixed"] : [button("Fix", `Fix ${names}`, () => ask("pin", pair)), " ", button("Not these two", `Never ${names}`, () => ask("ban", pair))])));
  };
  const decisionRow = (item) => make("tr", {}, make("th", { scope: "row" }, item.decision === "pin" ? "fixed" : "never"), cell(item.factor), cell(named(item.mentor)), cell(named(item.mentee)),
    cell(button("Take back", `Take back: ${item.decision} ${item.mentor} for ${item.mentee}`, () => ask("undo", { factor: item.factor, mentor: item.mentor, mentee: item.mentee }))));

  const why = (next) => {
    const mentee = field("City that wants a mentor", "");
    const mentor = field("Why not this one?", "");
    const factor = selection("Key factor", chosen, next.factors);
    const go = make("button", { type: "submit" }, "Why not?");
    return make("form", { class: "cgw-question", "aria-label": "Why not another mentor", onsubmit: (event) => {
      event.preventDefault();
      ask("why", { factor: factor.control.value, mentee: mentee.control.value, mentor: mentor.control.value });
    } }, make("div", { class: "cgw-pairs" }, factor.row, mentee.row, mentor.row), make("p", { class: "cgw-foot" }, go));
  };

  const draw = (next) => {
    const find = make("button", { type: "button", class: "cgw-main", onclick: () => ask("find") }, next.found ? "Find mentors anew" : "Find mentors for all cities of this workspace");
    if (!next.found) {
      body.replaceChildren(make("p", { class: "cgw-foot" }, find));
      return;
    }
    const summary = make("div");
    place(summary, next.html);
    chosen ||= next.matches[0]?.factor ?? next.factors[0][0];
    const pick = selection("Key factor", chosen, next.factors.map(([code, title]) => [code, `${code} ${title} (${next.matches.filter((match) => match.factor === code).length})`]));
    const rows = make("div", { class: "cgw-network" });
    const show = () => {
      chosen = pick.control.value;
      const own = next.matches.filter((match) => match.factor === chosen);
      rows.replaceChildren(own.length ? table("Matches", ["City", "How urgent", "Mentor", "Points", "Decide"], own.map(matchRow)) : make("p", {}, "No match on this key factor."));
    };
    pick.control.addEventListener("change", show);
    show();
    const decided = next.decisions.length ? [make("h3", {}, "Decisions"), table("Decisions", ["What", "Key factor", "Mentor", "City", "Take back"], next.decisions.map(decisionRow))] : [];
    body.replaceChildren(summary, pick.row, rows, ...decided, make("h3", {}, "Why not another one?"), why(next), make("p", { class: "cgw-foot" }, find));
  };

  draw(state);
  return {
    element: make("div", { class: "cgw-question", role: "group", "aria-label": "Mentors for the whole network" }, body, status.line),
    status,
    update(next) {
      if (next.at !== at) return false;
      draw(next);
      return true;
    },
  };
}

export default panel(drawNetwork);
