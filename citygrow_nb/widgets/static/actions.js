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

/** The levels that questions are to reach: a question, its level, a month. An empty line stands ready for the next one. */
function pickTargets(factors, changed) {
  const codes = factors.flatMap((factor) => factor.questions.map((q) => [q.code, `${q.code} ${q.text}`]));
  const list = make("div");
  const rows = [];
  const add = (target) => {
    const code = selection("Question", target?.code ?? "", [["", "Choose …"], ...codes]);
    const level = selection("Level to reach", String(target?.level ?? 3), [["1", "1"], ["2", "2"], ["3", "3"]]);
    const by = field("By (year and month, as in 2027-12)", target?.by ?? "", { dir: "ltr", onchange: () => told() });
    by.control.pattern = "\\d{4}-(0[1-9]|1[0-2])";
    const told = () => {
      if (rows.at(-1).code.control.value) add();
      changed();
    };
    code.control.addEventListener("change", told);
    level.control.addEventListener("change", told);
    rows.push({ code, level, by });
    list.append(make("div", { class: "cgw-pairs" }, code.row, level.row, by.row));
  };
  return {
    element: make("fieldset", { class: "cgw-proof" }, make("legend", {}, "Targets: which level a question shall reach, by when"), list),
    read: () => rows.filter(({ code }) => code.control.value).map(({ code, level, by }) => ({ code: code.control.value, level: Number(level.control.value), by: by.control.value.trim() })),
    wrong: () => rows.find(({ code, by }) => code.control.value && by.control.value.trim() && !by.control.checkValidity()),
    show(targets) {
      rows.splice(0);
      list.replaceChildren();
      targets.forEach(add);
      add();
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
      const targets = pickTargets(state.factors, changed);
      const how = selection("How far it is", "planned", state.statuses);
      how.control.addEventListener("change", changed);
      const helper = field("City that helps as a mentor", "", typed);
      const late = make("p", { class: "cgw-late", role: "note", hidden: !state.late.includes(id) }, "Overdue: a target's month has passed.");
      return {
        rows: [late, own.what.row, make("div", { class: "cgw-pairs" }, own.who.row, own.by_when.row, own.budget.row), own.indicator.row, questions.element, targets.element, make("div", { class: "cgw-pairs" }, how.row, helper.row)],
        first: own.what.control,
        show(action) {
          for (const [name] of FIELDS) own[name].control.value = action?.[name] ?? "";
          questions.choose(action?.questions ?? []);
          targets.show(action?.targets ?? []);
          how.control.value = action?.status ?? "planned";
          helper.control.value = action?.with_city ?? "";
        },
        read() {
          const value = { id, ...Object.fromEntries(FIELDS.map(([name]) => [name, own[name].control.value])), questions: questions.chosen(), targets: targets.read(), status: how.control.value, with_city: helper.control.value };
          const why = targets.wrong() ? "Not saved yet: write the month as in 2027-12." : "Not saved yet: say what will be done.";
          return { complete: Boolean(value.what.trim()) && !targets.wrong(), why, value };
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
