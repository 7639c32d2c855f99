// Saving on every change: at once for a choice, after a pause for typing; one save at a time, the latest wins.

/**
 * Save an item whenever it changes.
 *
 * @param {object} options
 *   at, item: where drafts are kept. channel: to Python. status: the status line. read: the item as entered now, with
 *   `complete` false while it cannot be saved yet and `why` in words. message: what to send for it. theirs: show what somebody
 *   else saved.
 */
function autosave({ at, item, channel, status, read, message, theirs, done }) {
  let timer;
  let busy = false;
  let again = false;
  let changes = 0;
  const note = () => {
    changes += 1;
    const entered = read();
    drafts.set(at, item, entered);
    return entered;
  };
  const save = async (more = {}) => {
    clearTimeout(timer);
    const entered = note();
    const begun = changes;
    if (!entered.complete) {
      status.show("open", entered.why);
      return;
    }
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    status.show("busy", "Saving …");
    const reply = await channel.send({ ...message(entered), ...more });
    busy = false;
    if (reply.document) desk.saved(at, reply.document);
    if (again) {
      again = false;
      if (reply.ok) done?.(reply);
      save();
      return;
    }
    if (reply.ok) {
      done?.(reply);
      if (changes !== begun) return; // typed on meanwhile; the next save is on its way
      drafts.drop(at, item);
      status.show("saved", reply.text);
    } else if (reply.theirs !== undefined) {
      status.show(
        "conflict",
        reply.text,
        make("span", { class: "cgw-choice" },
          make("button", { type: "button", onclick: () => save({ over: true }) }, "Keep mine"),
          make("button", { type: "button", onclick: () => { drafts.drop(at, item); theirs(reply.theirs); status.show("saved", "The other answer stands."); } }, "Take the other")),
      );
    } else {
      status.show("trouble", reply.text, make("span", { class: "cgw-choice" }, make("button", { type: "button", onclick: () => save() }, "Try again")));
    }
  };
  return {
    now: () => save(),
    soon() {
      clearTimeout(timer);
      note();
      status.show("busy", "…");
      timer = setTimeout(save, 500);
    },
  };
}
