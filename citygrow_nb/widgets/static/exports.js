// Making the report, and downloading report, table and answers. The files come as data links made in this page.

function drawExports({ state, channel }) {
  const status = statusLine();
  const button = (what, label) => make("button", { type: "button", onclick: async (event) => {
    const pressed = event.currentTarget;
    status.show("busy", what === "report" ? "Making the report; this takes up to a minute …" : "Making the file …");
    const reply = await channel.send({ do: "export", what }, { patience: 300000 });
    if (!reply.ok) { status.show("trouble", reply.text); return; }
    const link = make("a", { href: `data:${reply.type};base64,${reply.base64}`, download: reply.file, class: "cgw-button" }, `Download ${reply.file}`);
    status.show("saved", `${reply.text} `, link);
    // Whoever works elsewhere by now stays there.
    if ([pressed, document.body].includes(document.activeElement)) link.focus();
  } }, label);
  const element = make("div", { class: "cgw-foot cgw-exports", role: "group", "aria-label": "Report and downloads" },
    button("report", "Make the HTML report"), button("xlsx", "Answers as XLSX"), button("json", "Answers as JSON"), button("backup", "Backup with persons' answers"), button("ask", "Sheets for those to ask"), button("plan", "Action plan as XLSX"), button("calendar", "Its dates for the calendar"), status.line);
  return { element, status, update: () => true };
}

export default panel(drawExports);
