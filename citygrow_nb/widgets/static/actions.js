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
  const entries = (actions) => actions.map((action) => [action.id, action]);
  const cards = cardList({
    at, channel,
    kind: "action",
    legend: "Action",
    label: "Action plan",
    words: { add: "Add an action", remove: "Remove this action", removed: "The action is removed." },
    entries: entries(state.actions),
    stamps: state.stamps,
    build({ typed, changed, id }) {
      const own = Object.fromEntries(FIELDS.map(([name, text]) => [name, field(text, "", typed)]));
      const questions = pickQuestions(state.factors, changed);
      return {
        rows: [own.what.row, make("div", { class: "cgw-pairs" }, own.who.row, own.by_when.row, own.budget.row), own.indicator.row, questions.element],
        first: own.what.control,
        show(action) {
          for (const [name] of FIELDS) own[name].control.value = action?.[name] ?? "";
          questions.choose(action?.questions ?? []);
        },
        read() {
          const value = { id, ...Object.fromEntries(FIELDS.map(([name]) => [name, own[name].control.value])), questions: questions.chosen() };
          return { complete: Boolean(value.what.trim()), why: "Not saved yet: say what will be done.", value };
        },
      };
    },
  });
  return {
    ...cards,
    update(next) {
      if (next.at !== at) return false;
      cards.follow(entries(next.actions), next.stamps);
      return true;
    },
  };
}

export default panel(drawActions);
