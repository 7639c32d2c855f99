// The action plan: what, who, by when, with what money, how one will see it, for which questions. Saved on every change.

const FIELDS = [["what", "What will be done"], ["who", "Who is responsible"], ["by_when", "By when"], ["budget", "With what money"], ["indicator", "How you will see that it worked"]];

/** A list of questions by key factor that is there while it is open; the line at its button says which are chosen. */
function pickQuestions(factors, changed) {
  let picked = [];
  const [name, open, list, said] = ["name", "open", "list", "said"].map(unique);
  const told = make("span", { id: said, class: "cgw-hint" });
  const tell = () => { told.textContent = picked.join(", ") || "none chosen"; };
  const pick = (code, chosen) => {
    picked = factors.flatMap((factor) => factor.questions).map((q) => q.code).filter((known) => (known === code ? chosen : picked.includes(known)));
    tell();
    changed();
  };
  const box = (q) => {
    const id = unique("for");
    const input = make("input", { type: "checkbox", id, value: q.code, checked: picked.includes(q.code), onchange: () => pick(q.code, input.checked) });
    return make("div", { class: "cgw-option" }, input, make("label", { for: id }, make("strong", {}, q.code), ` ${q.text}`));
  };
  const boxes = () => factors.map((factor) => make("fieldset", {}, make("legend", {}, factor.title), ...factor.questions.map(box)));
  const button = make("button", { type: "button", id: open, "aria-labelledby": `${name} ${open}`, "aria-expanded": "false", "aria-controls": list, "aria-describedby": said, onclick: () => show(shelf.hidden) }, "Choose …");
  const shelf = make("div", { id: list, class: "cgw-list", hidden: true });
  const show = (visible) => {
    shelf.hidden = !visible;
    shelf.replaceChildren(...(visible ? boxes() : []));
    button.setAttribute("aria-expanded", String(visible));
    button.textContent = visible ? "Close the list" : "Choose …";
  };
  shelf.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    show(false);
    button.focus();
  });
  return {
    element: make("div", { class: "cgw-field" }, make("label", { for: open, id: name }, "For which questions"), make("p", { class: "cgw-foot" }, button, told), shelf),
    chosen: () => picked,
    choose(codes) {
      picked = [...codes];
      for (const input of shelf.querySelectorAll("input")) input.checked = picked.includes(input.value);
      tell();
    },
  };
}

function drawActions({ state, channel }) {
  const { at } = state;
  const status = statusLine();
  const list = make("div");
  const cards = new Map();

  const addCard = (id, saved, changed) => {
    const item = `action||${id}`;
    const draft = drafts.get(at, item);
    const own = {};
    const told = statusLine();
    let removed = draft?.value === null;
    const typed = { oninput: () => saving.soon(), onchange: () => saving.now() };
    for (const [name, label] of FIELDS) own[name] = field(label, "", typed);
    const questions = pickQuestions(state.factors, () => saving.now());
    const remove = make("button", { type: "button", onclick: () => { removed = true; body.hidden = true; more.focus(); saving.now(); } }, "Remove this action");
    const body = make("div", {}, own.what.row, make("div", { class: "cgw-pairs" }, own.who.row, own.by_when.row, own.budget.row), own.indicator.row,
      questions.element, make("p", { class: "cgw-foot" }, remove));
    const element = make("fieldset", { class: "cgw-question" }, make("legend", {}, "Action"), body, told.line);
    const read = () => {
      if (removed) return { complete: true, value: null };
      const value = { id };
      for (const [name] of FIELDS) value[name] = own[name].control.value;
      value.questions = questions.chosen();
      return { complete: Boolean(value.what.trim()), why: "Not saved yet: say what will be done.", value };
    };
    const gone = () => {
      if (element.contains(document.activeElement)) more.focus();
      element.remove();
      cards.delete(id);
    };
    const show = (action) => {
      if (action === null) return gone();
      removed = false;
      body.hidden = false;
      for (const [name] of FIELDS) own[name].control.value = action?.[name] ?? "";
      questions.choose(action?.questions ?? []);
    };
    const saving = autosave({
      at, item, channel, read,
      status: told,
      seen: saved,
      stamp: changed,
      message: (action) => ({ do: "action", id, action }),
      put: show,
      done: (reply) => {
        if (!removed || reply.value) return;
        gone();
        status.show("saved", "The action is removed.");
      },
    });
    show((draft ? draft.value : saved) ?? undefined);
    body.hidden = removed = draft?.value === null;
    cards.set(id, { saving, own });
    list.append(element);
    saving.resume();
    return own.what.control;
  };

  const newId = () => Math.random().toString(36).slice(2, 10).padEnd(8, "0");
  const more = make("button", { type: "button", onclick: () => addCard(newId(), null).focus() }, "Add an action");
  state.actions.forEach((action) => addCard(action.id, action, state.stamps[action.id]));
  for (const id of drafts.codes(at, "action")) if (!cards.has(id)) addCard(id, null);
  const element = make("form", { "aria-label": "Action plan", onsubmit: (event) => event.preventDefault() }, list, make("p", { class: "cgw-foot" }, more), status.line);
  return {
    element,
    status,
    stop: () => cards.forEach((card) => card.saving.stop()),
    update(next) {
      if (next.at !== at) return false;
      const there = new Map(next.actions.map((action) => [action.id, action]));
      for (const [id, card] of [...cards]) card.saving.follow(there.get(id), next.stamps[id]);
      for (const [id, action] of there) if (!cards.has(id)) addCard(id, action, next.stamps[id]);
      return true;
    },
  };
}

export default panel(drawActions);
