// Saving on every change: at once for a choice, after a pause for typing; one save at a time, the latest wins.

/**
 * Save an item whenever it changes.
 *
 * @param {object} options
 *   at, item: where drafts are kept. channel: to Python. status: the status line. seen: what Python has. stamp: when that was
 *   changed. read: the item as entered now, as `{complete, value, why}`; while it cannot be saved yet `complete` is false and `why`
 *   says so. message: what to send for a value. put: show what somebody else saved. done: what else to do with a reply.
 */
function autosave({ at, item, channel, status, seen, stamp = "", read, message, put, done }) {
  const draft = drafts.get(at, item);
  const there = seen ?? null; // on disk when this form was made
  seen = (draft ? draft.seen : seen) ?? null;
  const sent = draft?.sent ?? []; // without a reply so far: it may stand on disk all the same, and is nobody else's then
  let timer;
  let busy = false;
  let again = false;
  let dirty = false;
  let changes = 0;
  const note = () => {
    changes += 1;
    dirty = true;
    const { complete, value, why } = read();
    drafts.set(at, item, { complete, value, seen, sent, stamp });
    return { complete, value, why };
  };
  const pause = () => {
    clearTimeout(timer);
    timer = undefined;
  };
  const settled = (text) => {
    pause();
    dirty = false;
    drafts.drop(at, item);
    session.lastSaved = clock();
    session.tell();
    status.show("saved", text);
  };
  /** What is said once a save that nothing was typed after is through. */
  const through = (reply) => {
    if (reply.other) put(seen); // nothing was to be changed after all, and somebody else has changed it meanwhile
    settled(reply.other ? "Changed elsewhere just now." : `Saved ${clock()}`);
  };
  const heard = (reply, value) => {
    if (reply.document) session.saved(at, reply.document);
    if (!reply.lost) sent.splice(0, sent.lastIndexOf(value) + 1);
    if (!reply.ok) return;
    seen = reply.value ?? null;
    stamp = reply.stamp;
    done?.(reply);
  };
  const save = async () => {
    pause();
    const { complete, value, why } = note();
    const begun = changes;
    if (!complete) {
      status.show("open", why);
      return;
    }
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    sent.push(value);
    drafts.set(at, item, { complete, value, seen, sent, stamp });
    status.show("busy", "Saving …");
    const late = (reply) => {
      heard(reply, value);
      if (reply.ok && changes === begun) through(reply);
    };
    const reply = await channel.send({ ...message(value), at, seen }, { late });
    busy = false;
    if (channel.closed()) {
      // The form is gone. What was not saved, the next one finds as a draft.
      if (reply.document) session.saved(at, reply.document);
      if (reply.ok && changes === begun && same(drafts.get(at, item)?.value, value)) drafts.drop(at, item);
      return;
    }
    const own = [seen, ...sent];
    heard(reply, value);
    if (again) {
      again = false;
      save();
    } else if (reply.ok) {
      if (changes === begun) through(reply); // else typed on meanwhile; the next save is on its way
    } else if (reply.theirs === undefined) {
      status.show("trouble", reply.text, ...(channel.isCut() ? [] : [choices(["Try again", save])])); // cut off, it would be in vain
    } else if (own.some((known) => same(known, reply.theirs))) {
      seen = reply.theirs;
      save(); // an own save that was answered late or never, not somebody else's
    } else {
      clash(reply.text, reply.theirs);
    }
  };
  const clash = (text, theirs) => {
    const keep = () => {
      seen = theirs;
      save();
    };
    const take = () => {
      seen = theirs;
      put(seen);
      settled("The other answer stands.");
    };
    status.show("conflict", text, choices(["Keep mine", keep], ["Take the other", take]));
  };
  /** Whether what the draft began with was changed since, and then changed back: to the store that looks like nothing. */
  const changedBack = () => draft.stamp !== undefined && draft.stamp !== stamp && same(there, seen) && !same(there, draft.value);
  return {
    now: () => save(),
    soon() {
      pause();
      note();
      if (status.line.textContent !== "…") status.show("busy", "…"); // or screen readers say it at every key
      timer = setTimeout(save, 500);
    },
    /** Go on with what was typed earlier in this browser. */
    resume() {
      if (!draft) return;
      if (changedBack()) clash("Not saved: this was changed elsewhere since you typed here. Yours is shown.", there);
      else save();
    },
    /** Take over what stands on disk, unless this is being changed: then the next save tells of the clash. */
    follow(theirs, changed = "") {
      if (dirty) return;
      stamp = changed;
      if (same(theirs, seen)) return;
      seen = theirs ?? null;
      put(seen);
      status.show("saved", "Changed elsewhere just now.");
    },
    /** Send at once what still waits for a pause in typing. */
    stop() {
      if (timer) save();
    },
  };
}
