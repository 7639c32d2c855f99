// One guide question: level, don't know or not applicable; comment; evidence. Saved on every change.

function drawQuestion({ state, channel }) {
  const { at, code, respondent } = state;
  const item = `answer|${respondent}|${code}`;
  const draft = drafts.get(at, item, state.answer, state.stamp);
  const begin = (draft ? draft.value : state.answer) ?? {};
  const name = unique("choice");
  const status = statusLine();
  const evidence = make("div");

  const options = [
    ...state.levels.map((level) => ({ value: String(level.level), title: `${level.level} · ${level.name}`, text: level.text })),
    { value: "dont_know", title: "Don't know", text: "Nobody asked so far knows. Say whom you asked, if you like." },
    { value: "not_applicable", title: "Not applicable", text: "The question does not fit this city. Say why in the comment." },
  ];
  const chosenOf = (answer) => (answer.state === "rated" ? String(answer.level) : answer.state);
  const radios = options.map((choice) => {
    const id = unique("radio");
    // A digit chooses its level, as an arrow does.
    const onkeydown = (event) => {
      const wanted = !(event.ctrlKey || event.metaKey || event.altKey) && inputs.find((other) => other.value === event.key);
      if (!wanted) return;
      wanted.focus();
      wanted.click();
    };
    const input = make("input", { type: "radio", name, id, value: choice.value, checked: chosenOf(begin) === choice.value, onkeydown, onchange: () => { mark(); saving.now(); } });
    return make("div", { class: "cgw-option" }, input, make("label", { for: id }, make("strong", {}, choice.title), make("span", {}, choice.text)));
  });
  const inputs = radios.map((row) => row.querySelector("input"));
  const chosen = () => inputs.find((input) => input.checked)?.value;

  const comment = field("Comment", begin.comment, { lines: 3, oninput: () => saving.soon(), onchange: () => saving.now() });
  const rows = [];
  const count = () => rows.forEach((row, place) => {
    row.element.setAttribute("aria-label", `Evidence ${place + 1}`);
    row.remove.setAttribute("aria-label", `Remove evidence ${place + 1}`);
  });
  const addRow = (entry = {}, focus = false) => {
    const title = field("Title", entry.title, { oninput: () => saving.soon(), onchange: () => saving.now() });
    const url = field("Link (optional)", entry.url, { type: "url", dir: "ltr", oninput: () => saving.soon(), onchange: () => saving.now(), placeholder: "https://" });
    const row = { title, url };
    row.remove = make("button", { type: "button", onclick: () => { rows.splice(rows.indexOf(row), 1); row.element.remove(); count(); more.focus(); saving.now(); } }, "Remove");
    row.element = make("div", { class: "cgw-evidence", role: "group" }, title.row, url.row, row.remove);
    rows.push(row);
    count();
    evidence.append(row.element);
    if (focus) title.control.focus();
  };
  (begin.evidence ?? []).forEach((entry) => addRow(entry));
  const more = make("button", { type: "button", onclick: () => addRow({}, true) }, "Add evidence");
  const clear = make("button", { type: "button", onclick: () => { show(null); saving.now(); inputs[0].focus(); } }, "Take this answer back");
  const others = make("p", { class: "cgw-others" });
  const showOthers = (text) => { others.textContent = text ?? ""; others.hidden = !text; };
  showOthers(state.others);
  const card = make("p", { class: "cgw-card" }, state.card);

  const before = lastTime({ before: state.before, answered: Boolean(chosenOf(begin)), confirm: (answer) => { show(answer); saving.now(); } });

  const mark = () => {
    before?.answered(chosen() !== undefined);
    const needed = chosen() === "not_applicable";
    comment.name.textContent = needed ? "Reason (needed)" : "Comment";
    comment.control.required = needed;
  };
  mark();

  const read = () => {
    const value = chosen();
    const text = comment.control.value;
    const proofs = rows.map((row) => ({ title: row.title.control.value.trim(), url: row.url.control.value.trim() })).filter((entry) => entry.title || entry.url);
    if (value === undefined) {
      const nothing = !text.trim() && proofs.length === 0;
      return nothing
        ? { complete: true, value: null }
        : { complete: false, why: "Not saved yet: choose a level, “don't know” or “not applicable”. What you typed is kept here.", value: { comment: text, evidence: proofs } };
    }
    const rated = /^\d$/.test(value);
    const answer = { state: rated ? "rated" : value, level: rated ? Number(value) : null, comment: text, evidence: proofs };
    if (value === "not_applicable" && !text.trim()) return { complete: false, why: "Not saved yet: say why the question does not apply.", value: answer };
    return { complete: true, value: answer };
  };
  const show = (answer) => {
    inputs.forEach((input) => { input.checked = chosenOf(answer ?? {}) === input.value; });
    comment.control.value = answer?.comment ?? "";
    rows.splice(0);
    evidence.replaceChildren();
    (answer?.evidence ?? []).forEach((entry) => addRow(entry));
    mark();
  };
  const saving = autosave({
    at, item, channel, status, read,
    seen: state.answer,
    stamp: state.stamp,
    message: (answer) => ({ do: "answer", code, respondent, answer }),
    put: show,
    done: (reply) => showOthers(reply.others),
  });

  const practices = state.practices.length ? make("details", { class: "cgw-practices" },
    make("summary", {}, `What ${state.practices.length === 1 ? "another city" : "other cities"} did`),
    ...state.practices.map((p) => make("div", {}, make("strong", {}, p.head), make("p", {}, p.text),
      ...p.links.map((l) => make("p", {}, make("a", { href: l.url || null, target: "_blank", rel: "noopener noreferrer" }, l.title)))))) : null;
  let textBack = () => {};

  const element = make("form", { class: "cgw-question", "aria-label": `Answer to ${code}`, onsubmit: (event) => event.preventDefault() },
    make("fieldset", {}, make("legend", {}, `${state.by ? `${state.by}: answer` : "Your answer"} to ${code}`, make("span", { class: "cgw-hidden" }, `: ${state.question}`)), state.help && make("p", { class: "cgw-hint" }, state.help), before?.element, ...radios),
    status.line, practices, card, others,
    comment.row,
    make("fieldset", { class: "cgw-proof" }, make("legend", {}, "Evidence"), make("p", { class: "cgw-hint" }, state.evidenceHint), evidence, more),
    make("p", { class: "cgw-hint" }, make("strong", {}, "Who usually knows: "), state.whoKnows),
    ...state.notes.map((note) => make("p", { class: "cgw-hint" }, make("strong", {}, "Note on the source: "), note)),
    make("p", { class: "cgw-foot" }, clear));
  saving.resume();
  const contested = make("p", { class: "cgw-confirm", dir: "auto" });
  const tellContested = (text) => {
    contested.hidden = !text;
    contested.replaceChildren(...(text ? [`${text} `, make("button", { type: "button", onclick: confirmAnew }, "Still so: agree on it anew")] : []));
  };
  const confirmAnew = async () => {
    const reply = await channel.send({ do: "confirm", code });
    status.show(reply.ok ? "saved" : "trouble", reply.text);
  };
  tellContested(state.contested);
  element.prepend(contested);

  return {
    element,
    status,
    stop() {
      textBack();
      saving.stop();
    },
    shown(el) {
      textBack = standsFor(el);
      if (window.citygrowWanted !== code) return;
      window.citygrowWanted = undefined;
      headingOf(el).scrollIntoView();
    },
    // Somebody else's answer appears here without a restart.
    update(next) {
      if (next.at !== at || next.code !== code || next.respondent !== respondent) return false;
      showOthers(next.others);
      tellContested(next.contested);
      card.textContent = next.card;
      saving.follow(next.answer, next.stamp);
      return true;
    },
  };
}

export default panel(drawQuestion);
