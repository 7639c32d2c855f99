// A list of cards that people add, change and remove, such as the lines of an action plan. Each is saved on every change.

/**
 * @param {object} options
 *   at, channel: as for saving. kind: what drafts and messages call an entry. legend, label: what people call one, and all. words: of
 *   its buttons, and what is said once one is removed. entries: pairs of id and saved value; stamps: when each was changed. build: makes
 *   the fields of a card from what to do when something is typed or chosen, as `{rows, first, show, read}`; what `read` returns is
 *   `{complete, value, why}`.
 */
function cardList({ at, channel, kind, legend, label, words, entries, stamps, build }) {
  const status = statusLine();
  const list = make("div");
  const cards = new Map();

  const addCard = (id, saved, changed) => {
    const item = `${kind}||${id}`;
    const draft = drafts.get(at, item, saved, changed);
    const told = statusLine();
    let removed = draft?.value === null;
    const own = build({ typed: { oninput: () => saving.soon(), onchange: () => saving.now() }, changed: () => saving.now(), id });
    const remove = make("button", { type: "button", onclick: () => { removed = true; body.hidden = true; more.focus(); saving.now(); } }, words.remove);
    const body = make("div", {}, ...own.rows, make("p", { class: "cgw-foot" }, remove));
    const element = make("fieldset", { class: "cgw-question" }, make("legend", {}, legend), body, told.line);
    const gone = () => {
      if (element.contains(document.activeElement)) more.focus();
      element.remove();
      cards.delete(id);
    };
    const show = (value) => {
      if (value === null) return gone();
      removed = false;
      body.hidden = false;
      own.show(value);
    };
    const saving = autosave({
      at, item, channel,
      read: () => (removed ? { complete: true, value: null } : own.read()),
      status: told,
      seen: saved,
      stamp: changed,
      message: (value) => ({ do: kind, id, [kind]: value }),
      put: show,
      done: (reply) => {
        if (!removed || reply.value) return;
        gone();
        status.show("saved", words.removed);
      },
    });
    show((draft ? draft.value : saved) ?? undefined);
    body.hidden = removed = draft?.value === null;
    cards.set(id, saving);
    list.append(element);
    saving.resume();
    return own.first;
  };

  const newId = () => Math.random().toString(36).slice(2, 10).padEnd(8, "0");
  const more = make("button", { type: "button", onclick: () => addCard(newId(), null).focus() }, words.add);
  for (const [id, value] of entries) addCard(id, value, stamps[id]);
  for (const id of drafts.codes(at, kind)) if (!cards.has(id)) addCard(id, null);
  const element = make("form", { "aria-label": label, onsubmit: (event) => event.preventDefault() }, list, make("p", { class: "cgw-foot" }, more), status.line);
  return {
    element,
    status,
    stop: () => cards.forEach((saving) => saving.stop()),
    /** Take over what somebody else has saved. */
    follow(entries, stamps) {
      const there = new Map(entries);
      for (const [id, saving] of [...cards]) saving.follow(there.get(id), stamps[id]);
      for (const [id, value] of there) if (!cards.has(id)) addCard(id, value, stamps[id]);
    },
  };
}
