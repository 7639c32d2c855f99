// One context factor: from hindering to enabling, a comment, and the key factors it bears on. Saved on every change.

function drawContext({ state, channel }) {
  const { at, code } = state;
  const item = `context||${code}`;
  const draft = drafts.get(at, item, state.reading, state.stamp);
  const begin = (draft ? draft.value : state.reading) ?? {};
  const name = unique("direction");
  const status = statusLine();
  const option = (type, value, title, checked) => {
    const id = unique(type);
    const input = make("input", { type, id, value, name: type === "radio" ? name : undefined, checked, onchange: () => saving.now() });
    return { input, row: make("div", { class: "cgw-option" }, input, make("label", { for: id }, title)) };
  };
  const directions = state.directions.map((d) => option("radio", String(d.value), d.name, begin.direction === d.value));
  const factors = state.factors.map((f) => option("checkbox", f.code, `${f.code} ${f.title}`, (begin.bears_on ?? []).includes(f.code)));
  const comment = field("Comment", begin.comment, { lines: 3, oninput: () => saving.soon(), onchange: () => saving.now() });
  const read = () => {
    const chosen = directions.find((d) => d.input.checked);
    return {
      complete: true,
      value: {
        direction: chosen ? Number(chosen.input.value) : null,
        comment: comment.control.value,
        bears_on: factors.filter((f) => f.input.checked).map((f) => f.input.value),
      },
    };
  };
  const show = (reading) => {
    directions.forEach((d) => { d.input.checked = reading?.direction === Number(d.input.value); });
    factors.forEach((f) => { f.input.checked = (reading?.bears_on ?? []).includes(f.input.value); });
    comment.control.value = reading?.comment ?? "";
  };
  const before = lastTime({ before: state.before, answered: Boolean(draft ? draft.value : state.reading), confirm: (reading) => { show(reading); saving.now(); } });
  const saving = autosave({
    at, item, channel, status, read,
    seen: state.reading,
    stamp: state.stamp,
    done: (reply) => before?.answered(Boolean(reply.value)),
    message: (reading) => ({ do: "context", code, reading }),
    put: show,
  });
  const clear = make("button", { type: "button", onclick: () => { show(null); saving.now(); directions[0].input.focus(); } }, "Take this reading back");
  const element = make("form", { class: "cgw-question", "aria-label": `Reading of ${code}`, onsubmit: (event) => event.preventDefault() },
    make("fieldset", {}, make("legend", {}, `Your reading of ${code}`, make("span", { class: "cgw-hidden" }, `: ${state.title}. Is it hindering or enabling?`)), before?.element, make("div", { class: "cgw-scale" }, ...directions.map((d) => d.row))),
    status.line,
    comment.row,
    make("fieldset", { class: "cgw-proof" }, make("legend", {}, "Bears on these key factors"), make("div", { class: "cgw-columns" }, ...factors.map((f) => f.row))),
    make("p", { class: "cgw-foot" }, clear));
  saving.resume();
  return {
    element,
    status,
    stop: saving.stop,
    update(next) {
      if (next.at !== at || next.code !== code) return false;
      saving.follow(next.reading, next.stamp);
      return true;
    },
  };
}

export default panel(drawContext);
