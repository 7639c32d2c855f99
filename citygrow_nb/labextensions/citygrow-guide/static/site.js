// On a site without a server (JupyterLite) the kernel is in the browser, and so are the answers.

const KEEPING = "Your answers stay in this browser, on this computer; nothing is sent. Download them at the end: they are gone when its site data is cleared, or with a private window.";

/** What is different on a site, or null where there is a server. */
export function siteOf(PageConfig) {
  if (!PageConfig.getOption("citygrowSite")) return null;
  document.documentElement.dataset.citygrowSite = "";
  navigator.storage?.persist?.(); // or the browser may clear answers when room is short
  const address = new URL(PageConfig.getBaseUrl(), window.location.href).pathname;
  const code = `from citygrow_nb.site import browser\nawait browser.begin(${JSON.stringify(address)})`;
  return {
    keeping: KEEPING,
    /** A workbook came to the front: whoever reloads the page finds it again. */
    turned(panel) {
      window.history.replaceState(null, "", `${window.location.pathname}?path=${encodeURIComponent(panel.context.path)}&mode=single-document`);
    },
    /** Let a kernel fetch the answers that the browser keeps; returns why it could not, or "". */
    async begin(kernel) {
      const { content } = await kernel.requestExecute({ code, silent: true, store_history: false }).done;
      return content.status === "error" ? content.evalue : "";
    },
  };
}
