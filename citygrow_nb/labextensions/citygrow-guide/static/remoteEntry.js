// How JupyterLab and Notebook 7 load a prebuilt extension: `init` gets the modules that all extensions share, `get` gives ours.
(() => {
  const here = new URL(".", document.currentScript.src);
  let modules;
  const shared = async (name) => {
    const [version] = Object.values(modules[name] ?? {});
    if (!version) throw new Error(`citygrow-guide: this program has no ${name}`);
    return (await version.get())();
  };
  (window._JUPYTERLAB ??= {})["citygrow-guide"] = {
    init(given) {
      modules = given;
    },
    async get() {
      const { default: extension } = await import(new URL("extension.js", here));
      const plugin = await extension(shared, here);
      return () => ({ __esModule: true, default: plugin });
    },
  };
})();
