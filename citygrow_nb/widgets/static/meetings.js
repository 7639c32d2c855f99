// The minutes: who met, when, and what else was said. Saved on every change.

const NOTES = [["held_on", "When", 1], ["present", "Who met: departments and partners, one a line; no personal name is needed", 4], ["remarks", "What else was said or decided", 3]];

function drawMeetings({ state, channel }) {
  const { at } = state;
  const cards = cardList({
    at, channel,
    kind: "meeting",
    legend: "Meeting",
    label: "Minutes",
    words: { add: "Add a meeting", remove: "Remove this meeting", removed: "The meeting is removed." },
    entries: Object.entries(state.meetings),
    stamps: state.stamps,
    build({ typed }) {
      const own = Object.fromEntries(NOTES.map(([name, text, lines]) => [name, field(text, "", { ...typed, lines })]));
      return {
        rows: NOTES.map(([name]) => own[name].row),
        first: own.held_on.control,
        show: (meeting) => NOTES.forEach(([name]) => { own[name].control.value = meeting?.[name] ?? ""; }),
        read() {
          const value = Object.fromEntries(NOTES.map(([name]) => [name, own[name].control.value]));
          return { complete: NOTES.some(([name]) => value[name].trim()), why: "Not saved yet: say when, or who met.", value };
        },
      };
    },
  });
  return {
    ...cards,
    update(next) {
      if (next.at !== at) return false;
      cards.follow(Object.entries(next.meetings), next.stamps);
      return true;
    },
  };
}

export default panel(drawMeetings);
