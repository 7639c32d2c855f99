// On a site without a server (JupyterLite) the kernel is in the browser, and so are the answers.

const KEEPING = "Your answers stay in this browser, on this computer; nothing is sent. Download them at the end: they are gone when its site data is cleared, or with a private window.";

const MOST = 4; // workbooks that stay open: each takes some 200 MB

/** What is different on a site, or null where there is a server. */
export function siteOf(PageConfig) {
  if (!PageConfig.getOption("citygrowSite")) return null;
  document.documentElement.dataset.citygrowSite = "";
  navigator.storage?.persist?.(); // or the browser may clear answers when room is short
  const address = new URL(PageConfig.getBaseUrl(), window.location.href).pathname;
  let recent = [];
  const code = `from citygrow_nb.site import browser\nawait browser.begin(${JSON.stringify(address)})`;
  return {
    keeping: KEEPING,
    /** A workbook came to the front, of those that are open. */
    turned(panel, open) {
      // Whoever reloads the page finds it again.
      window.history.replaceState(null, "", `${window.location.pathname}?path=${encodeURIComponent(panel.context.path)}&mode=single-document`);
      recent = [panel, ...recent.filter((each) => each !== panel && open.includes(each))];
      // Each is a Python of its own. A workbook that is closed opens again like any other; what waits to be saved, waits with it open.
      if (Object.values(window.citygrowSession?.pending ?? {}).some((items) => Object.keys(items).length)) return;
      for (const each of recent.splice(MOST)) each.dispose();
    },
    /** Let a kernel fetch the answers that the browser keeps; returns why it could not, or "". */
    async begin(kernel) {
      const { content } = await kernel.requestExecute({ code, silent: true, store_history: false }).done;
      return content.status === "error" ? content.evalue : "";
    },
  };
}
