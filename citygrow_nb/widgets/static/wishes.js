// What a city offers to others and would like from them: by key factor, with languages and cities not to work with. Saved on every change.

function drawWishes({ state, channel }) {
  const { at } = state;
  const item = "wishes||";
  const draft = drafts.get(at, item);
  const status = statusLine();
  const now = { onchange: () => saving.now() };
  const rows = state.factors.map(({ code, title }) => {
    const offer = selection("Would help", "", [["", "no city"], ...Array.from({ length: state.most }, (_, i) => [String(i + 1), i ? `${i + 1} cities` : "1 city"])]);
    const need = selection("Would like a mentor", "", [["", "no"], ...state.priorities]);
    for (const { control } of [offer, need]) control.addEventListener("change", now.onchange);
    return { code, offer, need, row: make("fieldset", { class: "cgw-proof" }, make("legend", {}, `${code} ${title}`), make("div", { class: "cgw-pairs" }, offer.row, need.row)) };
  });
  const typed = { oninput: () => saving.soon(), ...now };
  const languages = field("Languages in which you can work with others, such as English, Polish", "", typed);
  const apart = field("Cities with which you do not want to be brought together, one a line (stands in no report)", "", { ...typed, lines: 2 });
  const chosen = (name) => Object.fromEntries(rows.filter((row) => row[name].control.value).map((row) => [row.code, Number(row[name].control.value)]));
  const read = () => {
    const value = { offers: chosen("offer"), needs: chosen("need"), languages: languages.control.value.trim(), not_with: apart.control.value.trim() };
    const empty = !Object.keys(value.offers).length && !Object.keys(value.needs).length && !value.languages && !value.not_with;
    return { complete: true, value: empty ? null : value };
  };
  const show = (wishes) => {
    for (const row of rows) {
      row.offer.control.value = wishes?.offers?.[row.code] ?? "";
      row.need.control.value = wishes?.needs?.[row.code] ?? "";
    }
    languages.control.value = wishes?.languages ?? "";
    apart.control.value = wishes?.not_with ?? "";
  };
  show(draft ? draft.value : state.wishes);
  const saving = autosave({
    at, item, channel, status, read,
    seen: state.wishes,
    message: (wishes) => ({ do: "wishes", wishes }),
    put: show,
  });
  const element = make("form", { class: "cgw-question", "aria-label": "What the city offers and needs", onsubmit: (event) => event.preventDefault() },
    ...rows.map(({ row }) => row), languages.row, apart.row, status.line);
  saving.resume();
  return {
    element,
    status,
    stop: saving.stop,
    update(next) {
      if (next.at !== at) return false;
      saving.follow(next.wishes, "");
      return true;
    },
  };
}

export default panel(drawWishes);
