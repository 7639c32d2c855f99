// The action plan: what, who, by when, with what money, how one will see it, for which questions. Saved on every change.

function drawActions({ state, channel }) {
  const { at } = state;
  const status = statusLine();
  const list = make("div");
  const FIELDS = [["what", "What will be done"], ["who", "Who is responsible"], ["by_when", "By when"], ["budget", "With what money"], ["indicator", "How you will see that it worked"]];
  const addCard = (action, focus) => {
    const own = {};
    let timer;
    const later = () => { clearTimeout(timer); timer = setTimeout(save, 500); };
    const save = async () => {
      clearTimeout(timer);
      const entered = { id: action.id, questions: [...questions.selectedOptions].map((option) => option.value) };
      for (const [name] of FIELDS) entered[name] = own[name].control.value;
      if (!entered.what.trim()) { status.show("open", "Not saved yet: say what will be done."); return; }
      status.show("busy", "Saving …");
      tell(await channel.send({ do: "action", action: entered }));
    };
    for (const [name, label] of FIELDS) own[name] = field(label, action[name], { oninput: later, onchange: save });
    const id = unique("for");
    const questions = make("select", { id, multiple: true, size: 4, onchange: save }, ...state.questions.map((q) => {
      const option = make("option", { value: q.code }, `${q.code} ${q.text}`);
      option.selected = (action.questions ?? []).includes(q.code);
      return option;
    }));
    const card = make("fieldset", { class: "cgw-question" }, make("legend", {}, "Action"), ...FIELDS.map(([name]) => own[name].row),
      make("div", { class: "cgw-field" }, make("label", { for: id }, "For which questions"), questions),
      make("p", { class: "cgw-foot" }, make("button", { type: "button", onclick: async () => { clearTimeout(timer); card.remove(); more.focus(); tell(await channel.send({ do: "action", action: null, id: action.id })); } }, "Remove this action")));
    list.append(card);
    if (focus) own.what.control.focus();
  };
  const tell = (reply) => {
    if (reply.document) desk.saved(at, reply.document);
    status.show(reply.ok ? "saved" : "trouble", reply.text);
  };
  const more = make("button", { type: "button", onclick: () => addCard({ id: Math.random().toString(36).slice(2, 10).padEnd(8, "0") }, true) }, "Add an action");
  state.actions.forEach((action) => addCard(action, false));
  const element = make("form", { "aria-label": "Action plan", onsubmit: (event) => event.preventDefault() }, list, status.line, make("p", { class: "cgw-foot" }, more));
  return { element, update: (next) => next.at === at };
}

export default panel(drawActions);
